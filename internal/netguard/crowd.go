package netguard

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Limit makes a server keep at most so many connections open, those of one address at most three
// quarters of them. One more ends the connection that has waited longest for a request, or else is
// ended itself; what is being answered goes on. So neither connections that nobody uses nor requests
// that come byte by byte keep others out. Serve with the listener that it returns.
func Limit(server *http.Server, l net.Listener, most int) net.Listener {
	c := &crowd{Listener: l, most: most, guests: map[net.Conn]*guest{}}
	next := server.Handler
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		g, _ := req.Context().Value(guestKey{}).(*guest)
		c.answers(g, 1)
		defer c.answers(g, -1)
		next.ServeHTTP(w, req)
	})
	server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		c.mu.Lock()
		defer c.mu.Unlock()
		return context.WithValue(ctx, guestKey{}, c.guests[conn])
	}
	server.ConnState = func(conn net.Conn, state http.ConnState) {
		if state == http.StateClosed || state == http.StateHijacked {
			c.forget(conn)
		}
	}
	return c
}

// crowd is a listener that knows its open connections.
type crowd struct {
	net.Listener
	most int

	mu     sync.Mutex
	guests map[net.Conn]*guest
}

// guest is an open connection.
type guest struct {
	from     netip.Prefix
	since    time.Time // when it was opened, or the last answer ended
	requests int       // that are being answered
}

// guestKey is the key of the guest in the context of a request.
type guestKey struct{}

// Accept waits for a connection for which there is room.
func (c *crowd) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		ended, ok := c.admit(conn, time.Now())
		if ended != nil {
			hangUp(ended)
		}
		if ok {
			return conn, nil
		}
		hangUp(conn)
	}
}

// admit takes a connection in, and returns the one that has to end for it.
func (c *crowd) admit(conn net.Conn, now time.Time) (ended net.Conn, ok bool) {
	from := network(conn.RemoteAddr().String())
	c.mu.Lock()
	defer c.mu.Unlock()
	same := 0
	for _, g := range c.guests {
		if g.from == from {
			same++
		}
	}
	switch {
	case same >= c.most-c.most/4:
		ended = c.idlest(func(g *guest) bool { return g.from == from })
	case len(c.guests) >= c.most:
		ended = c.idlest(func(*guest) bool { return true })
	default:
		ok = true
	}
	if ended != nil {
		delete(c.guests, ended)
		ok = true
	}
	if ok {
		c.guests[conn] = &guest{from: from, since: now}
	}
	return ended, ok
}

// idlest is the connection, of some, that has waited longest for a request; nil if none does.
func (c *crowd) idlest(some func(*guest) bool) (first net.Conn) {
	var since time.Time
	for conn, g := range c.guests {
		if g.requests == 0 && some(g) && (first == nil || g.since.Before(since)) {
			first, since = conn, g.since
		}
	}
	return first
}

// answers notes that an answer begins or ends.
func (c *crowd) answers(g *guest, more int) {
	if g == nil { // it was ended at once
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	g.requests += more
	g.since = time.Now()
}

func (c *crowd) forget(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.guests, conn)
}

// hangUp ends a connection without a word, which might have to wait.
func hangUp(conn net.Conn) {
	if secure, is := conn.(*tls.Conn); is {
		conn = secure.NetConn()
	}
	_ = conn.Close()
}
