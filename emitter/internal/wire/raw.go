package wire

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

// Raw opens connections to a target for requests that somebody else writes, byte by byte. It
// is safe for concurrent use.
type Raw struct {
	lane  *fastLane
	limit time.Duration
	keeps discreet
}

// RawConn is a connection of HTTP/1.1 that was opened by a Raw. One goroutine may write while
// another one waits for the answer.
type RawConn struct {
	conn *laneConn
	from *Raw
}

// NewRaw checks the options, as New does; Engine does not matter, and no redirect is followed.
func NewRaw(o Options) (*Raw, error) {
	reference, err := newReference(&o)
	if err != nil {
		return nil, err
	}
	lane, err := newFastLane(reference, FastLane)
	if err != nil {
		return nil, fmt.Errorf("ringback cannot write the requests itself: it %w", err)
	}
	return &Raw{lane, o.Timeout, discreet{secrets: o.Secrets}}, nil
}

// Head is what all requests begin with: the request line and the headers that do not differ,
// each with CR LF behind it. Credentials are among them.
func (r *Raw) Head() []byte { return bytes.Clone(r.lane.head) }

// Open connects until due, and agrees on TLS if the target wants that. The end of ctx ends
// the connection, too.
func (r *Raw) Open(ctx context.Context, due time.Time) (*RawConn, error) {
	bound, cancel := context.WithDeadline(ctx, due)
	defer cancel()
	c, err := r.lane.dialer.DialContext(bound, "tcp", r.lane.address)
	if err != nil {
		return nil, err
	}
	w := &timedConn{Conn: c}
	l := &laneConn{wire: w, over: w, look: newGlance(c)}
	if r.lane.tls != nil {
		secure, err := r.lane.tls.handshake(bound, w, r.lane.tls.one)
		if err != nil {
			return nil, err
		}
		l.over = secure
	}
	l.begun = &beginning{}
	l.in = bufio.NewReaderSize(l, answerSize)
	l.watch(ctx)
	opened := &RawConn{l, r}
	if err := w.limit(due); err != nil {
		opened.Close()
		return nil, err
	}
	return opened, nil
}

// Failure says why there is no answer, if Open, Write or Answer failed with err. Late tells that
// the time limit was over.
func (r *Raw) Failure(ctx context.Context, err error, late bool) Failure {
	return unanswered(ctx, err, late, r.limit, r.keeps).Failure
}

// Close ends all connections, also those that are being opened.
func (r *Raw) Close() error { return r.lane.Close() }

// Begin makes a connection that was used before ready for another request until due. It reports
// whether it still is a connection, as far as that can be seen.
func (c *RawConn) Begin(ctx context.Context, due time.Time) bool {
	return c.conn.begin(ctx, time.Now(), due) && c.Limit(due) == nil
}

// Rest keeps the end of the context of the last request from ending the connection until the next one begins. It reports
// whether it still is a connection, as far as that can be seen.
func (c *RawConn) Rest() bool {
	rested := c.conn.stop == nil || c.conn.stop()
	c.conn.stop = nil
	return rested
}

// Limit moves the moment at which writing and reading end. Neither may be going on.
func (c *RawConn) Limit(due time.Time) error { return c.conn.wire.limit(due) }

// Write sends a piece of a request at once, in a packet of its own if there is a pause before
// and after it.
func (c *RawConn) Write(piece []byte) (int, error) { return c.conn.over.Write(piece) }

// Answer reads the answer to a request; a body of any length is read as far as 64 KiB. Again
// reports whether the connection may carry another request, and heard whether there was any
// byte of an answer.
func (c *RawConn) Answer() (a Answer, again, heard bool, err error) {
	c.conn.left = maxHeader
	if _, err = c.conn.in.Peek(1); err != nil {
		return Answer{}, false, false, err
	}
	a, again, err = c.conn.anyAnswer(c.from.lane.url, c.from.keeps)
	return a, again, true, err
}

// Page reports whether the body of the last answer was a web page.
func (c *RawConn) Page() bool { return c.conn.begun.isPage() }

// Ended waits for so long for the other side to end the connection, of which no answer is expected, and reports whether it did.
func (c *RawConn) Ended(within time.Duration) bool {
	_ = c.Limit(time.Now().Add(within))
	c.conn.left = maxHeader
	_, err := c.conn.in.Peek(1)
	timeout, is := errors.AsType[net.Error](err)
	return err != nil && !(is && timeout.Timeout())
}

// Close ends the connection at once.
func (c *RawConn) Close() error {
	if c.conn.stop != nil {
		c.conn.stop()
	}
	return c.conn.wire.Close()
}
