package sandbox

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/netguard"
	"github.com/ringback/ringback/sandbox/internal/console"
	"github.com/ringback/ringback/sandbox/internal/control"
	"github.com/ringback/ringback/sandbox/internal/vccapi"
	"github.com/ringback/ringback/scenario/assume"
)

// handler puts the parts behind the checks that every request must pass.
func (s *Sandbox) handler(key []byte, inner http.Handler) http.Handler {
	o := &s.options
	_, port, _ := net.SplitHostPort(s.listener.Addr().String())
	g := &netguard.Guard{Port: port, Public: o.PublicHost, Secure: o.tls(), Plain: o.InsecureHTTP && !o.tls(), Pages: []string{"/", "/login"}}
	l := &login{
		sessions: newSessions(key, s.credentials.ID, s.credentials.Secret),
		id:       s.credentials.ID, secret: s.credentials.Secret,
		secure:  func(req *http.Request) bool { return o.tls() || g.IsPublic(req.Host) && !g.Plain },
		guesses: s.guesses,
	}
	next := inner
	if o.login() {
		next = l.wrap(inner)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		protect(w.Header())
		recorded := &recorder{ResponseWriter: w}
		defer o.ended(recorded, req, time.Now())
		switch err := g.Check(req); {
		case err != nil:
			refuse(recorded, http.StatusForbidden, err.Error())
		case req.ContentLength > maxBody:
			refuse(recorded, http.StatusRequestEntityTooLarge, "the body is larger than 1 MiB")
		default:
			req.Body = http.MaxBytesReader(recorded, req.Body, maxBody)
			s.pass(next, recorded, req)
		}
	})
}

// pass passes a request on. It exempts the event stream from the time limits, until the sandbox
// closes: the control API has limits of its own, how many clients may listen, and how long it waits
// for a slow one. The planning of a run ends then, too: it may take longer than anybody waits.
func (s *Sandbox) pass(next http.Handler, w http.ResponseWriter, req *http.Request) {
	streams := req.URL.Path == streamPath && req.Method == http.MethodGet
	// A request that waits for what becomes of a run has a limit of its own, too.
	waits := (req.URL.Path == runsPath || strings.HasPrefix(req.URL.Path, runsPath+"/")) && req.URL.Query().Has("until")
	if streams || waits || req.URL.Path == runsPath && req.Method == http.MethodPost {
		ctx, cancel := context.WithCancel(req.Context())
		defer cancel()
		defer context.AfterFunc(s.closing, cancel)()
		req = req.WithContext(ctx)
	}
	if streams || waits {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	}
	next.ServeHTTP(w, req)
}

// routes are the handlers of the sandbox, of which so many may be streams at once.
func (s *Sandbox) routes(key []byte, streams int) http.Handler {
	o := &s.options
	subscriptions := &vccapi.Subscriptions{Store: s.store, Rules: vccapi.Rules{Allow: o.Allow}, Changed: s.engine.SubscriptionsChanged,
		Warn: func(text string) { o.say("warning: %s", text) }}
	missingScope, _ := strconv.Atoi(o.Assume.Get(assume.MissingScope)) // "" is the default of both
	api := vccapi.New(vccapi.Options{Subscriptions: subscriptions, ClientID: s.credentials.ID, ClientSecret: s.credentials.Secret,
		Scopes: o.ClientScopes, MissingScope: missingScope, TokenKey: key, Limit: vccapi.Limit(o.RateLimit), Guesses: s.guesses, Log: o.logger()})
	mux := http.NewServeMux()
	mux.Handle(vccapi.TokenPath, api)
	mux.Handle(vccapi.BasePath+"/", api)
	mux.Handle(control.Prefix+"/", control.New(control.Options{
		Store: s.store, Engine: s.engine, Subscriptions: subscriptions, Version: o.Version, ClientID: s.credentials.ID,
		TokenURL: s.URL() + vccapi.TokenPath, APIBase: s.URL() + vccapi.BasePath, Speed: o.Speed, Propagation: o.Propagation, Unordered: o.Unordered, Assume: o.Assume, Streams: streams,
		Log: func(line string) { o.say("%s", line) },
	}))
	mux.Handle("/", console.New())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("GET /readyz", s.ready)
	return mux
}

// ready reports whether the store responds, and takes what comes.
func (s *Sandbox) ready(w http.ResponseWriter, req *http.Request) {
	ctx, cancel := context.WithTimeout(req.Context(), 2*time.Second)
	defer cancel()
	_, err := s.store.Setting(ctx, settingID)
	s.store.Look(ctx)
	switch now := s.engine.Storage(); {
	case now.Paused:
		refuse(w, http.StatusServiceUnavailable, now.Reason)
	case s.closing.Err() != nil:
		refuse(w, http.StatusServiceUnavailable, "the sandbox is closing")
	case err != nil:
		refuse(w, http.StatusServiceUnavailable, "the store does not respond")
	default:
		answer(w, http.StatusOK, map[string]string{"status": "ok"})
	}
}

// protect sets the headers of every response; a handler may replace them.
func protect(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("Cache-Control", "no-store")
}

// ended answers a panic with 500 and no detail. The log gets the path without its query, and the
// stack, but no other value of the request; so does the access log.
func (o *Options) ended(w *recorder, req *http.Request, began time.Time) {
	if o.AccessLog {
		defer func() {
			o.say("%s %.100q %d %d bytes %s", req.Method, req.URL.Path, w.status, w.size, time.Since(began).Round(10*time.Microsecond))
		}()
	}
	switch what := recover(); what {
	case nil:
	case http.ErrAbortHandler:
		panic(what)
	default:
		text := "a value that is not shown" // it may contain secrets
		if err, ok := what.(runtime.Error); ok {
			text = strings.TrimPrefix(err.Error(), "runtime error: ")
		}
		o.say("panic at %s %.100q: %s\n%s", req.Method, req.URL.Path, text, debug.Stack())
		if w.status == 0 {
			refuse(w, http.StatusInternalServerError, "internal error; see the log of the sandbox")
		}
	}
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
	runsPath   = control.Prefix + "/runs"
)

// refuse answers with an error, in the form of both APIs.
func refuse(w http.ResponseWriter, status int, message string) {
	answer(w, status, map[string]string{"message": message})
}

// answer answers with a JSON object.
func answer(w http.ResponseWriter, status int, members map[string]string) {
	text, _ := json.Marshal(members) // texts can always be encoded
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // fails when the client has gone
}
