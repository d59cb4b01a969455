package netguard_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/internal/memnet"
	"github.com/ringback/ringback/internal/netguard"
)

// hall is a server with a limit of connections, in memory. Who connects may be at any address.
type hall struct {
	t    *testing.T
	line *memnet.Listener
	from chan string
}

// Accept gives the next connection the address that it comes from.
func (h *hall) Accept() (net.Conn, error) {
	conn, err := h.line.Accept()
	if err != nil {
		return nil, err
	}
	return comer{conn, <-h.from}, nil
}

func (h *hall) Close() error   { return h.line.Close() }
func (h *hall) Addr() net.Addr { return h.line.Addr() }

type comer struct {
	net.Conn
	from string
}

func (c comer) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(c.from)) }

// newHall has room for 8, of which 6 may come from one address. A request of /wait lasts until
// its client goes.
func newHall(t *testing.T) *hall {
	h := &hall{t, memnet.Listen(), make(chan string, 1)}
	server := &http.Server{ReadHeaderTimeout: time.Minute, IdleTimeout: time.Hour, Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		fmt.Fprint(w, "hello")
		if req.URL.Path == "/wait" {
			_ = http.NewResponseController(w).Flush()
			<-req.Context().Done()
		}
	})}
	served := make(chan error)
	door := netguard.Limit(server, h, 8)
	go func() { served <- server.Serve(door) }()
	t.Cleanup(func() { server.Close(); <-served })
	return h
}

// client is a connection to the hall.
type client struct {
	net.Conn
	in *bufio.Reader
}

func (h *hall) connect(from string) *client {
	h.t.Helper()
	h.from <- from
	conn, err := h.line.DialContext(h.t.Context(), "", "")
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { conn.Close() })
	time.Sleep(time.Millisecond) // which of two waits longer must be clear
	return &client{conn, bufio.NewReader(conn)}
}

// ask reports whether a request is answered; of /wait, whether the answer begins.
func (c *client) ask(path string) bool {
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: here\r\n\r\n"); err != nil {
		return false
	}
	resp, err := http.ReadResponse(c.in, nil)
	if err == nil && path != "/wait" {
		_, err = io.Copy(io.Discard, resp.Body)
	}
	return err == nil
}

// open reports whether the server has not ended it.
func (c *client) open() bool {
	_ = c.SetReadDeadline(time.Now().Add(time.Millisecond))
	_, err := c.in.Peek(1)
	timeout, is := err.(net.Error)
	return err == nil || is && timeout.Timeout()
}

func TestConnectionsThatWaitKeepNobodyOut(t *testing.T) {
	const stranger, other = "203.0.113.9:1", "198.51.100.7:1"
	for name, begin := range map[string]func(*client){
		"that nobody uses":                   func(*client) {},
		"that were used once":                func(c *client) { c.ask("/") },
		"whose request comes byte by byte":   func(c *client) { io.WriteString(c, "GET / HTTP/1.1\r\nX-Slow: a") },
		"that end in the middle of a header": func(c *client) { io.WriteString(c, "GET /") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHall(t)
				var all []*client
				for range 20 {
					c := h.connect(stranger)
					begin(c)
					all = append(all, c)
				}
				for i, c := range all {
					if want := i >= 14; c.open() != want {
						t.Errorf("connection %d of 20: open %v, want the last six", i, !want)
					}
				}
				for _, from := range []string{other, stranger, other, other} {
					if !h.connect(from).ask("/") {
						t.Errorf("%s gets no answer", from)
					}
				}
			})
		})
	}
}

// What is being answered is not ended: there is no room any more, but for others.
func TestWhatIsAnsweredGoesOn(t *testing.T) {
	const here, other = "[2001:db8::1]:1", "[2001:db8:0:1::1]:1"
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		var streams []*client
		for range 6 {
			c := h.connect(here)
			if !c.ask("/wait") {
				t.Fatal("a stream does not begin")
			}
			streams = append(streams, c)
		}
		if h.connect("[2001:db8::2]:1").ask("/") {
			t.Error("a seventh of the same network gets in")
		}
		for range 3 {
			if !h.connect(other).ask("/") {
				t.Error("another network gets no answer")
			}
		}
		for i, c := range streams {
			if !c.open() {
				t.Errorf("stream %d was ended", i)
			}
		}
		streams[0].Close()
		time.Sleep(time.Second)
		if !h.connect(here).ask("/") {
			t.Error("there is room again, and no answer")
		}
	})
}

func TestTheLimitHoldsWithTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }))
	s.EnableHTTP2 = true
	s.StartTLS() // for its certificate
	config := s.TLS.Clone()
	defer s.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: s.Config.Handler}
	served := make(chan error)
	door := netguard.Limit(server, tls.NewListener(l, config), 4)
	go func() { served <- server.Serve(door) }()
	defer func() { server.Close(); <-served }()
	var idle []net.Conn
	for range 10 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		idle = append(idle, c)
	}
	for range 5 {
		client := http.Client{Transport: s.Client().Transport.(*http.Transport).Clone()}
		resp, err := client.Get("https://" + l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.ProtoMajor != 2 {
			t.Errorf("HTTP/%d, want 2", resp.ProtoMajor)
		}
	}
	for _, c := range idle[:7] {
		_ = c.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err := c.Read(make([]byte, 1)); err == nil || isTimeout(err) {
			t.Errorf("a connection that nobody uses is open: %v", err)
		}
	}
}

func isTimeout(err error) bool {
	timeout, is := err.(net.Error)
	return is && timeout.Timeout()
}
