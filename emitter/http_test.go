package emitter_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/memnet"
	"github.com/ringback/ringback/signature"
)

// inMemory is a target whose connections handle gets, one goroutine each.
func inMemory(t *testing.T, handle func(net.Conn)) emitter.Target {
	l := memnet.Listen()
	var serving sync.WaitGroup
	serving.Go(func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			serving.Go(func() { defer c.Close(); handle(c) })
		}
	})
	t.Cleanup(func() { l.Close(); serving.Wait() })
	return emitter.Target{Name: "t", URL: "http://consumer/events", Dial: l.DialContext, Secret: secret(t)}
}

// answering reads a request and then writes a text, for as long as there are requests.
func answering(text string) func(net.Conn) {
	return func(c net.Conn) {
		r := bufio.NewReader(c)
		for {
			request, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			io.Copy(io.Discard, request.Body)
			if _, err := io.WriteString(c, text); err != nil {
				return
			}
		}
	}
}

func TestRequestOnTheWire(t *testing.T) { eachEngine(t, testRequestOnTheWire) }

func testRequestOnTheWire(t *testing.T, engine emitter.Engine) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		target := inMemory(t, func(c net.Conn) {
			r := bufio.NewReader(c)
			for status := 503; ; status = 200 {
				request, err := http.ReadRequest(r)
				if err != nil {
					return
				}
				body, _ := io.ReadAll(request.Body)
				token := request.Header.Get("Vonage-Signature")
				if err := signature.Verify(secret(t), token, body, time.Now()); err != nil {
					t.Errorf("signature: %v", err)
				}
				request.Header.Del("Vonage-Signature")
				got = append(got, fmt.Sprintf("%s %s %s %d %v %s", request.Method, request.RequestURI, request.Host, request.ContentLength, request.Header, body))
				fmt.Fprintf(c, "HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n", status)
			}
		})
		target.URL = "http://ann:pass@consumer/events?key=1#top"
		target.Header = http.Header{"x-team": {"blue", "green"}, "host": {"virtual.example"}}
		start := time.Now()
		e := emitter.Emitter{Targets: []emitter.Target{target}, Engine: engine, ContentType: "application/cloudevents+json; charset=utf-8"}
		result := play(t, &e, notes(1, 0))

		n := note(0, 0, 0)
		body := string(n.AppendBody(nil))
		want := fmt.Sprintf("POST /events?key=1 virtual.example %d map[Authorization:[Basic YW5uOnBhc3M=] "+
			"Content-Length:[%d] Content-Type:[application/cloudevents+json; charset=utf-8] User-Agent:[ringback] X-Team:[blue green]] %s", len(body), len(body), body)
		wantSame(t, "requests", got, []string{want, want})
		if got := time.Since(start); got != 5*time.Second {
			t.Errorf("run took %v, want 5s", got)
		}
		if got := result.Targets[0].NewConnections; got != 1 {
			t.Errorf("%d connections opened for two attempts, want 1", got)
		}
	})
}

func TestAnswersOfEveryKind(t *testing.T) { eachEngine(t, testAnswersOfEveryKind) }

func testAnswersOfEveryKind(t *testing.T, engine emitter.Engine) {
	const head = "HTTP/1.1 200 OK\r\n"
	tests := []struct {
		name   string
		handle func(net.Conn)
		want   string // the row
		took   time.Duration
	}{
		{"an empty success", answering(head + "Content-Length: 0\r\n\r\n"), "0/1 accepted ", 0},
		{"a success with a body", answering(head + "Content-Length: 2\r\n\r\nok"), "0/1 accepted ", 0},
		{"a success after 100 Continue", answering("HTTP/1.1 100 Continue\r\n\r\n" + head + "Content-Length: 0\r\n\r\n"), "0/1 accepted ", 0},
		{"a success with a body of megabytes", answering(head + "Content-Length: 9000000\r\n\r\n" + strings.Repeat("x", 9_000_000)), "0/1 accepted ", 0},
		{"a refusal", answering("HTTP/1.1 401 No\r\nContent-Length: 9\r\n\r\nwrong key"), "0/1 given-up status: 401 Unauthorized", 0},
		{"a switch of protocols", answering("HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"), "0/1 given-up status: 101 Switching Protocols", 0},
		{"a redirect", answering("HTTP/1.1 307 X\r\nLocation: http://u:p@else/where?key=1\r\nContent-Length: 0\r\n\r\n"),
			"0/1 given-up redirect: 307 to http://else/where", 0},
		{"a status without a name", answering("HTTP/1.1 299 X\r\nContent-Length: 0\r\n\r\n"), "0/1 given-up status: 299", 0},
		{"no answer", func(c net.Conn) { io.Copy(io.Discard, c) }, "0/1 given-up timeout: no complete response within 10s", 10 * time.Second},
		{"a head that does not end", dribble(head + "X-Slow: "), "0/1 given-up timeout: no complete response within 10s", 10 * time.Second},
		{"a body that does not end", dribble(head + "Content-Length: 1000\r\n\r\n"), "0/1 given-up timeout: no complete response within 10s", 10 * time.Second},
		{"a head without end", answering(head + strings.Repeat("X: y\r\n", 100_000)),
			"0/1 given-up answer: server response headers exceeded 65536 bytes; aborted", 0},
		{"garbage", answering("SSH-2.0-OpenSSH_9.6\r\n"), "0/1 given-up answer: malformed HTTP response \"SSH-2.0-OpenSSH_9.6\"", 0},
		{"an unreadable length", answering(head + "Content-Length: -7\r\n\r\n"), "0/1 given-up answer: bad Content-Length \"-7\"", 0},
		{"a broken chunk", answering(head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"), "0/1 given-up answer: invalid byte in chunk length", 0},
		{"the end of the connection before the answer", func(c net.Conn) { c.Read(make([]byte, 4096)) }, "0/1 given-up reset: EOF", 0},
		{"the end of the connection within the body", func(c net.Conn) {
			c.Read(make([]byte, 4096))
			io.WriteString(c, head+"Content-Length: 9\r\n\r\nhalf")
		}, "0/1 given-up reset: unexpected EOF", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var got rows
				start := time.Now()
				e := emitter.Emitter{Targets: []emitter.Target{inMemory(t, test.handle)}, Engine: engine, RetryFor: -1, On: got.on}
				result := play(t, &e, notes(1, 0))
				wantSame(t, "rows", got.list, []string{test.want})
				latency := result.Targets[0].Latency
				if counts := latency.TotalCount() == 1; counts != (strings.Contains(test.want, "status") || strings.Contains(test.want, "redirect") ||
					strings.Contains(test.want, "accepted") || strings.Contains(test.want, "timeout")) {
					t.Errorf("latency counts: %v; want answers and timeouts to count, and nothing else", counts)
				}
				if got := time.Since(start); got != test.took {
					t.Errorf("run took %v, want %v", got, test.took)
				}
			})
		})
	}
}

// dribble writes a beginning and then a byte a second.
func dribble(head string) func(net.Conn) {
	return func(c net.Conn) {
		http.ReadRequest(bufio.NewReader(c))
		_, err := io.WriteString(c, head)
		for err == nil {
			time.Sleep(time.Second)
			_, err = c.Write([]byte("x"))
		}
	}
}

func TestTheBeginningOfARefusalIsKept(t *testing.T) { eachEngine(t, testTheBeginningOfARefusalIsKept) }

func testTheBeginningOfARefusalIsKept(t *testing.T, engine emitter.Engine) {
	synctest.Test(t, func(t *testing.T) {
		var excerpt string
		e := emitter.Emitter{Engine: engine, RetryFor: -1, On: func(a *emitter.Attempt) error { excerpt = string(a.Excerpt); return nil }}
		e.Targets = []emitter.Target{inMemory(t, answering("HTTP/1.1 401 X\r\nContent-Length: 600\r\n\r\nno\nkey"+strings.Repeat("!", 594)))}
		result := play(t, &e, notes(2, time.Second))
		if want := "no\nkey" + strings.Repeat("!", 250); excerpt != want {
			t.Errorf("excerpt is %q, want 256 bytes", excerpt)
		}
		if got := result.Targets[0].NewConnections; got != 1 {
			t.Errorf("%d connections, want 1: the rest of the body was read", got)
		}
		got := result.Targets[0].Diagnoses()[0]
		if !strings.HasPrefix(got, `t: status, 2 times: 401 Unauthorized "no key!!!`) || !strings.HasSuffix(got, "; is the secret the same on both sides, and its decoded bytes the key?") {
			t.Errorf("diagnosis is %s", got)
		}
	})
}

func TestRedirectsAreFollowedOnRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		target := inMemory(t, func(c net.Conn) {
			r := bufio.NewReader(c)
			for {
				request, err := http.ReadRequest(r)
				if err != nil {
					return
				}
				body, _ := io.ReadAll(request.Body)
				got = append(got, fmt.Sprintf("%s %s%s %d %s %t", request.Method, request.Host, request.URL.Path, len(body),
					request.Header.Get("X-Team"), request.Header.Get("Vonage-Signature") != ""))
				switch request.URL.Path {
				case "/events":
					io.WriteString(c, "HTTP/1.1 302 X\r\nLocation: /second\r\nContent-Length: 3\r\n\r\nsee")
				case "/second":
					io.WriteString(c, "HTTP/1.1 308 X\r\nLocation: http://other/third\r\nContent-Length: 0\r\n\r\n")
				case "/loop":
					io.WriteString(c, "HTTP/1.1 307 X\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n")
				default:
					io.WriteString(c, "HTTP/1.1 200 X\r\nContent-Length: 0\r\n\r\n")
				}
			}
		})
		target.Header = http.Header{"X-Team": {"blue"}}
		e := emitter.Emitter{Targets: []emitter.Target{target}, RetryFor: -1, Redirects: emitter.FollowRedirects}
		n := note(0, 0, 0)
		size := len(n.AppendBody(nil))
		result := play(t, &e, notes(1, 0))
		if !result.AllRight() {
			t.Errorf("not accepted: %v", result.Targets[0].Diagnoses())
		}
		wantSame(t, "requests", got, []string{
			fmt.Sprintf("POST consumer/events %d blue true", size),
			fmt.Sprintf("POST consumer/second %d blue true", size),
			fmt.Sprintf("POST other/third %d  true", size), // another host does not get the header
		})

		got = nil
		e.Targets[0].URL = "http://consumer/loop"
		result = play(t, &e, notes(1, 0))
		if len(got) != 6 || result.Total().Failures[emitter.ClassRedirect].Count != 1 {
			t.Errorf("%d requests in a loop, want the first and 5 hops: %v", len(got), result.Targets[0].Diagnoses())
		}
	})
}

// Requests that are spaced out must find their connection again.
func TestPacedRequestsUseTheirConnectionsAgain(t *testing.T) {
	eachEngine(t, testPacedRequestsUseTheirConnectionsAgain)
}

func testPacedRequestsUseTheirConnectionsAgain(t *testing.T, engine emitter.Engine) {
	synctest.Test(t, func(t *testing.T) {
		target := inMemory(t, func(c net.Conn) {
			r := bufio.NewReader(c)
			for {
				request, err := http.ReadRequest(r)
				if err != nil {
					return
				}
				io.Copy(io.Discard, request.Body)
				time.Sleep(950 * time.Millisecond) // no answer comes in the moment of a request
				io.WriteString(c, "HTTP/1.1 200 X\r\nContent-Length: 0\r\n\r\n")
			}
		})
		e := emitter.Emitter{Targets: []emitter.Target{target}, Engine: engine}
		result := play(t, &e, notes(500, 100*time.Millisecond))
		if got := result.Targets[0].NewConnections; got != 10 {
			t.Errorf("%d connections opened for 10 requests a second of 950 ms each, want 10", got)
		}
	})
}

// What a sender of somebody else answers is freed of secrets, too.
func TestASenderOfSomebodyElseKeepsNoSecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rows []emitter.Attempt
		e := emitter.Emitter{Speed: emitter.Max, RetryFor: -1, On: func(a *emitter.Attempt) error {
			row := *a
			row.Excerpt = append([]byte(nil), a.Excerpt...)
			rows = append(rows, row)
			return nil
		}}
		e.Targets = []emitter.Target{{Name: "t", Sender: talkative{}, Secret: signature.Secret("0123456789abcdef0123456789ABCDEF"), Header: http.Header{"X-Pin": {"k9Zq"}}, Hide: []string{"as-given"}}}
		if _, err := e.Run(t.Context(), time.Now(), slices.Values(notes(2, 0))); err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if text := row.Failure.Text + string(row.Excerpt); strings.Contains(text, "k9Zq") || strings.Contains(text, "cdef") || strings.Contains(text, "given") {
				t.Errorf("the row shows %s", text)
			}
		}
	})
}

// talkative repeats what it knows.
type talkative struct{}

func (talkative) Send(_ context.Context, r *emitter.Request) emitter.Answer {
	return emitter.Answer{Status: 400, Excerpt: []byte("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlBQkNERUY= as-given " + string(r.Signature)), Location: "http://k9Zq/"}
}
