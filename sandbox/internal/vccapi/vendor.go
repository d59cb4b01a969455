package vccapi

import (
	"crypto/rand"
	_ "embed"
	"log/slog"
	"net/http"
	"time"
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
	TokenKey      []byte           // signs tokens; empty: a new one, so that tokens end with the program
	Now           func() time.Time // nil: time.Now
	Limit         Limit            // of requests; the zero value is generous
	Log           *slog.Logger     // gets failures of the store; nil: nobody does
}

// api answers the requests.
type api struct {
	Options
	calls, tokens  *bucket
	eventTypesJSON []byte
}

// New returns the API: the token endpoint and everything under BasePath. It answers 404 to
// all other paths.
func New(o Options) http.Handler {
	if len(o.TokenKey) == 0 {
		o.TokenKey = make([]byte, 32)
		rand.Read(o.TokenKey) // never fails
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	a := &api{
		Options: o, eventTypesJSON: eventTypes(),
		calls: newBucket(o.Limit, o.Now), tokens: newBucket(o.Limit, o.Now),
	}
	mux := http.NewServeMux()
	mux.Handle(TokenPath, only{http.MethodPost: a.token})
	mux.Handle(OpenAPIPath, only{http.MethodGet: document})
	mux.Handle(BasePath+"/event-types", only{http.MethodGet: a.guard(readScope, a.listTypes)})
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
		refuse(w, http.StatusNotFound, "there is no such endpoint")
	})
	return mux
}

// document serves the description of the API to everybody: it holds no state.
func document(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Write(openAPI)
}
