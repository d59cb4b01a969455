package sandbox

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/ringback/ringback/internal/netguard"
	"github.com/ringback/ringback/sandbox/internal/console"
	"github.com/ringback/ringback/sandbox/internal/control"
	"github.com/ringback/ringback/sandbox/internal/vccapi"
)

// handler is everything that answers, behind everything that refuses.
func (s *Sandbox) handler(key []byte, inner http.Handler) http.Handler {
	o := &s.options
	_, port, _ := net.SplitHostPort(s.listener.Addr().String())
	g := &netguard.Guard{Port: port, Public: o.PublicHost, Secure: o.tls(), Plain: o.InsecureHTTP && !o.tls(), Pages: []string{"/", "/login"}}
	d := &door{
		badge: newBadge(key, s.credentials.ID, s.credentials.Secret),
		id:    s.credentials.ID, secret: s.credentials.Secret,
		secure:   func(req *http.Request) bool { return o.tls() || g.IsPublic(req.Host) && !g.Plain },
		guesses:  &guesses{},
		loopback: !o.login(),
	}
	return headers(o.shielded(admitted(g, streams(s.closing, bounded(d.wrap(inner))))))
}

// admitted hands on what the guard lets in.
func admitted(g *netguard.Guard, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if err := g.Check(req); err != nil {
			refuse(w, http.StatusForbidden, err.Error())
			return
		}
		next.ServeHTTP(w, req)
	})
}

// routes are the parts of the sandbox.
func (s *Sandbox) routes(key []byte) http.Handler {
	o := &s.options
	subscriptions := &vccapi.Subscriptions{Store: s.store, Rules: vccapi.Rules{Allow: o.Allow}, Changed: s.room.SubscriptionsChanged}
	api := vccapi.New(vccapi.Options{Subscriptions: subscriptions, ClientID: s.credentials.ID, ClientSecret: s.credentials.Secret,
		TokenKey: key, Limit: vccapi.Limit(o.RateLimit), Log: o.trouble()})
	mux := http.NewServeMux()
	mux.Handle(vccapi.TokenPath, api)
	mux.Handle(vccapi.BasePath+"/", api)
	mux.Handle(control.Prefix+"/", control.New(control.Options{
		Store: s.store, Room: s.room, Subscriptions: subscriptions, Version: o.Version, ClientID: s.credentials.ID,
		TokenURL: s.URL() + vccapi.TokenPath, APIBase: s.URL() + vccapi.BasePath, Speed: o.Speed, Propagation: o.Propagation, Assume: o.Assume,
		Log: func(line string) { o.say("%s", line) },
	}))
	mux.Handle("/", console.New())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("GET /readyz", s.ready)
	return mux
}

// ready tells whether the store answers.
func (s *Sandbox) ready(w http.ResponseWriter, req *http.Request) {
	ctx, cancel := context.WithTimeout(req.Context(), 2*time.Second)
	defer cancel()
	if _, err := s.store.Setting(ctx, settingID); err != nil || s.closing.Err() != nil {
		refuse(w, http.StatusServiceUnavailable, "the store does not answer")
		return
	}
	answer(w, http.StatusOK, map[string]string{"status": "ok"})
}
