package wire

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
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter/internal/pace"
)

// script is what a server does with each connection: it gets the requests, wholly read, by
// number from 0 on, and reports whether it reads another one.
type script func(c socket, request int) bool

// socket is a connection of which one side may end, with TLS or without.
type socket interface {
	net.Conn
	CloseWrite() error
}

// scripted is a target on a real socket that follows a script.
func scripted(t testing.TB, do script) Options {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	scripts(t, l, do)
	return Options{URL: "http://" + l.Addr().String() + "/events"}
}

// scriptedTLS is scripted over TLS.
func scriptedTLS(t testing.TB, do script) Options {
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certified(), NextProtos: []string{"http/1.1"}})
	if err != nil {
		t.Fatal(err)
	}
	scripts(t, l, do)
	return Options{URL: "https://" + l.Addr().String() + "/events", TLS: TLS{InsecureSkipVerify: true}}
}

// schemes are the targets that follow a script.
var schemes = map[string]func(testing.TB, script) Options{"http": scripted, "https": scriptedTLS}

// certified are certificates that nobody vouches for.
var certified = sync.OnceValue(func() []tls.Certificate {
	server := httptest.NewUnstartedServer(nil)
	server.StartTLS()
	defer server.Close()
	return server.TLS.Certificates
})

// scripts follows a script until the end of the test.
func scripts(t testing.TB, l net.Listener, do script) {
	var serving sync.WaitGroup
	serve := func(c socket) {
		defer c.Close()
		r := bufio.NewReader(c)
		for n := 0; ; n++ {
			if !readRequest(r) || !do(c, n) {
				return
			}
		}
	}
	serving.Go(func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			serving.Go(func() { serve(c.(socket)) })
		}
	})
	t.Cleanup(func() { l.Close(); serving.Wait() })
}

// readRequest reads a request wholly.
func readRequest(r *bufio.Reader) bool {
	request, err := http.ReadRequest(r)
	if err == nil {
		_, err = io.Copy(io.Discard, request.Body)
	}
	return err == nil
}

// says writes a text for each request and keeps the connection.
func says(text string) script {
	return func(c socket, _ int) bool { _, err := io.WriteString(c, text); return err == nil }
}

// ends writes a text and ends the connection.
func ends(text string) script {
	return func(c socket, _ int) bool { io.WriteString(c, text); return false }
}

// once writes a text for the first request, and another one and the end of the connection for the second.
func once(first, second string) script {
	return func(c socket, n int) bool {
		io.WriteString(c, []string{first, second}[n])
		return n == 0
	}
}

// hangs writes a text and waits until the other side has had enough.
func hangs(text string) script {
	return func(c socket, _ int) bool {
		io.WriteString(c, text)
		io.Copy(io.Discard, c)
		return false
	}
}

// dribbles writes a text byte by byte.
func dribbles(text string) script {
	return func(c socket, _ int) bool {
		for i := range len(text) {
			if _, err := c.Write([]byte(text[i : i+1])); err != nil {
				return false
			}
		}
		return true
	}
}

func resets(c socket, _ int) bool {
	if secure, is := c.(*tls.Conn); is {
		c = secure.NetConn().(socket)
	}
	c.(*net.TCPConn).SetLinger(0)
	return false
}

const (
	ok200  = "HTTP/1.1 200 OK\r\n"
	length = "Content-Length: 0\r\n\r\n"
)

// odd are answers, plain and not. Once means a single request, since what becomes of the
// connection is a race between the two sides.
var odd = []struct {
	name string
	do   script
	once bool
}{
	{"plain", says(ok200 + length), false},
	{"with a body", says(ok200 + "Content-Type: text/plain\r\nDate: x\r\nContent-Length: 2\r\n\r\nok"), false},
	{"in the smallest pieces", dribbles(ok200 + "Content-Length: 2\r\n\r\nok"), false},
	{"of several buffers", says(ok200 + "Content-Length: 20000\r\n\r\n" + strings.Repeat("x", 20_000)), false},
	{"of more than is read", says(ok200 + "Content-Length: 200000\r\n\r\n" + strings.Repeat("x", 200_000)), true},
	{"accepted", says("HTTP/1.1 202 Accepted\r\n" + length), false},
	{"no content", says("HTTP/1.1 204 No Content\r\n\r\n"), false},
	{"no content, and a length", says("HTTP/1.1 204 No Content\r\n" + length), false},
	{"no content, and content", says("HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok"), true},
	{"reset content with content", says("HTTP/1.1 205 Reset\r\nContent-Length: 2\r\n\r\nok"), false},
	{"not modified, with the length of what is not there", says("HTTP/1.1 304 X\r\nContent-Length: 20\r\n\r\n"), false},
	{"a status without a name", says("HTTP/1.1 299\r\n" + length), false},
	{"a success that asks to wait", says(ok200 + "Retry-After: 7\r\n" + length), false},
	{"a refusal that asks to wait", says("HTTP/1.1 429 X\r\nretry-after: 7\r\n" + length), false},
	{"a refusal with a long text", says("HTTP/1.1 401 X\r\nContent-Length: 600\r\n\r\n" + strings.Repeat("no ", 200)), false},
	{"a refusal in chunks", says("HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nno \r\n2\r\nno\r\n0\r\n\r\n"), false},
	{"a redirect", says("HTTP/1.1 307 X\r\nLocation: /else?key=1\r\n" + length), false},
	{"a redirect elsewhere", says("HTTP/1.1 302 X\r\nLocation: https://u:p@consumer.example/else\r\n" + length), false},
	{"a redirect to nowhere", says("HTTP/1.1 302 X\r\nLocation: mailto:x\r\n" + length), false},
	{"a success with a place", says("HTTP/1.1 201 X\r\nLocation: /else\r\n" + length), false},
	{"an unknown status", says("HTTP/1.1 999 X\r\n" + length), false},

	{"after 100 and 103", says("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok200 + length), false},
	{"after too many 1xx", says(strings.Repeat("HTTP/1.1 103 X\r\n\r\n", 5000) + ok200 + length), false},
	{"another protocol", ends("HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"), false},
	{"a status below 100", says("HTTP/1.1 099 X\r\n" + length), false},

	{"in chunks", says(ok200 + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"), false},
	{"in chunks with extensions and trailers", says(ok200 + "Trailer: X\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nok\r\n0\r\nX: y\r\n\r\n"), false},
	{"in chunks and with a length", says(ok200 + "Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"), false},
	{"in a broken chunk", says(ok200 + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"), false},
	{"in chunks that stop", ends(ok200 + "Transfer-Encoding: chunked\r\n\r\n5\r\nok"), false},
	{"in another encoding", says(ok200 + "Transfer-Encoding: gzip\r\n\r\n"), false},
	{"in two encodings", says(ok200 + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), false},

	{"until the end of the connection", ends("HTTP/1.1 500 X\r\n\r\nno"), false},
	{"HTTP/1.0", ends("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"), false},
	{"HTTP/1.0 that is kept", says("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok"), false},
	{"HTTP/2.0 in text", says("HTTP/2.0 200 OK\r\n" + length), false},
	{"small letters", says("http/1.1 200 OK\r\n" + length), false},
	{"the end was announced", ends(ok200 + "connection: Close\r\n" + length), false},
	{"kept, and said so", says(ok200 + "Connection: Keep-Alive\r\nKeep-Alive: timeout=5\r\n" + length), false},
	{"an unannounced end", ends(ok200 + length), true},
	{"two at once", says(ok200 + length + ok200 + length), true},
	{"with something behind", says(ok200 + length + "junk"), true},

	{"two equal lengths", says(ok200 + "Content-Length: 0\r\n" + length), false},
	{"two different lengths", says(ok200 + "Content-Length: 1\r\n" + length), false},
	{"a negative length", says(ok200 + "Content-Length: -7\r\n\r\n"), false},
	{"a length with a sign", says(ok200 + "Content-Length: +0\r\n\r\n"), false},
	{"no length in the length", says(ok200 + "Content-Length:\r\n\r\n"), false},
	{"an enormous length", says(ok200 + "Content-Length: 99999999999999999999\r\n\r\n"), false},

	{"a folded header", says(ok200 + "X: a\r\n b\r\n" + length), false},
	{"a folded length", says(ok200 + "Content-Length:\r\n 2\r\n\r\nok"), false},
	{"a fold at first", says(ok200 + " X: a\r\n" + length), false},
	{"a header without a colon", says(ok200 + "X\r\n" + length), false},
	{"a header without a name", says(ok200 + ": x\r\n" + length), false},
	{"a space before the colon", says(ok200 + "Content-Length : 2\r\n" + length), false},
	{"bare line feeds", says("HTTP/1.1 200 OK\nContent-Length: 2\n\nok"), false},
	{"a bare carriage return", says(ok200 + "X: a\rb\r\n" + length), false},
	{"a NUL in a header", says(ok200 + "X: a\x00\r\n" + length), false},
	{"letters beyond ASCII", says("HTTP/1.1 200 Schön\r\nX: ü\r\n" + length), false},
	{"a head that just fits", says(ok200 + "X: " + strings.Repeat("y", 60_000) + "\r\n" + length), false},
	{"a head of many lines", says(ok200 + strings.Repeat("X: y\r\n", 20_000) + length), false},
	{"a line without end", says(ok200 + strings.Repeat("X", 100_000)), false},

	{"garbage", says("SSH-2.0-OpenSSH_9.6\r\n"), false},
	{"a status of two digits", says("HTTP/1.1 20 X\r\n" + length), false},
	{"a status of letters", says("HTTP/1.1 2x0 X\r\n" + length), false},
	{"an empty line", says("\r\n" + ok200 + length), false},
	{"nothing to the second request", once(ok200+length, ""), false},
	{"part of an answer to the second request", once(ok200+length, "HTTP/1.1 20"), false},
	{"a reset at the second request", func(c socket, n int) bool { return once(ok200+length, "")(c, n) || resets(c, n) }, false},
	{"nothing", ends(""), false},
	{"a reset", resets, false},
	{"part of a status", ends("HTTP/1.1 20"), false},
	{"part of a head", ends(ok200 + "Content-Le"), false},
	{"part of a body", ends(ok200 + "Content-Length: 9\r\n\r\nhalf"), false},
	{"silence", hangs(""), false},
	{"silence within the head", hangs(ok200 + "Content-Le"), false},
	{"silence within the body", hangs(ok200 + "Content-Length: 9\r\n\r\nhalf"), false},
	{"silence to the second request", func(c socket, n int) bool {
		return n == 0 && says(ok200+length)(c, n) || n > 0 && hangs("")(c, n)
	}, false},
	{"silence after 100", hangs("HTTP/1.1 100 Continue\r\n\r\n"), false},
}

// Whatever a target says, both engines make the same of it, down to the words.
func TestBothEnginesMakeTheSameOfEveryAnswer(t *testing.T) {
	log.SetOutput(io.Discard) // net/http tells of what nobody asked for
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
	for scheme, scripted := range schemes {
		for _, test := range odd {
			t.Run(scheme+" "+test.name, func(t *testing.T) {
				t.Parallel()
				target := scripted(t, test.do)
				want := answers(t, target, NetHTTP, test.once)
				if got := answers(t, target, FastLane, test.once); got != want {
					t.Errorf("the fast lane gives\n%s\nnet/http gives\n%s", got, want)
				}
				if got := answers(t, target, oneThread, test.once); got != want {
					t.Errorf("one thread gives\n%s\nnet/http gives\n%s", got, want)
				}
			})
		}
	}
}

var (
	ports  = regexp.MustCompile(`:\d+`)
	pauses = regexp.MustCompile(`idle for [^,]+,`)
)

// answers posts twice, and tells what came of it.
func answers(t *testing.T, target Options, engine Engine, once bool) string {
	t.Helper()
	limit := 10 * time.Second
	if strings.Contains(t.Name(), "silence") {
		limit = 150 * time.Millisecond // enough to connect, also on a busy machine
	}
	s, dials, end := open(t, target, engine)
	defer end()
	var all strings.Builder
	for n := range 2 {
		if once && n > 0 {
			break
		}
		a := s.Send(t.Context(), &Request{Body: []byte("{}"), Timeout: limit})
		text := pauses.ReplaceAllString(ports.ReplaceAllString(a.Failure.String(), ":PORT"), "idle for a while,")
		fmt.Fprintf(&all, "%d %q %q %s %q\n", a.Status, text, a.Location, a.RetryAfter, a.Excerpt)
	}
	if !once {
		fmt.Fprintf(&all, "%d connections", dials())
	}
	return all.String()
}

// with gives a target the time limit of a run, and an engine.
func with(o Options, engine Engine, connections int) Options {
	o.Engine, o.Connections, o.Timeout = engine, connections, 10*time.Second
	return o
}

// open is what a worker would send with.
func open(t testing.TB, target Options, engine Engine) (s Sender, dials func() uint64, end func()) {
	t.Helper()
	threaded := engine == oneThread
	if threaded {
		engine = FastLane
	}
	shared, err := New(with(target, engine, 64))
	if err != nil {
		t.Fatal(err)
	}
	own := shared
	if p, ok := shared.(PerWorker); ok {
		own = p.ForWorker()
	}
	if threaded {
		s = &thread{t: t, Sender: own, pacer: pacer(t)}
	} else {
		s = own
	}
	return s, shared.(interface{ Dials() uint64 }).Dials, func() {
		if own != shared {
			own.(io.Closer).Close()
		}
		shared.(io.Closer).Close()
	}
}

// oneThread is the fast lane, used as a thread does that waits for the answers by itself.
const oneThread Engine = 99

// thread sends as such a thread does, one request at a time.
type thread struct {
	t     testing.TB
	pacer *pace.Pacer
	Sender
	begun int // requests that it has sent itself
}

// pacer makes the thread of a test one that waits for sockets, where there is such a thing.
func pacer(t testing.TB) *pace.Pacer {
	p, release := pace.NewPacer(pace.NewClock(time.Now(), 1), pace.Kernel)
	t.Cleanup(release)
	return p
}

func (s *thread) Send(ctx context.Context, r *Request) Answer {
	lane, ok := s.Sender.(Threaded)
	if !ok || s.pacer.Poll() == nil || !lane.Park(s.pacer.Poll()) {
		return s.Sender.Send(ctx, r)
	}
	heard := false
	begun, whole := lane.Begin(ctx, r, func() { heard = true })
	if !begun {
		return s.Sender.Send(ctx, r)
	}
	for s.begun++; whole; {
		if s.pacer.Idle(); heard {
			heard = false
			a, _, there, wait := lane.Answered(ctx, r)
			if there {
				return a
			}
			whole = wait
		} else if ctx.Err() != nil || !time.Now().Before(lane.Due()) {
			break
		}
	}
	lane.Leave()
	answer := make(chan Answer)
	go func() { answer <- lane.Resume(ctx, r) }()
	return <-answer
}
