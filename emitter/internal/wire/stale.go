package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringback/ringback/internal/show"
)

// StaleWithin is how soon behind the beginning of a request a kept connection has to end to be stale. A target that had ended it
// while it was idle says so as soon as the request arrives, within a round trip. Who is silent for longer has read the request, and is not
// excused (RFC 9112, sections 9.3.1 and 9.6): that is a failed attempt.
const StaleWithin = time.Second

// staleError is the end of a connection that was used before, behind a request of which nothing was
// answered: the target may have ended it before the request was there.
type staleError struct {
	error               // how that was noticed
	idle  time.Duration // since the answer before
}

func (e *staleError) Unwrap() error { return e.error }

// asStale returns err, of which no byte of an answer came over a connection that was used before and idle for so long,
// as a staleError if it is the end of the connection, and came soon behind the beginning of the request.
func asStale(err error, idle time.Duration, begun time.Time) error {
	if time.Since(begun) > StaleWithin || errors.Is(err, net.ErrClosed) || classify(err, discreet{}).Class != ClassReset { // closed is what ringback did itself
		return err
	}
	return &staleError{err, idle}
}

// failure says what is known without a doubt: that how the end was noticed differs from one time to the other.
func (e *staleError) failure() Failure {
	return Failure{ClassStale, fmt.Sprintf("the kept connection, idle for %s, ended before any byte of a response: the consumer ends idle ones, or it crashes while it works", show.Duration(e.idle))}
}

// usage is what a request through net/http learns about its connection. A request that net/http repeats by itself, since nothing of
// it had left, has used several, of which the last one counts.
type usage struct {
	obey   bool // the connection is closed where its lease is over; net/http takes another one then
	conn   *trackedConn
	reused bool
	shared bool // HTTP/2
	idle   time.Duration
	begun  time.Time   // when the request began to go out
	heard  atomic.Bool // a byte of an answer has come
}

// trace lets u learn from requests in the context that it returns.
func (u *usage) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: u.got, GotFirstResponseByte: u.hear})
}

func (u *usage) hear() { u.heard.Store(true) }

func (u *usage) got(info httptrace.GotConnInfo) {
	c := info.Conn
	secure, is := c.(*tls.Conn)
	if is {
		c = secure.NetConn()
	}
	u.shared = is && secure.ConnectionState().NegotiatedProtocol == "h2"
	u.idle, u.begun = info.IdleTime, time.Now()
	if u.shared {
		u.conn, u.reused = nil, info.WasIdle // else other requests are in flight over it, so it is there
		return
	}
	u.conn, _ = c.(*trackedConn)
	u.reused = info.Reused
	if u.obey && u.reused && u.conn != nil && !u.conn.allows(u.idle) {
		info.Conn.Close()
	}
}

// failed returns err, as a staleError where that is what it is. What a target says of a request or of the connection is more
// than its end: that is none over HTTP/2.
func (u *usage) failed(err error) error {
	if !u.reused || u.heard.Load() || u.shared && !isEnd(err) {
		return err
	}
	return asStale(err, u.idle, u.begun)
}

// answered takes in what an answer says of its connection.
func (u *usage) answered(keepAlive []string) {
	if u.conn != nil {
		u.conn.answered(keepAlive)
	}
}

// heldLease is a lease that several goroutines use: net/http may use a connection again before the answer is read.
type heldLease struct {
	mu sync.Mutex
	lease
}

func (h *heldLease) allows(idle time.Duration) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.lease.allows(idle)
}

func (h *heldLease) answered(keepAlive []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lease.note()
	for _, value := range keepAlive {
		h.lease.read([]byte(value))
	}
}
