package emitter

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
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
		"the target closed it":                  func(c *net.TCPConn, _ int) bool { io.WriteString(c, ok200+length); return false },
		"the target said what nobody asked for": says(ok200 + length),
	}
	for name, do := range tests {
		t.Run(name, func(t *testing.T) {
			var served atomic.Int64
			closed := make(chan struct{}, 1)
			target := scripted(t, func(c *net.TCPConn, n int) bool {
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
					t.Errorf("got %s, want 200", got)
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
func pipes(t *testing.T, handle func(net.Conn)) Target {
	l := memnet.Listen()
	var serving sync.WaitGroup
	serving.Go(func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			serving.Go(func() { defer c.Close(); handle(c) })
		}
	})
	t.Cleanup(func() { l.Close(); serving.Wait() })
	return Target{Name: "t", URL: "http://consumer/events", Dial: l.DialContext}
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
			{8 * time.Second, 7 * time.Second, "200 "},
			{3 * time.Second, 3 * time.Second, "0 timeout: no whole answer within 3s"},
			{time.Hour, 7 * time.Second, "200 "},
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
		go func() { cancelFirst(); synctest.Wait(); answers <- ok200 + length }()
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

func TestWhatALaneDoesNotCarryGoesThroughTheOtherEngine(t *testing.T) {
	var sizes []int64
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		sizes = append(sizes, n)
	}))
	defer server.Close()
	s, dials, end := open(t, Target{URL: server.URL}, AutoEngine)
	defer end()
	for _, r := range []Request{{Body: make([]byte, maxFast)}, {Body: make([]byte, maxFast+1)}, {Body: []byte("{}"), Harm: Dribble}, {Body: []byte("{}"), Harm: CutOff}} {
		r.Timeout = 10 * time.Second
		a := s.Send(t.Context(), &r)
		if want := r.Harm != CutOff; (a.Status == 200) != want {
			t.Errorf("%d bytes, harm %d: %+v", len(r.Body), r.Harm, a)
		}
	}
	if len(sizes) < 3 || sizes[0] != maxFast || sizes[1] != maxFast+1 || sizes[2] != 2 || dials() != 2 {
		t.Errorf("sizes %v over %d connections; want those sent, over one connection of each engine", sizes, dials())
	}
}

// An answer may come before the body was read.
func TestAnEarlyAnswerCounts(t *testing.T) {
	for _, engine := range []Engine{NetHTTP, FastLane} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		var serving sync.WaitGroup
		serving.Go(func() {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			io.WriteString(c, "HTTP/1.1 413 X\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno")
			io.Copy(io.Discard, c)
		})
		s, _, end := open(t, Target{URL: "http://" + l.Addr().String()}, engine)
		a := s.Send(t.Context(), &Request{Body: make([]byte, maxFast), Timeout: 10 * time.Second})
		if a.Status != 413 || string(a.Excerpt) != "no" {
			t.Errorf("engine %d: %+v, want the refusal", engine, a)
		}
		end()
		l.Close()
		serving.Wait()
	}
}

// Many lanes begin at once, and one connection tells what the target speaks.
func TestHTTP2IsFoundOutOnce(t *testing.T) {
	var opened, spoken atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { spoken.Add(int64(r.ProtoMajor)) }))
	server.EnableHTTP2 = true
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	server.StartTLS()
	defer server.Close()
	target := Target{URL: server.URL, TLS: TLS{InsecureSkipVerify: true}}
	shared, err := target.prepare((&Emitter{}).withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	defer shared.(io.Closer).Close()
	var sending sync.WaitGroup
	for range 20 {
		sending.Go(func() {
			if got := post(t, shared.(perWorker).forWorker()); got != "200 " {
				t.Errorf("got %s, want 200", got)
			}
		})
	}
	sending.Wait()
	if opened.Load() != 1 || spoken.Load() != 2*20 {
		t.Errorf("%d connections, sum of versions %d; want 1, and HTTP/2 for all 20", opened.Load(), spoken.Load())
	}
}

// A handshake that fails says nothing of what the target speaks.
func TestAFailedHandshakeIsTriedAgain(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.EnableHTTP2 = true
	broken := true
	server.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		if broken {
			broken = false
			return nil, fmt.Errorf("not now")
		}
		return nil, nil
	}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	s, _, end := open(t, Target{URL: server.URL, TLS: TLS{InsecureSkipVerify: true}}, AutoEngine)
	defer end()
	if got := post(t, s); !strings.HasPrefix(got, "0 tls: ") {
		t.Errorf("first: %s, want a failure of class tls", got)
	}
	if got := post(t, s); got != "200 " {
		t.Errorf("second: %s, want 200", got)
	}
}

func TestTheLaneAllocatesNothing(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		if c, err := l.Accept(); err == nil {
			answerAll(c)
		}
	})
	s, _, end := open(t, Target{URL: "http://" + l.Addr().String()}, FastLane)
	r := Request{Body: make([]byte, 700), Signature: make([]byte, 400), Trace: make([]byte, 55), Timeout: time.Minute}
	if got := testing.AllocsPerRun(200, func() { s.Send(t.Context(), &r) }); got > 0 {
		t.Errorf("%v allocations for a request, want none", got)
	}
	end()
	l.Close()
	serving.Wait()
}
