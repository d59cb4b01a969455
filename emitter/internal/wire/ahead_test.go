package wire

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// corked is a connection that writes when it is told to, all at once.
type corked struct {
	net.Conn
	on   bool
	held bytes.Buffer
}

func (c *corked) Write(p []byte) (int, error) {
	if c.on {
		return c.held.Write(p)
	}
	return c.Conn.Write(p)
}

// behind is a target over TLS that says more in one piece with each answer, and then leaves the connection open.
func behind(t *testing.T, more func(*tls.Conn)) Options {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serve := func(c net.Conn) {
		defer c.Close()
		cork := &corked{Conn: c}
		secure := tls.Server(cork, &tls.Config{Certificates: certified(), NextProtos: []string{"http/1.1"}})
		for r := bufio.NewReader(secure); readRequest(r); {
			cork.on = true
			io.WriteString(secure, ok200+length)
			more(secure)
			cork.on = false
			c.SetWriteDeadline(time.Time{}) // which the end of TLS has set
			if _, err := c.Write(cork.held.Bytes()); err != nil {
				return
			}
			cork.held.Reset()
		}
	}
	serving.Go(func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			serving.Go(func() { serve(c) })
		}
	})
	t.Cleanup(func() { l.Close(); serving.Wait() })
	return Options{URL: "https://" + l.Addr().String(), TLS: TLS{InsecureSkipVerify: true}}
}

// What comes together with an answer over TLS, nobody sees at the socket any more: a connection that has ended is not used again, and what nobody
// asked for is no answer.
func TestWhatTLSHasReadAheadIsSeen(t *testing.T) {
	for name, more := range map[string]func(*tls.Conn){
		"an end":         func(c *tls.Conn) { c.CloseWrite() },
		"another answer": func(c *tls.Conn) { io.WriteString(c, "HTTP/1.1 500 X\r\n"+length) },
	} {
		for how, engine := range map[string]Engine{"worker": FastLane, "thread": oneThread} {
			t.Run(name+" "+how, func(t *testing.T) {
				s, dials, end := open(t, behind(t, more), engine)
				defer end()
				for range 3 {
					a := s.Send(t.Context(), &Request{Body: []byte("{}"), Timeout: 10 * time.Second})
					if a.Status != 200 || a.Failure != (Failure{}) {
						t.Fatalf("%d %s, want 200", a.Status, a.Failure)
					}
				}
				if dials() != 3 {
					t.Errorf("%d connections, want 3", dials())
				}
			})
		}
	}
}
