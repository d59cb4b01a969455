package ringbacktest

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"time"
)

// grace is how long handlers may take to return once all has been sent, and again once
// their connections are cut.
const grace = 2 * time.Second

// served is a consumer on a loopback socket.
type served struct {
	consumer http.Handler
	grace    time.Duration
	listener net.Listener
	server   *http.Server
	cancel   context.CancelFunc // ends the contexts of all requests
	open     sync.WaitGroup     // Serve, and connections, each with the goroutine that handles its requests

	mutex  sync.Mutex
	panics []string
	conns  map[net.Conn]bool
}

func serve(consumer http.Handler) (*served, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen on a loopback port: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &served{consumer: consumer, grace: grace, listener: listener, cancel: cancel, conns: map[net.Conn]bool{}}
	s.server = &http.Server{Handler: s, ConnState: s.connState, ErrorLog: log.New(io.Discard, "", 0),
		BaseContext: func(net.Listener) context.Context { return ctx }}
	s.open.Go(func() { _ = s.server.Serve(listener) }) // always ErrServerClosed, once stopped
	return s, nil
}

// connState counts connections. New ones are announced by Serve itself, before it returns.
func (s *served) connState(conn net.Conn, state http.ConnState) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	switch state {
	case http.StateNew:
		s.open.Add(1)
		s.conns[conn] = true
	case http.StateClosed, http.StateHijacked:
		s.open.Done()
		delete(s.conns, conn)
	}
}

// ServeHTTP lets the consumer answer, and remembers its panics.
func (s *served) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if v != http.ErrAbortHandler {
			s.mutex.Lock()
			s.panics = append(s.panics, fmt.Sprintf("the consumer panicked: %v\n%s", v, debug.Stack()))
			s.mutex.Unlock()
		}
		panic(http.ErrAbortHandler)
	}()
	s.mutex.Lock()
	consumer := s.consumer
	s.mutex.Unlock()
	consumer.ServeHTTP(w, req)
}

// crash cuts all connections, as the death of a process does, and puts another consumer in the place of this one. What
// requests of before still do, a process could have done before it died.
func (s *served) crash(restarted func() http.Handler) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for conn := range s.conns {
		_ = conn.Close()
	}
	s.consumer = restarted()
}

// cut ends all connections and the contexts of their requests.
func (s *served) cut() {
	s.cancel()
	_ = s.server.Close() // nothing that matters can fail on a loopback socket
}

// stop ends the server, waits for its handlers, and returns what the consumer did wrong
// beside its answers.
func (s *served) stop() (complaints []string) {
	ctx, cancel := context.WithTimeout(context.Background(), s.grace)
	defer cancel()
	_ = s.server.Shutdown(ctx) // what has not ended by then, is cut off
	s.cut()
	gone := make(chan struct{})
	go func() {
		s.open.Wait()
		close(gone)
	}()
	select {
	case <-gone:
	case <-time.After(s.grace):
		complaints = append(complaints, "a handler of the consumer still runs; it must return when the context of its request ends")
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if more := len(s.panics) - 1; more > 0 { // mostly the same one
		return append(complaints, fmt.Sprintf("%s\n… and %d more times", s.panics[0], more))
	}
	return append(complaints, s.panics...)
}
