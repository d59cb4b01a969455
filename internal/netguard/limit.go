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
	c := &bounded{Listener: l, most: most, clients: map[net.Conn]*client{}}
	next := server.Handler
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		g, _ := req.Context().Value(clientKey{}).(*client)
		c.answers(g, 1)
		defer c.answers(g, -1)
		next.ServeHTTP(w, req)
	})
	server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		c.mu.Lock()
		defer c.mu.Unlock()
		return context.WithValue(ctx, clientKey{}, c.clients[conn])
	}
	server.ConnState = func(conn net.Conn, state http.ConnState) {
		if state == http.StateClosed || state == http.StateHijacked {
			c.forget(conn)
		}
	}
	return c
}

// bounded is a listener that knows its open connections.
type bounded struct {
	net.Listener
	most int

	mu      sync.Mutex
	clients map[net.Conn]*client
}

// client is an open connection.
type client struct {
	from     netip.Prefix
	since    time.Time // when it was opened, or the last answer ended
	requests int       // that are being answered
}

// clientKey is the key of the client in the context of a request.
type clientKey struct{}

// Accept waits for a connection for which there is room.
func (c *bounded) Accept() (net.Conn, error) {
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
func (c *bounded) admit(conn net.Conn, now time.Time) (ended net.Conn, ok bool) {
	from := network(conn.RemoteAddr().String())
	c.mu.Lock()
	defer c.mu.Unlock()
	same := 0
	for _, g := range c.clients {
		if g.from == from {
			same++
		}
	}
	switch {
	case same >= c.most-c.most/4:
		ended = c.idlest(func(g *client) bool { return g.from == from })
	case len(c.clients) >= c.most:
		ended = c.idlest(func(*client) bool { return true })
	default:
		ok = true
	}
	if ended != nil {
		delete(c.clients, ended)
		ok = true
	}
	if ok {
		c.clients[conn] = &client{from: from, since: now}
	}
	return ended, ok
}

// idlest is the connection, of some, that has waited longest for a request; nil if none does.
func (c *bounded) idlest(some func(*client) bool) (first net.Conn) {
	var since time.Time
	for conn, g := range c.clients {
		if g.requests == 0 && some(g) && (first == nil || g.since.Before(since)) {
			first, since = conn, g.since
		}
	}
	return first
}

// answers notes that an answer begins or ends.
func (c *bounded) answers(g *client, more int) {
	if g == nil { // it was ended at once
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	g.requests += more
	g.since = time.Now()
}

func (c *bounded) forget(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.clients, conn)
}

// hangUp ends a connection without a word, which might have to wait.
func hangUp(conn net.Conn) {
	if secure, is := conn.(*tls.Conn); is {
		conn = secure.NetConn()
	}
	_ = conn.Close()
}
