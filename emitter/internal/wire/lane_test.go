package wire

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

func TestWhatALaneDoesNotCarryGoesThroughTheOtherEngine(t *testing.T) {
	sizes := make(chan int64, 4)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		sizes <- n
	}))
	defer server.Close()
	s, dials, end := open(t, Options{URL: server.URL}, AutoEngine)
	defer end()
	for _, r := range []Request{{Body: make([]byte, maxFast)}, {Body: make([]byte, maxFast+1)}, {Body: []byte("{}"), BodyFault: SlowBody}, {Body: []byte("{}"), BodyFault: CutOff}} {
		r.Timeout = 10 * time.Second
		a := s.Send(t.Context(), &r)
		if want := r.BodyFault != CutOff; (a.Status == 200) != want {
			t.Errorf("%d bytes, fault %d: %+v", len(r.Body), r.BodyFault, a)
		}
	}
	if a, b, c := <-sizes, <-sizes, <-sizes; a != maxFast || b != maxFast+1 || c != 2 || dials() != 2 {
		t.Errorf("%d, %d and %d bytes came over %d connections; want those sent, over one connection of each engine", a, b, c, dials())
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
			c.Read(make([]byte, 1))
			io.WriteString(c, "HTTP/1.1 413 X\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno")
			io.Copy(io.Discard, c)
		})
		s, _, end := open(t, Options{URL: "http://" + l.Addr().String()}, engine)
		a := s.Send(t.Context(), &Request{Body: make([]byte, maxFast), Timeout: 10 * time.Second})
		if a.Status != 413 || string(a.Excerpt) != "no" {
			t.Errorf("engine %d: %+v, want the refusal", engine, a)
		}
		end()
		l.Close()
		serving.Wait()
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
	s, _, end := open(t, Options{URL: "http://" + l.Addr().String()}, FastLane)
	r := Request{Body: make([]byte, 700), Signature: make([]byte, 400), Trace: make([]byte, 55), Timeout: time.Minute}
	if got := testing.AllocsPerRun(200, func() { s.Send(t.Context(), &r) }); got > 0 {
		t.Errorf("%v allocations for a request, want none", got)
	}
	end()
	l.Close()
	serving.Wait()
}
