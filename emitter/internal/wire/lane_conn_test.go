package wire

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/internal/memnet"
)

// post sends a small request with a generous time limit and returns what came of it.
func post(t testing.TB, s Sender) string {
	t.Helper()
	a := s.Send(t.Context(), &Request{Body: []byte("{}"), Timeout: 10 * time.Second})
	return fmt.Sprint(a.Status, " ", a.Failure)
}

// goneIdle makes the lane's connection look as if it had not been used for some time.
func goneIdle(s Sender, d time.Duration) { c := s.(*lane).conn; c.used = c.used.Add(-d) }

func TestAConnectionThatEndedWhileIdleIsNotWrittenTo(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no look at a socket here")
	}
	tests := map[string]script{
		"the target closed it":                  func(c socket, _ int) bool { io.WriteString(c, ok200+length); return false },
		"the target said what nobody asked for": says(ok200 + length),
	}
	for name, do := range tests {
		t.Run(name, func(t *testing.T) {
			var served atomic.Int64
			closed := make(chan struct{}, 1)
			target := scripted(t, func(c socket, n int) bool {
				served.Add(1)
				if more := do(c, n); !more {
					c.Close()
				} else {
					c.Write([]byte("HTTP/1.1 500 X\r\n" + length))
				}
				closed <- struct{}{}
				return true
			})
			s, dials, end := open(t, target, FastLane)
			defer end()
			for range 3 {
				if got := post(t, s); got != "200 " {
					t.Fatalf("got %s, want 200", got)
				}
				<-closed
				if s.(*lane).conn != nil { // else both came at once, and the end was seen there
					goneIdle(s, time.Second)
				}
			}
			if dials() != 3 || served.Load() != 3 {
				t.Errorf("%d connections, %d requests; want 3 of each", dials(), served.Load())
			}
		})
	}
}

// What came before a request went out wakes nobody who waits for the answer, and the target that has closed one half says no more.
func TestAHalfClosedConnectionIsFoundWhileItIsStale(t *testing.T) {
	s, dials, end := open(t, scripted(t, func(c socket, n int) bool {
		if n == 0 {
			io.WriteString(c, ok200+length)
			return c.CloseWrite() == nil
		}
		io.Copy(io.Discard, c)
		return false
	}), FastLane)
	defer end()
	if got := post(t, s); got != "200 " {
		t.Fatalf("got %s, want 200", got)
	}
	if a := s.Send(t.Context(), &Request{Body: []byte("{}"), Timeout: 10 * time.Second}); a.Failure.Class != ClassStale && dials() == 1 {
		t.Errorf("got %+v, want a stale connection, or another one", a)
	}
}

func TestAnOldConnectionIsNotUsedAgain(t *testing.T) {
	s, dials, end := open(t, scripted(t, says(ok200+length)), FastLane)
	defer end()
	for _, idle := range []time.Duration{0, time.Minute, 91 * time.Second, 0} {
		if idle > 0 {
			goneIdle(s, idle)
		}
		if got := post(t, s); got != "200 " {
			t.Errorf("got %s, want 200", got)
		}
	}
	if dials() != 2 {
		t.Errorf("%d connections, want 2", dials())
	}
}

// pipes is a target in memory, where there is no look at a socket.
func pipes(t *testing.T, handle func(net.Conn)) Options {
	l := memnet.Listen()
	var serving sync.WaitGroup
	serving.Go(func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			serving.Go(func() { defer c.Close(); handle(c) })
		}
	})
	t.Cleanup(func() { l.Close(); serving.Wait() })
	return Options{URL: "http://consumer/events", Dial: l.DialContext}
}

// Nothing of the request has left, so sending it elsewhere is no second delivery.
func TestAWriteThatReachesNobodyIsMadeOnANewConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		target := pipes(t, func(c net.Conn) {
			if readRequest(bufio.NewReader(c)) {
				requests++
				io.WriteString(c, ok200+length)
			}
		})
		s, dials, end := open(t, target, FastLane)
		defer end()
		for range 3 {
			if got := post(t, s); got != "200 " {
				t.Errorf("got %s, want 200", got)
			}
			synctest.Wait()
		}
		if requests != 3 || dials() != 3 {
			t.Errorf("%d requests, %d connections; want 3 of each", requests, dials())
		}
	})
}

// The deadline of the socket is moved rarely, and yet each request has its own limit.
func TestTheLaneKeepsEachTimeLimitExactly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := pipes(t, func(c net.Conn) {
			r := bufio.NewReader(c)
			for {
				if !readRequest(r) {
					return
				}
				time.Sleep(7 * time.Second)
				if _, err := io.WriteString(c, ok200+length); err != nil {
					return
				}
			}
		})
		s, dials, end := open(t, target, FastLane)
		defer end()
		for i, test := range []struct {
			limit, took time.Duration
			want        string
		}{
			{10 * time.Second, 7 * time.Second, "200 "},
			{10 * time.Second, 7 * time.Second, "200 "}, // beyond the deadline of the first
			{10 * time.Second, 7 * time.Second, "200 "},
			{time.Hour, 7 * time.Second, "200 "},
			{3 * time.Second, 3 * time.Second, "0 timeout: no complete response within 3s"},
			{10 * time.Second, 7 * time.Second, "200 "},
		} {
			start := time.Now()
			a := s.Send(t.Context(), &Request{Body: []byte("{}"), Timeout: test.limit})
			if got, took := fmt.Sprint(a.Status, " ", a.Failure), time.Since(start); got != test.want || took != test.took {
				t.Errorf("request %d: %s after %v, want %s after %v", i, got, took, test.want, test.took)
			}
		}
		if dials() != 2 {
			t.Errorf("%d connections, want 2", dials())
		}
	})
}

func TestTheEndOfAContextEndsTheRequestOfThatContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := make(chan string)
		target := pipes(t, func(c net.Conn) {
			r := bufio.NewReader(c)
			for {
				if !readRequest(r) {
					return
				}
				if _, err := io.WriteString(c, <-answers); err != nil {
					return
				}
			}
		})
		s, dials, end := open(t, target, FastLane)
		defer end()
		first, cancelFirst := context.WithCancel(t.Context())
		second, cancelSecond := context.WithCancel(t.Context())
		send := func(ctx context.Context) (got string) {
			a := s.Send(ctx, &Request{Body: []byte("{}"), Timeout: time.Minute})
			return fmt.Sprint(a.Status, " ", a.Failure)
		}
		go func() { answers <- ok200 + length }()
		if got := send(first); got != "200 " {
			t.Error(got)
		}
		go func() { synctest.Wait(); cancelFirst(); synctest.Wait(); answers <- ok200 + length }()
		if got := send(second); got != "200 " || dials() != 1 {
			t.Errorf("%s, %d connections; want 200 over the first: its request is long over", got, dials())
		}
		time.AfterFunc(time.Second, cancelSecond)
		start := time.Now()
		if got := send(second); got != "0 stopped: cut off while in flight" || time.Since(start) != time.Second {
			t.Errorf("%s after %v", got, time.Since(start))
		}
		if got := send(second); got != "0 stopped: cut off while in flight" {
			t.Errorf("afterwards: %s", got)
		}
		answers <- ""
	})
}
