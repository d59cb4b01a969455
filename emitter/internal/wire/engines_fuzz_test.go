package wire

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// Whatever a target answers, in whatever pieces, both engines make the same of it.
func FuzzEngines(f *testing.F) {
	log.SetOutput(io.Discard) // net/http tells of what nobody asked for
	f.Cleanup(func() { log.SetOutput(os.Stderr) })
	for _, text := range []string{
		ok200 + length, ok200 + "Content-Length: 2\r\n\r\nok", "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 500 X\r\nContent-Length: 3\r\n\r\nno!",
		"HTTP/1.1 307 X\r\nLocation: //else/x?y=1\r\n" + length, "HTTP/1.1 503 X\r\nRetry-After: 120\r\n\r\n", ok200 + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: y\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\n" + ok200 + length, "HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + length,
		ok200 + "Connection: close\r\nKeep-Alive: timeout=5, max=1\r\n\r\nbody", ok200 + "Content-Length: 9\r\n\r\nhalf", ok200, "", "HTTP/1.1 2", "SSH-2.0-x\r\n",
		"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", ok200 + "X: a\r\n b\r\n" + length, ok200 + "Content-Length : 2\r\n\r\nok", ok200 + "Content-Length: 1\r\n" + length,
	} {
		for _, piece := range []byte{0, 1, 7} {
			f.Add([]byte(text), piece)
		}
	}
	f.Fuzz(func(t *testing.T, answer []byte, piece byte) {
		if len(answer) > 4*maxBody {
			return
		}
		want, got := answered(t, NetHTTP, answer, piece), answered(t, FastLane, answer, piece)
		if got != want {
			t.Fatalf("of %q in pieces of %d, the fast lane makes\n%s\nnet/http makes\n%s", answer, piece, got, want)
		}
	})
}

// answered is what an engine makes of an answer that comes in pieces of so many bytes, 0 meaning all at once, with the end of the connection behind it.
func answered(t *testing.T, engine Engine, answer []byte, piece byte) string {
	var serving sync.WaitGroup
	o := Options{URL: "http://consumer/events", Dial: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		serving.Go(func() {
			defer there.Close()
			if !readRequest(bufio.NewReader(there)) {
				return
			}
			step := max(int(piece), len(answer)/100) // a few hundred pieces are enough
			for rest := answer; len(rest) > 0; {
				n := len(rest)
				if piece > 0 {
					n = min(n, step)
				}
				if _, err := there.Write(rest[:n]); err != nil {
					return
				}
				rest = rest[n:]
			}
		})
		return here, nil
	}}
	s, _, end := open(t, o, engine)
	a := s.Send(t.Context(), &Request{Body: []byte("{}"), Timeout: 20 * time.Second})
	end()
	serving.Wait()
	retry := a.RetryAfter.Round(time.Hour) // a date is so far from now
	return fmt.Sprintf("%d %q %q %s %q", a.Status, strings.ToValidUTF8(a.Failure.String(), "?"), a.Location, retry, a.Excerpt)
}
