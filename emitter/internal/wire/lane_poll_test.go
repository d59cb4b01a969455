//go:build linux

package wire

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Whatever a target answers over a connection that was used before, in whatever pieces, one thread makes the same of it as a worker.
func FuzzOneThread(f *testing.F) {
	for _, text := range []string{
		ok200 + length, ok200 + "Content-Length: 2\r\n\r\nok", "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 500 X\r\nContent-Length: 3\r\n\r\nno!",
		ok200 + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: y\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n" + ok200 + length,
		ok200 + "Connection: close\r\nKeep-Alive: timeout=5, max=1\r\n\r\nbody", ok200 + "Content-Length: 9\r\n\r\nhalf", ok200, "", "SSH-2.0-x\r\n",
		ok200 + "Content-Length: 5000\r\n\r\n" + strings.Repeat("x", 5000), ok200 + "X: " + strings.Repeat("y", 5000) + "\r\n" + length,
		"HTTP/1.1 401 X\r\nContent-Length: 5000\r\n\r\n" + strings.Repeat("x", 5000), ok200 + length + "junk",
	} {
		for _, piece := range []byte{0, 1, 7, overTLS, overTLS | 7} {
			f.Add([]byte(text), piece)
		}
	}
	f.Fuzz(func(t *testing.T, answer []byte, piece byte) {
		if len(answer) > maxBody/4 {
			return
		}
		want, got := secondAnswer(t, FastLane, answer, piece), secondAnswer(t, oneThread, answer, piece)
		if got != want {
			t.Fatalf("of %q in pieces of %d, one thread makes\n%s\nthe fast lane makes\n%s", answer, piece, got, want)
		}
	})
}

const overTLS = 0x80 // of a piece

// secondAnswer is what an engine makes of an answer in pieces, with the end of the connection behind it, to the second request.
func secondAnswer(t *testing.T, engine Engine, answer []byte, piece byte) string {
	step, scripted := len(answer), schemes["http"]
	if piece&overTLS > 0 {
		scripted = schemes["https"]
	}
	if piece &^= overTLS; piece > 0 {
		step = max(int(piece), len(answer)/20)
	}
	s, _, end := open(t, scripted(t, func(c socket, n int) bool {
		if n == 0 {
			_, err := io.WriteString(c, ok200+length)
			return err == nil
		}
		for rest := answer; len(rest) > 0; rest = rest[min(step, len(rest)):] {
			if _, err := c.Write(rest[:min(step, len(rest))]); err != nil {
				return false
			}
		}
		return false
	}), engine)
	defer end()
	var a Answer
	for range 2 {
		a = s.Send(t.Context(), &Request{Body: []byte("{}"), Timeout: 20 * time.Second})
	}
	return fmt.Sprintf("%d %q %q %s %q", a.Status, pauses.ReplaceAllString(strings.ToValidUTF8(a.Failure.String(), "?"), "idle for a while,"), a.Location, a.RetryAfter.Round(time.Hour), a.Excerpt)
}

// parks skips where no connection waits without a goroutine.
func parks(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.GOMAXPROCS(0) < 2 {
		t.Skip("there is no such thread here")
	}
}

func TestOneThreadSendsOverTheConnectionThatIsThere(t *testing.T) {
	parks(t)
	for scheme, scripted := range schemes {
		s, dials, end := open(t, scripted(t, says(ok200+length)), oneThread)
		defer end()
		for range 5 {
			if got := post(t, s); got != "200 " {
				t.Fatalf("%s: got %s, want 200", scheme, got)
			}
		}
		if got := s.(*thread).begun; got != 4 || dials() != 1 {
			t.Errorf("%s: %d requests by the thread over %d connections, want all but the first over one", scheme, got, dials())
		}
	}
}

// The thread hears of the end of a connection, and of what nobody asked for: nothing is sent over it.
func TestOneThreadUsesNoConnectionThatHasEnded(t *testing.T) {
	parks(t)
	for scheme, scripted := range schemes {
		for name, last := range map[string]func(socket){
			"ended": func(c socket) { c.CloseWrite() }, "junk": func(c socket) { io.WriteString(c, "junk") },
		} {
			t.Run(scheme+" "+name, func(t *testing.T) {
				said, done := make(chan bool), make(chan bool)
				target := scripted(t, func(c socket, n int) bool {
					io.WriteString(c, ok200+length)
					go func() { <-said; last(c); done <- true }()
					return true
				})
				s, dials, end := open(t, target, oneThread)
				defer end()
				for range 3 {
					if got := post(t, s); got != "200 " {
						t.Fatalf("got %s, want 200", got)
					}
					s.(*thread).Sender.(Threaded).Park(s.(*thread).pacer.Poll())
					said <- true
					<-done
					s.(*thread).pacer.Idle()
				}
				if dials() != 3 {
					t.Errorf("%d connections, want 3", dials())
				}
			})
		}
	}
}

// A request that the system does not take at once goes out to its end, and has its answer.
func TestOneThreadLeavesALongWriteToAWorker(t *testing.T) {
	parks(t)
	for scheme := range schemes {
		t.Run(scheme, func(t *testing.T) {
			target, written := slowReader(t, scheme)
			s, _, end := open(t, target, oneThread)
			post(t, s)
			lane := s.(*thread).Sender.(*lane)
			if tcp, ok := lane.conn.wire.Conn.(*trackedConn).Conn.(*net.TCPConn); !ok || tcp.SetWriteBuffer(1) != nil {
				t.Fatal("no small buffer")
			}
			r := &Request{Body: make([]byte, oneRecord-1000), Timeout: 10 * time.Second}
			if !lane.Park(s.(*thread).pacer.Poll()) {
				t.Fatal("not parked")
			}
			if begun, whole := lane.Begin(t.Context(), r, nil); !begun || whole {
				t.Errorf("begun %v, whole %v; want a part", begun, whole)
			}
			written <- true
			if a := lane.Resume(t.Context(), r); a.Status != 200 {
				t.Errorf("%+v, want 200", a)
			}
			close(written)
			end()
		})
	}
}

// slowReader is a target that keeps next to nothing of what is on its way to it, and reads the next request once it is told.
func slowReader(t *testing.T, scheme string) (target Options, next chan bool) {
	small := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 1) })
	}}
	l, err := small.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if scheme == "https" {
		l = tls.NewListener(l, &tls.Config{Certificates: certified()})
	}
	next = make(chan bool)
	var serving sync.WaitGroup
	serving.Go(func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		for r := bufio.NewReader(c); readRequest(r); <-next {
			io.WriteString(c, ok200+length)
		}
	})
	t.Cleanup(func() { l.Close(); serving.Wait() })
	return Options{URL: scheme + "://" + l.Addr().String(), TLS: TLS{InsecureSkipVerify: true}}, next
}

// An answer that is read later than it came has arrived when it came.
func TestOneThreadKnowsWhenAnAnswerArrived(t *testing.T) {
	parks(t)
	written := make(chan time.Time)
	s, _, end := open(t, scripted(t, func(c socket, n int) bool {
		_, err := io.WriteString(c, ok200+length)
		if n > 0 {
			written <- time.Now()
		}
		return err == nil
	}), oneThread)
	defer end()
	post(t, s)
	lane, pacer, r := s.(*thread).Sender.(Threaded), s.(*thread).pacer, &Request{Body: []byte("{}"), Timeout: 10 * time.Second}
	if !lane.Park(pacer.Poll()) {
		t.Fatal("not parked")
	}
	for range 1000 { // the system begins to tell in a moment, when the first socket wants to know
		if begun, whole := lane.Begin(t.Context(), r, func() {}); !begun || !whole {
			t.Fatal("not begun")
		}
		latest := <-written
		for time.Since(latest) < 2*time.Millisecond {
			runtime.Gosched()
		}
		a, arrived, there, _ := lane.Answered(t.Context(), r)
		if !there || a.Status != 200 || arrived.After(latest.Add(time.Millisecond)) {
			t.Fatalf("%+v, arrived %v after it was written, want before", a, arrived.Sub(latest))
		}
		if !arrived.IsZero() {
			return
		}
	}
	t.Error("the system does not tell")
}
