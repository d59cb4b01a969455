package wire

import (
	"context"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringback/ringback/internal/netguard"
)

// dialer opens the connections of one target, applies the rule of addresses to each, and
// can end them all: an HTTP client goes on dialling after the request that wanted the
// connection was given up.
type dialer struct {
	connect func(ctx context.Context, network, address string) (net.Conn, error)
	allow   netguard.Allow
	timeout time.Duration
	names   *net.Resolver // nil for the system's

	dials atomic.Uint64
	life  context.Context // ends, under mu, with the dialer: also dials in progress
	end   context.CancelFunc
	busy  sync.WaitGroup // dials in progress

	mu   sync.Mutex
	open map[*trackedConn]struct{}
}

func newDialer(o *Options) *dialer {
	d := &dialer{connect: o.Dial, allow: slices.Clone(o.Allow), timeout: o.Timeout, open: make(map[*trackedConn]struct{})}
	if d.connect == nil {
		d.connect = d.guarded
	}
	d.life, d.end = context.WithCancel(context.Background())
	return d
}

// DialContext connects within the timeout. The connection is closed with the dialer.
func (d *dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	d.mu.Lock()
	if d.life.Err() != nil {
		d.mu.Unlock()
		return nil, net.ErrClosed
	}
	d.busy.Add(1)
	d.mu.Unlock()
	defer d.busy.Done()

	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	defer context.AfterFunc(d.life, cancel)()
	c, err := d.connect(ctx, network, address)
	if err != nil {
		return nil, err
	}
	d.dials.Add(1)
	tracked := &trackedConn{Conn: c, dialer: d}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.life.Err() != nil {
		c.Close()
		return nil, net.ErrClosed
	}
	d.open[tracked] = struct{}{}
	return tracked, nil
}

// Close ends all connections and all dials in progress.
func (d *dialer) Close() {
	d.mu.Lock()
	d.end()
	for c := range d.open {
		c.Conn.Close()
	}
	clear(d.open)
	d.mu.Unlock()
	d.busy.Wait()
}

// trackedConn is a connection that its dialer can end.
type trackedConn struct {
	net.Conn
	dialer    *dialer
	heldLease // where net/http uses it
}

func (c *trackedConn) Close() error {
	c.dialer.mu.Lock()
	delete(c.dialer.open, c)
	here := c.Conn // a lane may exchange it
	c.dialer.mu.Unlock()
	return here.Close()
}

// guarded connects unless the address that the name stands for is not allowed.
func (d *dialer) guarded(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	n := net.Dialer{Resolver: d.names, ControlContext: d.allow.Control(host)}
	return n.DialContext(ctx, network, address)
}
