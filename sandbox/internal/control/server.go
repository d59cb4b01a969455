// Package control is the control API of the sandbox, under /sandbox/v1.
//
// Requests of the console, of scripts and of tests come in; responses in JSON, and a stream of
// events, go out. It promises that its OpenAPI document, which it serves, holds for every
// response, that a bad request changes nothing and gets an error that explains it, and that a
// secret is shown only once, to whoever created or rotated it. It never decides who may ask:
// package sandbox checks that before.
package control

import (
	"context"
	_ "embed"
	"net/http"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/engine"
	"github.com/ringback/ringback/sandbox/internal/figures"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/sandbox/internal/vccapi"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/assume"
)

// Prefix is where all paths of the control API begin.
const Prefix = "/sandbox/v1"

// Options of the API. Store, Engine and Subscriptions must be given.
type Options struct {
	Store         *store.Store
	Engine        Engine
	Subscriptions *vccapi.Subscriptions
	Version       string        // of the program
	ClientID      string        // of the vendor API; its secret is not needed here
	TokenURL      string        // of the vendor API
	APIBase       string        // of the vendor API: where its paths begin
	Speed         float64       // of the retry schedule, as the engine has it; 0: 1
	Propagation   time.Duration // of changes of subscriptions, as the engine has it
	Unordered     bool          // nothing waits within a conversation, as the engine has it
	Assume        assume.Set    // of deliveries, as the engine has it
	Streams       int           // event streams open at once; 0: maxStreams, and never more
	Log           func(string)  // gets internal errors, a line each; nil: nobody does
}

// Engine is what the API needs of the engine.
type Engine interface {
	StartRun(ctx context.Context, p engine.Play) (store.Run, error)
	PauseRun(ctx context.Context, id string) (store.Run, error)
	ResumeRun(ctx context.Context, id string) (store.Run, error)
	StopRun(ctx context.Context, id string) (store.Run, error)
	SetRunSpeed(ctx context.Context, id string, speed float64) (store.Run, error)
	Begin(ctx context.Context, o engine.Opening) (engine.Live, error)
	Do(ctx context.Context, conversation string, s engine.Step) (engine.Live, error)
	Conversations(limit int) []engine.Live
	Activity() engine.Activity
	Failing() engine.Failing
	Agents() []engine.Agent
	SetPresence(ctx context.Context, agent, presence string) (engine.Agent, error)
	Resend(ctx context.Context, all []store.Again, kind string) ([]store.Delivery, error)
	InjectFault(a engine.InjectedFault) error
	InjectedFaults() []engine.InjectedFault
	ClearFaults()
	Listen(ctx context.Context) <-chan engine.Message
	Together() engine.Together
	Storage() engine.Storage
	Connections() engine.Connections
	Reset(ctx context.Context) error
	Try(ctx context.Context, subscription string) (status int, failure string, err error)
	Settled(ctx context.Context, run string) (store.Run, error)
	Truth(ctx context.Context, run store.Run, most int) (channels []plan.ChannelTruth, left uint64, err error)
}

var _ Engine = (*engine.Engine)(nil)

// handler answers the requests.
type handler struct {
	Options
	mux     *http.ServeMux
	library library
	streams atomic.Int64  // open ones
	waits   atomic.Int64  // requests that wait for what becomes of a run
	work    chan struct{} // holds the requests that read a text or plan it
	waiting atomic.Int64  // for that
	reader  figures.Reader
	busy    sync.Map // idempotency keys of requests in progress
}

// New makes the handler of all paths below Prefix.
func New(o Options) http.Handler {
	if o.Log == nil {
		o.Log = func(string) {}
	}
	if o.Speed == 0 {
		o.Speed = 1
	}
	if o.Streams <= 0 || o.Streams > maxStreams {
		o.Streams = maxStreams
	}
	h := &handler{Options: o, mux: http.NewServeMux(), work: make(chan struct{}, maxWork)}
	h.reader = figures.Reader{Store: o.Store, Version: o.Version, Text: h.text}
	for _, rt := range routes() {
		h.mux.HandleFunc(rt.method+" "+Prefix+rt.path, h.serve(rt))
	}
	h.mux.HandleFunc("/", h.unrouted)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isClean(r) {
			h.mux.ServeHTTP(w, r)
		} else {
			h.unrouted(w, r)
		}
	})
}

// route is an operation of the API. Exactly one of do and raw is given.
type route struct {
	method, path string
	do           func(*handler, *http.Request) (any, error)
	raw          func(*handler, http.ResponseWriter, *http.Request) error // writes the response itself
	then         func(*handler, *http.Request, any) (any, error)          // waits, and answers instead; nil: nothing does
	once         bool                                                     // supports Idempotency-Key
	created      bool                                                     // status 201
	plain        bool                                                     // refuses query parameters
	bare         bool                                                     // refuses a body with members
	heavy        bool                                                     // reads a text or plans it, which takes memory and time
}

// routes lists all operations.
func routes() []route {
	const get, post, put, patch, remove = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	return []route{
		{method: get, path: "/state", do: (*handler).state, plain: true},
		{method: post, path: "/reset", do: (*handler).reset, bare: true},
		{method: get, path: "/events", raw: (*handler).events},
		{method: get, path: "/openapi.json", raw: asIs("application/json", []byte(document))},
		{method: get, path: "/schema", raw: asIs("application/schema+json", scenario.Schema())},
		{method: get, path: "/explain", do: (*handler).explained},

		{method: get, path: "/scenarios", do: (*handler).scenarios, heavy: true},
		{method: post, path: "/scenarios/check", do: (*handler).check, heavy: true},
		{method: get, path: "/scenarios/{name}", do: (*handler).scenario},
		{method: put, path: "/scenarios/{name}", do: (*handler).saveScenario, heavy: true},
		{method: remove, path: "/scenarios/{name}", do: (*handler).deleteScenario},

		{method: get, path: "/runs", do: (*handler).runs, plain: true},
		{method: post, path: "/runs", do: (*handler).startRun, then: (*handler).awaited, once: true, created: true, heavy: true},
		{method: get, path: "/runs/{id}", do: (*handler).run, then: (*handler).awaited},
		{method: get, path: "/runs/{id}/figures", do: (*handler).figures, plain: true},
		{method: get, path: "/runs/{id}/report", raw: (*handler).report},
		{method: get, path: "/runs/{id}/compare", raw: (*handler).compare},
		{method: patch, path: "/runs/{id}", do: (*handler).changeRun},
		{method: post, path: "/runs/{id}/pause", do: onRun(Engine.PauseRun), bare: true},
		{method: post, path: "/runs/{id}/resume", do: onRun(Engine.ResumeRun), bare: true},
		{method: post, path: "/runs/{id}/stop", do: onRun(Engine.StopRun), bare: true},

		{method: get, path: "/conversations", do: (*handler).conversations},
		{method: post, path: "/conversations", do: (*handler).startConversation, once: true, created: true},
		{method: get, path: "/conversations/{id}", do: (*handler).conversation},
		{method: post, path: "/conversations/{id}/{step}", do: (*handler).step},

		{method: get, path: "/agents", do: (*handler).agents, plain: true},
		{method: get, path: "/presences", do: (*handler).presences},
		{method: put, path: "/agents/{name}/presence", do: (*handler).setPresence},

		{method: get, path: "/notifications", do: pages("notifications", (*store.Store).Notifications, "type", "conversation", "run")},
		{method: get, path: "/notifications/{number}", do: (*handler).notification},
		{method: get, path: "/deliveries", do: (*handler).deliveries},
		{method: get, path: "/deliveries/count", do: (*handler).countDeliveries},
		{method: get, path: "/deliveries/{number}", do: (*handler).delivery},
		{method: post, path: "/deliveries/resend", do: (*handler).resend, once: true, created: true},

		{method: get, path: "/faults", do: (*handler).faults, plain: true},
		{method: post, path: "/faults", do: (*handler).injectFault, created: true},
		{method: remove, path: "/faults", do: (*handler).clearFaults},

		{method: get, path: "/subscriptions", do: (*handler).subscriptions, plain: true},
		{method: post, path: "/subscriptions", do: (*handler).subscribe, created: true},
		{method: patch, path: "/subscriptions/{id}", do: (*handler).changeSubscription},
		{method: remove, path: "/subscriptions/{id}", do: (*handler).unsubscribe},
		{method: post, path: "/subscriptions/{id}/rotate", do: (*handler).rotate, bare: true},
		{method: post, path: "/subscriptions/{id}/try", do: (*handler).try, bare: true},
	}
}

// unrouted answers requests for which the mux has no route.
func (h *handler) unrouted(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, method := range []string{http.MethodDelete, http.MethodGet, http.MethodPatch, http.MethodPost, http.MethodPut} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := h.mux.Handler(other); pattern != "/" && isClean(r) {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		h.fail(w, r, refuse(http.StatusNotFound, "%q not found; %s/openapi.json lists all paths", r.URL.Path, Prefix))
		return
	}
	list := strings.Join(allowed, ", ")
	w.Header().Set("Allow", list)
	h.fail(w, r, refuse(http.StatusMethodNotAllowed, "%s does not support %s; use %s", r.URL.Path, r.Method, list))
}

// isClean reports whether the mux takes the path as it is. It would redirect others.
func isClean(r *http.Request) bool { return path.Clean(r.URL.EscapedPath()) == r.URL.EscapedPath() }

//go:embed openapi.json
var document string

// OpenAPI is the description of the control API, an OpenAPI 3.1 document in JSON.
func OpenAPI() string { return document }

// asIs serves a text that is part of the program.
func asIs(kind string, text []byte) func(*handler, http.ResponseWriter, *http.Request) error {
	return func(_ *handler, w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(text)
		return nil
	}
}
