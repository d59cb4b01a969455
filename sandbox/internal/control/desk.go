package control

import (
	"net/http"
	"path"
	"sync/atomic"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/sandbox/internal/vccapi"
	"github.com/ringback/ringback/scenario/assume"
)

// Prefix is where all paths of the control API begin.
const Prefix = "/sandbox/v1"

// Options of a desk. Store and Room must be given.
type Options struct {
	Store         *store.Store
	Room          Engine
	Subscriptions *vccapi.Subscriptions
	Version       string        // of the program
	ClientID      string        // of the vendor's API; its secret is no business of the desk
	TokenURL      string        // where its tokens are had
	APIBase       string        // where its paths begin
	Speed         float64       // of the retry ladder, as the room has it; 0: 1
	Propagation   time.Duration // of changes of subscriptions, as the room has it
	Assume        assume.Set    // of deliveries, as the engine has it
	Log           func(string)  // what went wrong inside, a line each; nil: nowhere
}

// desk answers.
type desk struct {
	Options
	library library
	streams atomic.Int64 // open ones
	busy    busy
}

// New makes the handler of all paths below Prefix.
func New(o Options) http.Handler {
	if o.Log == nil {
		o.Log = func(string) {}
	}
	if o.Speed == 0 {
		o.Speed = 1
	}
	d := &desk{Options: o}
	mux := http.NewServeMux()
	for _, rt := range routes() {
		mux.HandleFunc(rt.method+" "+Prefix+rt.path, d.serve(rt))
	}
	mux.HandleFunc("/", d.unrouted)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := r.URL.EscapedPath(); path.Clean(p) != p { // the mux would redirect
			d.unrouted(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}
