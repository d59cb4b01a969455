package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/valyala/fasthttp"
)

// call tells the state of a conversation.
func (s *server) call(w http.ResponseWriter, r *http.Request) {
	list := s.store.Conversation(strings.ToLower(r.PathValue("id")))
	w.Header().Set("Content-Type", "application/json")
	if len(list) == 0 {
		w.WriteHeader(404)
		io.WriteString(w, "null\n")
		return
	}
	type one struct {
		ChannelID     string             `json:"channelId"`
		InteractionID string             `json:"interactionId,omitempty"`
		AgentID       string             `json:"agentId,omitempty"`
		Role          string             `json:"role,omitempty"`
		Phase         string             `json:"phase"`
		Seconds       map[string]float64 `json:"seconds"`
		Notifications *int               `json:"notifications,omitempty"`
	}
	out := map[string]any{}
	var chans []one
	for _, c := range list {
		o := one{ChannelID: c.ID, InteractionID: c.Interaction, AgentID: c.Agent, Role: c.Role, Phase: c.phase(), Seconds: seconds(c, nil), Notifications: &c.Notifications}
		if does("tells-little") {
			o = one{ChannelID: c.ID, Phase: o.Phase, Seconds: o.Seconds}
		}
		chans = append(chans, o)
	}
	out["channels"] = chans
	if !does("tells-little") {
		f := figures(list)
		out["answered"], out["abandoned"], out["seconds_to_answer"] = f.Answered, f.Abandoned, f.ToAnswer
		out["talk"], out["hold"], out["wrap"], out["agents"], out["transfers"] = f.Talk, f.Hold, f.Wrap, f.Agents, f.Transfers
	}
	json.NewEncoder(w).Encode(out)
}

// oneAtATime serves one request at a time, and one per connection.
func oneAtATime(h http.Handler) http.Handler {
	var mu sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		if r.Method == http.MethodPost {
			body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
			if err != nil {
				w.WriteHeader(400)
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		mu.Lock()
		defer mu.Unlock()
		h.ServeHTTP(w, r)
	})
}

// serveFast serves with fasthttp, which leaves the names of headers alone if told so.
func serveFast(ln net.Listener, h http.Handler) error {
	return (&fasthttp.Server{DisableHeaderNamesNormalizing: true, Handler: func(ctx *fasthttp.RequestCtx) {
		r, err := http.NewRequest(string(ctx.Method()), "http://localhost"+string(ctx.RequestURI()), bytes.NewReader(ctx.PostBody()))
		if err != nil {
			ctx.SetStatusCode(400)
			return
		}
		for k, v := range ctx.Request.Header.All() {
			r.Header[string(k)] = []string{string(v)}
		}
		w := &recorder{header: http.Header{}, status: 200}
		h.ServeHTTP(w, r)
		for k := range w.header {
			ctx.Response.Header.Set(k, w.header.Get(k))
		}
		ctx.SetStatusCode(w.status)
		ctx.Write(w.body.Bytes())
	}}).Serve(ln)
}

type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(s int)           { r.status = s }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }
