package emitter_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/memnet"
)

// impatient is a consumer that ends each connection after some answers without saying so: at once, or when another request has come.
type impatient struct {
	answers int
	reads   bool
	heard   atomic.Int64 // requests
}

func (c *impatient) serve(conn net.Conn) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	for n := 0; n < c.answers || c.reads; n++ {
		request, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		io.Copy(io.Discard, request.Body)
		if c.heard.Add(1); n == c.answers {
			return
		}
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	}
}

// open listens, at most for so many connections; 0: any number.
func (c *impatient) open(t *testing.T, most int) (url string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for n := 1; ; n++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if n == most {
				l.Close()
			}
			serving.Go(func() { c.serve(conn) })
		}
	})
	t.Cleanup(func() { l.Close(); serving.Wait() })
	return "http://" + l.Addr().String() + "/events"
}

// No attempt fails at a consumer that answers every request which reaches it.
func TestStaleConnectionsAreNoFailedAttempts(t *testing.T) {
	for _, c := range []*impatient{{answers: 1}, {answers: 3}, {answers: 1, reads: true}, {answers: 3, reads: true}} {
		eachEngine(t, func(t *testing.T, engine emitter.Engine) {
			const n = 89
			var log bytes.Buffer
			file := emitter.NewLog(&log, "r", 1)
			c.heard.Store(0)
			e := emitter.Emitter{Targets: []emitter.Target{{Name: "crm", URL: c.open(t, 0)}}, Speed: emitter.Max, Connections: 4, Engine: engine, RetryFor: -1, On: file.Record}
			result := play(t, &e, notes(n, 0))
			file.Close()
			total := result.Total()
			if !result.AllRight() || total.Accepted != n || total.Attempts != n || total.Retries != 0 || len(total.Failures) > 0 || total.Silent {
				t.Errorf("%d answers: %+v", c.answers, total)
			}
			if got := total.Latency.TotalCount(); got != n {
				t.Errorf("%d latencies, want %d", got, n)
			}
			if stale := strings.Count(log.String(), `"outcome":"retrying","error":"stale-connection: the kept connection, idle for `); uint64(stale) != total.Stale || strings.Count(log.String(), "\n") != n+stale {
				t.Errorf("%d stale connections, %d of them in the log:\n%s", total.Stale, stale, log.String())
			}
			if c.reads && (total.Stale == 0 || c.heard.Load() != int64(n+total.Stale)) {
				t.Errorf("%d stale connections, %d requests seen; want some, and each once", total.Stale, c.heard.Load())
			}
			lines := strings.Join(result.Targets[0].Diagnoses(), "\n")
			if want := fmt.Sprintf("crm: %d stale connection", total.Stale); (total.Stale > 0) != strings.HasPrefix(lines, want) {
				t.Errorf("the diagnosis is %q, want %s…", lines, want)
			}
		})
	}
}

func TestAStaleConnectionIsFollowedByTheSameAttempt(t *testing.T) {
	eachEngine(t, func(t *testing.T, engine emitter.Engine) {
		c := &impatient{answers: 1, reads: true}
		var got rows
		e := emitter.Emitter{Targets: []emitter.Target{{URL: c.open(t, 0)}}, Speed: emitter.Max, Connections: 1, Engine: engine, RetryFor: -1, On: func(a *emitter.Attempt) error {
			a.Failure.Text = ""
			return got.on(a)
		}}
		play(t, &e, inOneStory(notes(2, 0)))
		wantSame(t, "rows", got.list, []string{"0/1 accepted ", "1/1 retrying stale-connection: ", "1/1 accepted "})
	})
}

// What happens to the request that is sent again is what the attempt came to.
func TestWhatFollowsAStaleConnectionMayFail(t *testing.T) {
	eachEngine(t, func(t *testing.T, engine emitter.Engine) {
		c := &impatient{answers: 1, reads: true}
		e := emitter.Emitter{Targets: []emitter.Target{{URL: c.open(t, 1)}}, Speed: emitter.Max, Connections: 1, Engine: engine, RetryFor: -1}
		result := play(t, &e, inOneStory(notes(2, 0)))
		if total := result.Total(); total.Stale != 1 || total.Attempts != 2 || total.GivenUp != 1 || total.Failures[emitter.ClassRefused].Count != 1 || len(total.Failures) != 1 {
			t.Errorf("%+v", total)
		}
	})
}

// A request that comes when the time of an idle connection is over, to the moment.
func TestAConsumerThatEndsIdleConnections(t *testing.T) {
	for _, idle := range []time.Duration{time.Second, 2 * time.Second, 5 * time.Second} {
		eachEngine(t, func(t *testing.T, engine emitter.Engine) {
			synctest.Test(t, func(t *testing.T) {
				l := memnet.Listen()
				server := &http.Server{Handler: http.HandlerFunc(accept), IdleTimeout: idle}
				var serving sync.WaitGroup
				serving.Go(func() { server.Serve(l) })
				e := emitter.Emitter{Targets: []emitter.Target{{URL: "http://consumer/events", Dial: l.DialContext}}, Engine: engine, RetryFor: -1}
				result := play(t, &e, inOneStory(notes(50, idle)))
				if total := result.Total(); total.Accepted != 50 || total.Attempts != 50 || len(total.Failures) > 0 {
					t.Errorf("idle for %v: %+v", idle, total)
				}
				server.Close()
				serving.Wait()
			})
		})
	}
}

func TestALineSendsAgainOverANewConnection(t *testing.T) {
	c := &impatient{answers: 1, reads: true}
	line, err := (&emitter.Emitter{}).Line(&emitter.Target{URL: c.open(t, 2)})
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	caller := line.Caller()
	defer caller.Close()
	for i, want := range []struct {
		outcome emitter.Outcome
		class   emitter.Class
		stale   bool
	}{{emitter.Accepted, "", false}, {emitter.Accepted, "", true}, {emitter.Retrying, emitter.ClassRefused, true}} {
		n := notes(1, 0)[0]
		s := caller.Send(t.Context(), &emitter.Single{Note: &n, Body: []byte("{}"), Number: 1, Secret: secret(t)})
		if s.Outcome != want.outcome || s.Failure.Class != want.class || (s.Stale != nil) != want.stale {
			t.Errorf("request %d: %+v", i, s)
		}
		if want.stale && (s.Stale.Failure.Class != emitter.ClassStale || s.Stale.Status != 0 || s.Stale.Token == "" || s.Sent.Before(s.Stale.Sent)) {
			t.Errorf("request %d: before it %+v", i, s.Stale)
		}
	}
}

// A consumer that works on each notification and crashes the first time has failed, over whatever connection.
func TestAConsumerThatCrashesWhileItWorksHasFailed(t *testing.T) {
	eachEngine(t, func(t *testing.T, engine emitter.Engine) {
		synctest.Test(t, func(t *testing.T) {
			const n = 5
			l, seen := memnet.Listen(), map[string]bool{}
			server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				if id := string(body); !seen[id] {
					seen[id] = true
					time.Sleep(1500 * time.Millisecond)
					panic(http.ErrAbortHandler)
				}
			})}
			var serving sync.WaitGroup
			serving.Go(func() { server.Serve(l) })
			e := emitter.Emitter{Targets: []emitter.Target{{URL: "http://consumer/events", Dial: l.DialContext}}, Speed: emitter.Max, Connections: 1, Engine: engine}
			result := play(t, &e, inOneStory(notes(n, 0)))
			if total := result.Total(); total.Accepted != n || total.Attempts != 2*n || total.Retries != n || total.Stale != 0 || total.Failures[emitter.ClassReset].Count != n {
				t.Errorf("%+v", total)
			}
			server.Close()
			serving.Wait()
		})
	})
}
