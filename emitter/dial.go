package emitter

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// dialer opens the connections of one target, applies the rule of addresses to each, and
// can end them all: an HTTP client goes on dialling after the request that wanted the
// connection was given up.
type dialer struct {
	connect func(ctx context.Context, network, address string) (net.Conn, error)
	ruled   bool // connect applies the rule of addresses
	allow   []string
	timeout time.Duration
	names   *net.Resolver // nil for the system's

	dials atomic.Uint64
	life  context.Context // ends dials in progress
	end   context.CancelFunc
	busy  sync.WaitGroup // dials in progress

	mu     sync.Mutex
	open   map[*trackedConn]struct{}
	closed bool
}

func newDialer(t *Target, timeout time.Duration) *dialer {
	d := &dialer{connect: t.Dial, timeout: timeout, open: make(map[*trackedConn]struct{})}
	if d.connect == nil {
		d.connect, d.ruled = d.guarded, true
	}
	for _, host := range t.Allow {
		d.allow = append(d.allow, plainHost(host))
	}
	d.life, d.end = context.WithCancel(context.Background())
	return d
}

// DialContext connects within the timeout. The connection is closed with the dialer.
func (d *dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	d.mu.Lock()
	if d.closed {
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
	return d.track(c)
}

func (d *dialer) track(c net.Conn) (net.Conn, error) {
	tracked := &trackedConn{Conn: c, dialer: d}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		c.Close()
		return nil, net.ErrClosed
	}
	d.open[tracked] = struct{}{}
	return tracked, nil
}

// Close ends all connections and all dials in progress.
func (d *dialer) Close() {
	d.mu.Lock()
	d.closed = true
	for c := range d.open {
		c.Conn.Close()
	}
	clear(d.open)
	d.mu.Unlock()
	d.end()
	d.busy.Wait()
}

type trackedConn struct {
	net.Conn
	dialer *dialer
}

func (c *trackedConn) Close() error {
	c.dialer.mu.Lock()
	delete(c.dialer.open, c)
	c.dialer.mu.Unlock()
	return c.Conn.Close()
}

// guarded connects unless the address that the name stands for is not allowed.
func (d *dialer) guarded(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	n := net.Dialer{Resolver: d.names}
	if !d.allowed(host) {
		n.ControlContext = func(_ context.Context, _, actual string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(actual)
			if err != nil || !near(at.Addr()) {
				return &addressError{host, at.Addr()}
			}
			return nil
		}
	}
	return n.DialContext(ctx, network, address)
}

// checkLiteral applies the rule to a host that is itself an address, before any attempt.
func (d *dialer) checkLiteral(host string) error {
	if addr, err := netip.ParseAddr(host); err == nil && d.ruled && !near(addr) && !d.allowed(host) {
		return &addressError{host, addr}
	}
	return nil
}

func (d *dialer) allowed(host string) bool { return slices.Contains(d.allow, plainHost(host)) }

// near tells whether an address belongs to this machine or its own network.
func near(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast()
}

// plainHost is a host as it is compared: without brackets, final dot and upper case.
func plainHost(host string) string {
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// addressError refuses an address outside this machine and its network.
type addressError struct {
	host string
	addr netip.Addr
}

func (e *addressError) Error() string {
	what := e.host
	if e.addr.String() != e.host {
		what = fmt.Sprintf("%s (%s)", e.host, e.addr)
	}
	return fmt.Sprintf("%s is neither loopback, private nor link-local; --allow-target %s allows it", what, e.host)
}
