package snapshots

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/interop/broken/internal/stories"
	"github.com/ringback/ringback/plan"
)

// kit provokes a consumer, and collects what is wrong with it.
type kit struct {
	t     *testing.T
	c     stories.Consumer
	wrong []string
	limit time.Duration // for an answer; 0: 10 s
}

func (k *kit) expect(what string, got, want any) {
	if fmt.Sprint(got) != fmt.Sprint(want) {
		k.wrong = append(k.wrong, fmt.Sprintf("%s: %v, want %v", what, got, want))
	}
}

// ev is a notification that is made by hand. What is left out is usual.
type ev struct {
	kind, version, id, source, conv, inter, ch, role, agent string
	at                                                      time.Duration // after the start
	stamp, sent                                             string
	reason                                                  string
}

var ids int // of notifications that have none; tests of this package do not run in parallel

func (e ev) body() []byte {
	or := func(text *string, usual string) {
		if *text == "" {
			*text = usual
		}
	}
	or(&e.version, "v0")
	or(&e.conv, "c0000000-0000-4000-8000-000000000001")
	or(&e.inter, "10000000-0000-4000-8000-000000000001")
	or(&e.ch, "a0000000-0000-4000-8000-000000000001")
	or(&e.source, "/channel")
	or(&e.role, "agent")
	if e.role == "agent" || e.role == "monitor" {
		or(&e.agent, "0150")
	}
	at := stories.Start().Add(e.at)
	or(&e.stamp, at.Format("2006-01-02T15:04:05.000Z"))
	or(&e.sent, at.Add(400*time.Millisecond).Format("2006-01-02T15:04:05.0000000Z"))
	if e.id == "" {
		ids++
		e.id = fmt.Sprintf("2VejGqWZPqHXHVNcfU%09d", ids)
	}
	party := map[string]any{"role": e.role}
	if e.agent != "" {
		party["agentId"], party["userId"] = e.agent, "ef71f453-556a-3abc-7769-bc678ef6e090"
	}
	data, err := json.Marshal(map[string]any{"timestamp": e.stamp, "channel": map[string]any{
		"conversationId": e.conv, "interactionId": e.inter, "channelId": e.ch, "party": party}})
	if err != nil {
		panic(err)
	}
	if e.kind == "ended" {
		or(&e.reason, "released")
		data = append(data[:len(data)-1], `,"reason":"`+e.reason+`"}`...)
	}
	return fmt.Appendf(nil, `{"specversion":"1.0","type":"channel.%s.%s","id":"%s","source":"%s","subject":"%s","time":"%s","datacontenttype":"application/json","data":%s}`,
		e.kind, e.version, e.id, e.source, e.ch, e.sent, data)
}

// life is the notifications of one channel, one after the other: a kind, and a moment in seconds.
func life(e ev, all ...any) (bodies [][]byte) {
	for i := 0; i < len(all); i += 2 {
		e := e
		e.kind = all[i].(string)
		e.at = time.Duration(toFloat(all[i+1]) * float64(time.Second))
		bodies = append(bodies, e.body())
	}
	return bodies
}

func toFloat(v any) float64 {
	if n, is := v.(int); is {
		return float64(n)
	}
	return v.(float64)
}

// post sends bodies. Each must be accepted.
func (k *kit) post(bodies ...[]byte) {
	for i, b := range bodies {
		if status := k.c.Post(k.t, b); status < 200 || status > 205 {
			k.wrong = append(k.wrong, fmt.Sprintf("status %d for notification %d", status, i+1))
		}
	}
}

// with sends a body with a request that is changed, and wants a status.
func (k *kit) with(body []byte, want int, change func(*http.Request)) {
	r := k.c.Request(k.t, body)
	k.expect("status", k.within(r, change), want)
}

// within sends a request that is changed, and returns the status; 0 if it took too long.
func (k *kit) within(r *http.Request, change func(*http.Request)) (status int) {
	limit := cmp.Or(k.limit, 10*time.Second)
	ctx, cancel := context.WithTimeout(k.t.Context(), limit)
	defer cancel()
	r = r.WithContext(ctx)
	change(r)
	begun := time.Now()
	if status = k.c.Send(r); time.Since(begun) >= limit {
		return 0
	}
	return status
}

// token sends a body with another token, and wants a status.
func (k *kit) token(token string, body []byte, want int) {
	k.with(body, want, func(r *http.Request) { r.Header.Set("Vonage-Signature", token) })
}

// jwt makes a token as the documentation says, changed.
func jwt(alg string, key []byte, claims string) string {
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(`{"alg":"`+alg+`","typ":"JWT"}`)) + "." + encode([]byte(claims))
	return text + "." + encode(macOf(key, text))
}

// claims are those of a body, issued at a moment.
func claims(body []byte, iat time.Time) string {
	return fmt.Sprintf(`{"iat":%d,"jti":"1","iss":"Vonage","payload_hash":"%s","exp":%d}`, iat.Unix(), hashOf(body), iat.Unix()+300)
}

// told is the channel as it is told; the usual one if id is "".
func (k *kit) told(conv, id string) map[string]any {
	if conv == "" {
		conv = "c0000000-0000-4000-8000-000000000001"
	}
	if id == "" {
		id = "a0000000-0000-4000-8000-000000000001"
	}
	return stories.Channel(k.c.State(k.t, conv), id)
}

// want compares what is told of the usual channel: its phase, its number of notifications, and
// seconds by phase.
func (k *kit) want(phase string, count int, seconds ...any) {
	m := k.told("", "")
	k.expect("phase", m["phase"], phase)
	k.expect("notifications", m["notifications"], count)
	all, _ := m["seconds"].(map[string]any)
	for i := 0; i < len(seconds); i += 2 {
		got, _ := all[seconds[i].(string)].(float64)
		if math.Abs(got-toFloat(seconds[i+1])) > 0.001 {
			k.expect(seconds[i].(string), got, seconds[i+1])
		}
	}
}

// story plays a ready-made story, and compares it with the truth.
func (k *kit) story(name string, o plan.Options, arrange ...func([][]byte) [][]byte) {
	s := stories.Load(k.t, name, o)
	for _, f := range arrange {
		s.Bodies = f(s.Bodies)
	}
	k.post(s.Bodies...)
	k.wrong = append(k.wrong, k.c.Differences(k.t, &s.Truth)...)
}

func reversed(b [][]byte) [][]byte { b = slices.Clone(b); slices.Reverse(b); return b }
func twice(b [][]byte) [][]byte    { return slices.Concat(b, b) }

// at once posts bodies at the same time.
func (k *kit) atOnce(bodies ...[]byte) {
	var all sync.WaitGroup
	for _, b := range bodies {
		all.Go(func() { k.c.Post(k.t, b) })
	}
	all.Wait()
}

// chunked is a body whose length is not told.
func chunked(body []byte) func(*http.Request) {
	return func(r *http.Request) {
		r.GetBody, r.ContentLength, r.Body = nil, -1, io.NopCloser(bytes.NewReader(body))
	}
}

// slow is a body in pieces with pauses.
func slow(body []byte, pieces int, pause time.Duration) func(*http.Request) {
	return func(r *http.Request) {
		r.GetBody, r.Body = nil, io.NopCloser(&pieced{body, len(body)/pieces + 1, pause})
	}
}

type pieced struct {
	rest  []byte
	size  int
	pause time.Duration
}

func (p *pieced) Read(b []byte) (int, error) {
	if len(p.rest) == 0 {
		return 0, io.EOF
	}
	time.Sleep(p.pause)
	n := copy(b, p.rest[:min(p.size, len(p.rest))])
	p.rest = p.rest[n:]
	return n, nil
}

// cutOff is a body that breaks off in its middle.
func cutOff(body []byte, at int) func(*http.Request) {
	return func(r *http.Request) {
		r.GetBody, r.Body = nil, cut{io.NopCloser(io.MultiReader(bytes.NewReader(body[:at]), broken{})), body[:at]}
	}
}

// cut is a body that fails after a part of it was sent.
type cut struct {
	io.ReadCloser
	sent []byte
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, stories.ErrStopped }

// replaced changes a text in a body.
func replaced(body []byte, old, new string) []byte {
	if !strings.Contains(string(body), old) {
		panic("no " + old)
	}
	return []byte(strings.Replace(string(body), old, new, 1))
}
