package wire

import (
	"bufio"
	"context"
	"errors"
	"net"
	"os"
	"time"
)

const (
	answerSize = 4096                   // bytes that are read at once
	idleTrust  = 2 * time.Millisecond   // a connection idle for longer is looked at before it is used again
	lookLatest = 300 * time.Millisecond // when a request that waits reads in any case: long before StaleWithin is over
	lookSoon   = 100 * time.Millisecond // and not earlier than that
	oneRecord  = 16 << 10               // bytes that leave in one write, also over TLS
)

// errStarved says that there is nothing to read so far, where nobody waits for that. It is a net.Error that is over soon: behind any
// other one, crypto/tls reads no more.
var errStarved error = starved{}

type starved struct{}

func (starved) Error() string   { return "nothing so far" }
func (starved) Timeout() bool   { return true }
func (starved) Temporary() bool { return true }

// timedConn is a connection with a time limit that is cheap to move: the deadline of the socket
// is set once in a while and may come too early; who meets it then sets the true one. Under
// TLS it is below, where a deadline that comes too early does no harm.
type timedConn struct {
	net.Conn
	due  time.Time // end of the time for the request in flight
	set  time.Time // deadline of the socket, never later than due
	sent int       // bytes of the request that were written, or of its records
	dry  bool      // nothing is read
	ask  *glance   // what is written next is a request, for whose answer the writer waits; nil: it does not
}

func (w *timedConn) Read(p []byte) (int, error) {
	if w.dry {
		return 0, errStarved
	}
	for {
		n, err := w.Conn.Read(p)
		if n > 0 || err == nil || !w.early(err) {
			return n, err
		}
	}
}

func (w *timedConn) Write(p []byte) (int, error) {
	n := 0
	if g := w.ask; g != nil {
		var err error
		w.ask = nil
		n, err = g.ask(p)
		if w.sent += n; err != nil || n == len(p) {
			return n, err
		}
	}
	for {
		m, err := w.Conn.Write(p[n:])
		n, w.sent = n+m, w.sent+m
		if err == nil || !w.early(err) {
			return n, err
		}
	}
}

// early reports whether err comes from a deadline that was set for a request before, and sets
// the one of this request.
func (w *timedConn) early(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) && time.Now().Before(w.due) && w.limit(w.due) == nil
}

// limit sets the deadline at once.
func (w *timedConn) limit(due time.Time) error {
	w.due, w.set = due, due
	return w.SetDeadline(due)
}

// laneConn is a connection of HTTP/1.1 that carries one request after the other.
type laneConn struct {
	wire  *timedConn
	over  net.Conn // the wire, or TLS over it
	in    *bufio.Reader
	left  int       // bytes that may be read before the answer's head must end
	used  time.Time // when the last answer was read
	lease lease
	look  *glance // nil where there is no look at a socket
	ended <-chan struct{}
	stop  func() bool
	one   [1]byte    // that silent reads
	begun *beginning // of the last answer's body; nil where nobody wants to know it
}

// Read is for the buffer that answers are read from.
func (c *laneConn) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errLongHead
	}
	n, err := c.over.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

// begin makes a connection that was used before ready for a request, and reports whether it
// still is one. Bytes that nobody asked for end it: they must not become the answer.
func (c *laneConn) begin(ctx context.Context, now, due time.Time) bool {
	idle := now.Sub(c.used)
	if !c.lease.allows(idle) {
		return false
	}
	// What came before the wait for an answer begins may wake nobody, such as the end of a connection that is
	// half closed; the deadline of the socket comes early enough to find that.
	if c.wire.set.Before(now.Add(lookSoon)) || c.wire.set.After(now.Add(lookLatest)) || c.wire.set.After(due) {
		look := now.Add(lookLatest)
		if due.Before(look) {
			look = due
		}
		if c.wire.limit(look) != nil {
			return false
		}
	}
	c.wire.due = due
	if !c.watch(ctx) {
		return false
	}
	return idle < idleTrust || c.look == nil || c.look.quiet()
}

// watch lets the end of ctx end the connection, and reports whether the context before has not done so. That is set up once: the
// context is that of the run.
func (c *laneConn) watch(ctx context.Context) bool {
	if c.stop != nil && c.ended == ctx.Done() {
		return true
	}
	if c.stop != nil && !c.stop() {
		return false // it is being closed, now or in a moment
	}
	c.ended, c.stop = ctx.Done(), context.AfterFunc(ctx, func() { c.wire.Close() })
	return true
}

// send writes a request. Where that saves a system call, it waits for the beginning of the answer, too: over a
// connection that was used before, where nothing comes unasked.
func (c *laneConn) send(request []byte) error {
	c.wire.sent = 0
	if c.lease.answered > 0 && len(request) <= oneRecord {
		c.wire.ask = c.look
	}
	_, err := c.over.Write(request)
	return err
}

// silent reports whether nothing came behind the last answer, neither an end nor what nobody asked for, that TLS has read already and nobody sees
// at the socket; with wet, also whether what is there to read without waiting is TLS's own alone.
func (c *laneConn) silent(wet bool) bool {
	if c.over == net.Conn(c.wire) {
		return !wet
	}
	c.wire.dry = !wet
	defer func() { c.wire.dry = false }()
	n, err := c.over.Read(c.one[:])
	return n == 0 && err == errStarved
}

// heard reports whether there was any byte of an answer to the last request.
func (c *laneConn) heard() bool { return c.left != maxHeader }
