// Package memnet is a network of one listener inside the memory of the process.
//
// Dials come in; accepted connections go out, each the other end of a dialled one. It
// promises that net/http clients and servers on both sides run inside a testing/synctest
// bubble, where their time-outs and waits take exact virtual time. It never opens a socket,
// starts a goroutine or buffers a byte: a write waits until the other side reads.
package memnet

import (
	"context"
	"net"
	"sync"
)

// Listener is a [net.Listener] that is dialled by calling it. Make one with [Listen]; in a
// bubble, inside that bubble. It is safe for concurrent use.
type Listener struct {
	dialled chan net.Conn
	closed  chan struct{}
	close   func()
}

// Listen returns an open listener.
func Listen() *Listener {
	closed := make(chan struct{})
	return &Listener{
		dialled: make(chan net.Conn),
		closed:  closed,
		close:   sync.OnceFunc(func() { close(closed) }),
	}
}

// DialContext returns a connection once the listener accepts it. Network and address do not
// matter, so it fits [net/http.Transport]. The error is that of ctx, or has [net.ErrClosed]
// in its chain.
func (l *Listener) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	if err := ctx.Err(); err != nil { // else select would toss a coin
		return nil, l.fail("dial", err)
	}
	here, there := net.Pipe()
	select {
	case l.dialled <- there:
		return here, nil
	case <-l.closed:
		return nil, l.fail("dial", net.ErrClosed)
	case <-ctx.Done():
		return nil, l.fail("dial", ctx.Err())
	}
}

// Accept waits for the next dial. After Close the error has [net.ErrClosed] in its chain.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.dialled:
		return conn, nil
	case <-l.closed:
		return nil, l.fail("accept", net.ErrClosed)
	}
}

// Close ends all waiting and future dials and accepts. Connections already made stay open.
// It returns nil, however often it is called.
func (l *Listener) Close() error {
	l.close()
	return nil
}

// Addr returns an address of network "memory".
func (l *Listener) Addr() net.Addr { return address{} }

func (l *Listener) fail(op string, err error) error {
	return &net.OpError{Op: op, Net: address{}.Network(), Addr: address{}, Err: err}
}

type address struct{}

func (address) Network() string { return "memory" }
func (address) String() string  { return "memnet" }
