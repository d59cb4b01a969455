package emitter_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/plan"
)

// BenchmarkRun delivers signed notifications at speed Max over loopback sockets; each
// iteration is one. The consumer runs in the same process and reads every request whole.
func BenchmarkRun(b *testing.B) {
	c := newConsumer(b)
	ready := make([]plan.Notification, 0, 10_000)
	for i := range 10_000 {
		ready = append(ready, note(uint64(i), uint64(i/10), 0))
	}
	e := emitter.Emitter{
		Targets: []emitter.Target{{URL: "http://" + c.Addr().String() + "/events", Secret: secret(b)}},
		Speed:   emitter.Max, On: emitter.NewLog(io.Discard, "bench", 1).Record,
	}
	b.ReportAllocs()
	b.ResetTimer()
	result, err := e.Run(b.Context(), time.Now(), func(yield func(plan.Notification) bool) {
		for i := range b.N {
			if !yield(ready[i%len(ready)]) {
				return
			}
		}
	})
	b.StopTimer()
	if err != nil || !result.AllRight() {
		b.Fatalf("error %v, counted %+v", err, result.Total())
	}
	if got, want := c.unique(), min(b.N, len(ready)); got != want {
		b.Fatalf("%d notifications arrived, want %d", got, want)
	}
	b.ReportMetric(float64(b.N)/result.Ended.Sub(result.Started).Seconds(), "notifications/s")
}

// consumer is the least that is an HTTP server: so that the benchmark measures the sender.
type consumer struct {
	net.Listener
	mu  sync.Mutex
	ids map[string]struct{}
}

func newConsumer(b testing.TB) *consumer {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	c := &consumer{Listener: l, ids: make(map[string]struct{})}
	var serving sync.WaitGroup
	serving.Go(func() {
		for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
			serving.Go(func() { defer conn.Close(); c.serve(conn) })
		}
	})
	b.Cleanup(func() { l.Close(); serving.Wait() })
	return c
}

func (c *consumer) unique() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.ids)
}

func (c *consumer) serve(conn net.Conn) {
	r, body := bufio.NewReader(conn), make([]byte, 4096)
	answer := []byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	for {
		length := 0
		for {
			line, err := r.ReadSlice('\n')
			if err != nil {
				return
			}
			if len(line) == 2 {
				break
			}
			if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
				length, _ = strconv.Atoi(string(bytes.TrimSpace(value)))
			}
		}
		if _, err := io.ReadFull(r, body[:length]); err != nil {
			return
		}
		_, id, _ := bytes.Cut(body[:length], []byte(`"id":"`))
		c.mu.Lock()
		if _, known := c.ids[string(id[:27])]; !known {
			c.ids[string(id[:27])] = struct{}{}
		}
		c.mu.Unlock()
		conn.Write(answer)
	}
}
