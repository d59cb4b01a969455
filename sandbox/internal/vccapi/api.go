// Package vccapi is the vendor's management API.
//
// Requests for tokens and about subscriptions come in; documented responses go out, and changes
// are in the store. It promises the paths, members, scopes and error bodies of the public
// documentation, and that a secret is shown only once, in the response to its creation. It never
// sends a notification, and no error or log contains a secret or token.
package vccapi

import (
	"cmp"
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/time/rate"

	"github.com/ringback/ringback/internal/netguard"
)

// The paths of the API, as at the vendor.
const (
	TokenPath   = "/Auth/connect/token"
	BasePath    = "/webhooks"
	OpenAPIPath = BasePath + "/openapi.json" // ours: the vendor publishes none
)

const maxBody = 64 << 10 // bytes of a request

//go:embed openapi.json
var openAPI []byte

// Options of the API. Subscriptions is needed. Without a client's ID and secret nobody gets a token.
type Options struct {
	Subscriptions *Subscriptions
	ClientID      string
	ClientSecret  string
	Scopes        []string          // of the client; empty: all
	MissingScope  int               // status for a token without a scope that its client has; 0: 401
	TokenKey      []byte            // signs tokens; empty: a new one, so that tokens end with the program
	Now           func() time.Time  // nil: time.Now
	Limit         Limit             // of the client's requests; the zero value is generous
	Guesses       *netguard.Guesses // counts wrong credentials; nil: one of its own
	Log           *slog.Logger      // gets failures of the store; nil: nobody does
}

// api answers the requests.
type api struct {
	Options
	calls, tokens *rate.Limiter
}

// New returns the API: the token endpoint and everything under BasePath. It answers 404 to
// all other paths.
func New(o Options) http.Handler {
	if len(o.TokenKey) == 0 {
		o.TokenKey = make([]byte, 32)
		rand.Read(o.TokenKey) // never fails
	}
	if len(o.Scopes) == 0 {
		o.Scopes = Scopes()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Guesses == nil {
		o.Guesses = &netguard.Guesses{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	a := &api{Options: o, calls: o.Limit.limiter(), tokens: o.Limit.limiter()}
	mux := http.NewServeMux()
	mux.Handle(TokenPath, only{http.MethodPost: a.serve(a.token)})
	mux.Handle(OpenAPIPath, only{http.MethodGet: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write(openAPI)
	}})
	types := json.RawMessage(eventTypes())
	mux.Handle(BasePath+"/event-types", only{
		http.MethodGet: a.guard(readScope, func(http.ResponseWriter, *http.Request) (any, error) { return types, nil }),
	})
	mux.Handle(BasePath+"/subscriptions", only{
		http.MethodGet:  a.guard(readScope, a.list),
		http.MethodPost: a.guard(writeScope, a.create),
	})
	mux.Handle(BasePath+"/subscriptions/{id}", only{
		http.MethodGet:    a.guard(readScope, a.get),
		http.MethodPatch:  a.guard(writeScope, a.patch),
		http.MethodDelete: a.guard(writeScope, a.remove),
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		answer(w, http.StatusNotFound, message{"no such endpoint; " + OpenAPIPath + " lists all"})
	})
	return mux
}

// Limit bounds the requests of the client, once it has shown who it is, those for tokens apart from
// the others: what a stranger sends takes nothing of it. The vendor does not publish its limits; the
// zero value lets a script create hundreds of subscriptions.
type Limit struct {
	PerSecond float64 // in the long run; 0: 100
	Burst     int     // at once; 0: 500
}

// limiter admits requests as the limit says.
func (l Limit) limiter() *rate.Limiter {
	return rate.NewLimiter(rate.Limit(cmp.Or(max(l.PerSecond, 0), 100)), cmp.Or(max(l.Burst, 0), 500))
}

// admit takes a request of the client in, or returns how long it has to wait.
func (a *api) admit(l *rate.Limiter) (wait time.Duration) {
	now := a.Now()
	r := l.ReserveN(now, 1)
	if wait = r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
	}
	return wait
}
