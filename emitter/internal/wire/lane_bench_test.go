package wire

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter/internal/pace"
)

// BenchmarkSend posts one signed body again and again over some connections, to a server
// in another process. CPU time is this process's.
func BenchmarkSend(b *testing.B) {
	for _, scheme := range []string{"http", "https"} {
		for _, engine := range []Engine{FastLane, NetHTTP} {
			for _, connections := range []int{1, 16, 64} {
				b.Run(fmt.Sprintf("%s/%s/%d", engineNames[engine], scheme, connections), func(b *testing.B) {
					benchmarkSend(b, Options{URL: serverProcess(b, scheme), TLS: TLS{InsecureSkipVerify: true}}, engine, connections)
				})
			}
		}
	}
}

func benchmarkSend(b *testing.B, target Options, engine Engine, connections int) {
	shared, err := New(with(target, engine, connections))
	if err != nil {
		b.Fatal(err)
	}
	defer shared.(io.Closer).Close()
	var left atomic.Int64
	var sending sync.WaitGroup
	r := Request{Body: bytes.Repeat([]byte("x"), 700), Signature: bytes.Repeat([]byte("s"), 400), Timeout: 10 * time.Second}
	run := func(senders []Sender, n int) {
		left.Store(int64(n))
		for _, s := range senders {
			sending.Go(func() {
				for left.Add(-1) >= 0 {
					if a := s.Send(b.Context(), &r); a.Status != 200 {
						b.Errorf("answer %+v", a)
						return
					}
				}
			})
		}
		sending.Wait()
	}
	senders := make([]Sender, connections)
	for i := range senders {
		senders[i] = shared
		if p, ok := shared.(PerWorker); ok {
			senders[i] = p.ForWorker()
		}
	}
	run(senders, 10*connections) // opens the connections
	b.ReportAllocs()
	b.ResetTimer()
	before := pace.ProcessTime()
	run(senders, b.N)
	after := pace.ProcessTime()
	b.ReportMetric(float64((after-before).Nanoseconds())/1e3/float64(b.N), "cpu-µs/op")
}

// serverProcess starts this test as a server and returns its URL.
func serverProcess(b *testing.B, scheme string) string {
	c := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^TestServerProcess$")
	c.Env = append(os.Environ(), "RINGBACK_BENCH_SERVER="+scheme)
	out, err := c.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Process.Kill(); c.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return scheme + "://" + line[:len(line)-1] + "/events"
}

// TestServerProcess is no test, but the server of BenchmarkSend.
func TestServerProcess(t *testing.T) {
	scheme := os.Getenv("RINGBACK_BENCH_SERVER")
	if scheme == "" {
		t.Skip("for the benchmark")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(l.Addr())
	if scheme == "https" {
		certified := httptest.NewUnstartedServer(nil)
		certified.StartTLS() // for its certificate only
		l = tls.NewListener(l, &tls.Config{Certificates: certified.TLS.Certificates})
		certified.Close()
	}
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go answerAll(c)
	}
}

// answerAll reads requests whole and answers them.
func answerAll(c net.Conn) {
	defer c.Close()
	r, answer := bufio.NewReader(c), []byte(ok200+length)
	for {
		size := 0
		for {
			line, err := r.ReadSlice('\n')
			if err != nil {
				return
			}
			if len(line) == 2 {
				break
			}
			if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
				size, _ = strconv.Atoi(string(bytes.TrimSpace(value)))
			}
		}
		if _, err := r.Discard(size); err != nil {
			return
		}
		if _, err := c.Write(answer); err != nil {
			return
		}
	}
}
