package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/ringback/ringback/internal/netguard"
)

// sidePort is an HTTP server beside a run: --control, --metrics or --pprof.
type sidePort struct {
	flag     string
	listener net.Listener
	server   *http.Server
	ended    chan struct{} // nil until serve
}

// openPort listens, so that a wrong address is known before anything is sent.
func openPort(flag, address string, handler http.Handler) (*sidePort, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) {
			err = op.Err
		}
		return nil, usage("--%s: cannot listen on %s: %v", flag, address, err)
	}
	return &sidePort{flag: flag, listener: listener, server: &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    16 << 10,
	}}, nil
}

// serve answers from now on, until close is called.
func (p *sidePort) serve() {
	p.ended = make(chan struct{})
	go func() {
		defer close(p.ended)
		_ = p.server.Serve(p.listener) // always ErrServerClosed
	}()
}

// close lets answers under way finish for a moment, and returns when nothing goes on. It may
// be called before serve, and more than once.
func (p *sidePort) close() {
	_ = p.listener.Close()
	if p.ended == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if p.server.Shutdown(ctx) != nil {
		_ = p.server.Close()
	}
	<-p.ended
}

// url is where the port is.
func (p *sidePort) url() string { return "http://" + p.listener.Addr().String() }

// checkAddress refuses what is no address of the form HOST:PORT, and where only this machine
// may come in, addresses that others reach.
func checkAddress(flag, address string, loopback bool) error {
	if address == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return usage("--%s: want HOST:PORT, such as 127.0.0.1:7070, got %q", flag, address)
	}
	if loopback && !netguard.IsLoopback(host) {
		return usage("--%s: whoever reaches it can do what it offers, so it must be a loopback address such as 127.0.0.1:7070, got %q", flag, address)
	}
	return nil
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
	_ = encode(w, v) // whoever asked has left
}
