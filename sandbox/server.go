package sandbox

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/netguard"
	"github.com/ringback/ringback/sandbox/internal/console"
	"github.com/ringback/ringback/sandbox/internal/control"
	"github.com/ringback/ringback/sandbox/internal/vccapi"
)

// handler puts the parts behind the checks that every request must pass.
func (s *Sandbox) handler(key []byte, inner http.Handler) http.Handler {
	o := &s.options
	_, port, _ := net.SplitHostPort(s.listener.Addr().String())
	g := &netguard.Guard{Port: port, Public: o.PublicHost, Secure: o.tls(), Plain: o.InsecureHTTP && !o.tls(), Pages: []string{"/", "/login"}}
	l := &login{
		sessions: newSessions(key, s.credentials.ID, s.credentials.Secret),
		id:       s.credentials.ID, secret: s.credentials.Secret,
		secure:   func(req *http.Request) bool { return o.tls() || g.IsPublic(req.Host) && !g.Plain },
		failures: &failures{},
		loopback: !o.login(),
	}
	return headers(o.recovered(admitted(g, streams(s.closing, bounded(l.wrap(inner))))))
}

// admitted passes on the requests that the guard admits.
func admitted(g *netguard.Guard, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if err := g.Check(req); err != nil {
			refuse(w, http.StatusForbidden, err.Error())
			return
		}
		next.ServeHTTP(w, req)
	})
}

// routes are the handlers of the sandbox.
func (s *Sandbox) routes(key []byte) http.Handler {
	o := &s.options
	subscriptions := &vccapi.Subscriptions{Store: s.store, Rules: vccapi.Rules{Allow: o.Allow}, Changed: s.engine.SubscriptionsChanged}
	api := vccapi.New(vccapi.Options{Subscriptions: subscriptions, ClientID: s.credentials.ID, ClientSecret: s.credentials.Secret,
		TokenKey: key, Limit: vccapi.Limit(o.RateLimit), Log: o.logger()})
	mux := http.NewServeMux()
	mux.Handle(vccapi.TokenPath, api)
	mux.Handle(vccapi.BasePath+"/", api)
	mux.Handle(control.Prefix+"/", control.New(control.Options{
		Store: s.store, Engine: s.engine, Subscriptions: subscriptions, Version: o.Version, ClientID: s.credentials.ID,
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

// ready reports whether the store responds.
func (s *Sandbox) ready(w http.ResponseWriter, req *http.Request) {
	ctx, cancel := context.WithTimeout(req.Context(), 2*time.Second)
	defer cancel()
	if _, err := s.store.Setting(ctx, settingID); err != nil || s.closing.Err() != nil {
		refuse(w, http.StatusServiceUnavailable, "the store does not respond")
		return
	}
	answer(w, http.StatusOK, map[string]string{"status": "ok"})
}

// headers sets the headers of every response; a handler may replace them.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, req)
	})
}

// recovered answers a panic with 500 and no detail. The log gets the path without its query, and
// the stack, but no other value of the request.
func (o *Options) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		recorded := &recorder{ResponseWriter: w}
		began := time.Now()
		defer func() {
			defer o.accessed(req, recorded, began)
			what := recover()
			if what == nil {
				return
			}
			if what == http.ErrAbortHandler {
				panic(what)
			}
			o.say("panic at %s %.100q: %s\n%s", req.Method, req.URL.Path, describe(what), debug.Stack())
			if recorded.status == 0 {
				refuse(recorded, http.StatusInternalServerError, "internal error; see the log of the sandbox")
			}
		}()
		next.ServeHTTP(recorded, req)
	})
}

// accessed writes a line of the access log: no query, no header, no body.
func (o *Options) accessed(req *http.Request, w *recorder, began time.Time) {
	if !o.AccessLog {
		return
	}
	o.say("%s %.100q %d %d bytes %s", req.Method, req.URL.Path, w.status, w.size, time.Since(began).Round(10*time.Microsecond))
}

// describe is the message of a runtime error. Other values may contain secrets.
func describe(what any) string {
	if err, ok := what.(runtime.Error); ok {
		return strings.TrimPrefix(err.Error(), "runtime error: ")
	}
	return "a value that is not shown"
}

// recorder records the status and the size of a response.
type recorder struct {
	http.ResponseWriter
	status int
	size   int64
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.size += int64(n)
	return n, err
}

// Flush makes recorder an http.Flusher.
func (w *recorder) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Unwrap is for http.ResponseController.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Limits of one request, generous for a user of the same machine.
const (
	maxBody    = 1 << 20 // bytes; the vendor API allows less
	maxHeader  = 32 << 10
	headerTime = 5 * time.Second
	readTime   = 15 * time.Second
	writeTime  = 60 * time.Second
	idleTime   = 2 * time.Minute

	streamPath = control.Prefix + "/events"
)

// bounded limits the size of request bodies.
func bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.ContentLength > maxBody {
			refuse(w, http.StatusRequestEntityTooLarge, "the body is larger than 1 MiB")
			return
		}
		req.Body = http.MaxBytesReader(w, req.Body, maxBody)
		next.ServeHTTP(w, req)
	})
}

// streams exempts the event stream from the time limits, until closing ends. The control API has
// limits of its own: how many clients may listen, and how long it waits for a slow one.
func streams(closing context.Context, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path != streamPath || req.Method != http.MethodGet {
			next.ServeHTTP(w, req)
			return
		}
		ctx, cancel := context.WithCancel(req.Context())
		defer cancel()
		defer context.AfterFunc(closing, cancel)()
		_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
		next.ServeHTTP(w, req.WithContext(ctx))
	})
}

// refuse answers with an error, in the form of both APIs.
func refuse(w http.ResponseWriter, status int, message string) {
	answer(w, status, map[string]string{"message": message})
}

// answer answers with a JSON object.
func answer(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"message":"internal error"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // the client has gone
}
