package watch

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/netguard"
)

// PortError says that a port beside a run cannot be opened.
type PortError struct {
	Port string // control, metrics or pprof
	Err  error
}

// Error names the port.
func (e *PortError) Error() string { return e.Port + ": " + e.Err.Error() }

// Unwrap is the reason.
func (e *PortError) Unwrap() error { return e.Err }

// mostOnPort is how many connections a port has at most: they must not take the files of the run.
const mostOnPort = 16

// port is an HTTP server beside a run.
type port struct {
	name     string
	address  string // HOST:PORT; empty: not wanted
	path     string // of what is worth a look
	listener net.Listener
	server   *http.Server
	serving  sync.WaitGroup
}

// check refuses what is no address of the form HOST:PORT, and where only this machine may
// come in, addresses that others reach.
func (p *port) check() error {
	if p.address == "" {
		return nil
	}
	if err := netguard.CheckAddress(p.address); err != nil {
		return err
	}
	host, _, _ := net.SplitHostPort(p.address)
	if p.name != "metrics" && !netguard.IsLoopback(host) {
		return fmt.Errorf("want a loopback address such as 127.0.0.1:7070, because everybody who reaches it can use it; got %q", p.address)
	}
	return nil
}

// open listens, so that a wrong address is known before anything is sent.
func (p *port) open(handler http.Handler) (err error) {
	if p.listener, err = netguard.Listen(p.address); err != nil {
		return &PortError{p.name, err}
	}
	p.server = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    16 << 10,
	}
	if p.name != "pprof" { // whose answers take as long as they are asked to
		p.server.WriteTimeout = 10 * time.Second
	}
	p.listener = netguard.Limit(p.server, p.listener, mostOnPort)
	return nil
}

// serve answers from now on, until close is called.
func (p *port) serve() {
	p.serving.Go(func() { _ = p.server.Serve(p.listener) }) // always ErrServerClosed
}

// close lets answers under way finish for a moment, and returns when nothing goes on. It may
// be called before serve, and more than once.
func (p *port) close() {
	_ = p.listener.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if p.server.Shutdown(ctx) != nil {
		_ = p.server.Close()
	}
	p.serving.Wait()
}

// guarded lets through what was really meant for this machine. A link on another page may
// open the pages named.
func guarded(next http.Handler, pages ...string) http.Handler {
	guard := netguard.Guard{Pages: pages}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if err := guard.Check(req); err != nil {
			refuse(w, http.StatusForbidden, err)
			return
		}
		next.ServeHTTP(w, req)
	})
}

// refuse answers with an error.
func refuse(w http.ResponseWriter, status int, err error) {
	respond(w, status, map[string]string{"error": err.Error()})
}

// respond answers with a JSON object.
func respond(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = jsontext.WriteIndented(w, v) // whoever asked has left
}

// profileHandler serves the profiles of this process, as go tool pprof wants them, but of the command line only the name of the
// program: a secret may be among the arguments.
func profileHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, filepath.Base(os.Args[0]))
	})
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("POST /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return guarded(mux, "/debug/pprof/")
}
