package emitter_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/memnet"
	"github.com/ringback/ringback/plan"
)

// consumers is some consumers in memory, which take a while for each answer.
type consumers struct {
	targets  []emitter.Target
	takes    time.Duration
	open     atomic.Int64 // connections to all of them
	most     atomic.Int64
	received atomic.Int64
}

// newConsumers starts so many consumers. They end with the test.
func newConsumers(t *testing.T, n int, takes time.Duration) *consumers {
	c := &consumers{takes: takes}
	var serving sync.WaitGroup
	t.Cleanup(serving.Wait)
	for i := range n {
		l := memnet.Listen()
		server := &http.Server{Handler: c}
		serving.Go(func() { _ = server.Serve(l) })
		t.Cleanup(func() { server.Close() })
		c.targets = append(c.targets, emitter.Target{Name: fmt.Sprint("t", i), URL: "http://consumer.example/", Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := l.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			for n := c.open.Add(1); ; {
				if most := c.most.Load(); n <= most || c.most.CompareAndSwap(most, n) {
					return &openConn{Conn: conn, open: &c.open}, nil
				}
			}
		}})
	}
	return c
}

func (c *consumers) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	select {
	case <-time.After(c.takes):
		c.received.Add(1)
	case <-r.Context().Done():
	}
}

// openConn is a connection that counts itself while it is open.
type openConn struct {
	net.Conn
	once sync.Once
	open *atomic.Int64
}

func (c *openConn) Close() error {
	c.once.Do(func() { c.open.Add(-1) })
	return c.Conn.Close()
}

// 824 connections of 100 subscriptions once stayed open for ever.
func TestIdleConnectionsEnd(t *testing.T) {
	for _, engine := range []emitter.Engine{emitter.AutoEngine, emitter.NetHTTP} {
		synctest.Test(t, func(t *testing.T) {
			const limit = 30 * time.Second
			c := newConsumers(t, 2, time.Second)
			sockets := &emitter.Sockets{}
			var callers []*emitter.Caller
			for i := range c.targets {
				line, err := (&emitter.Emitter{Engine: engine, Sockets: sockets}).Line(&c.targets[i])
				if err != nil {
					t.Fatal(err)
				}
				defer line.Close()
				for range 8 {
					caller := line.Caller()
					defer caller.Close()
					callers = append(callers, caller)
				}
			}
			send := func(of []*emitter.Caller) {
				var all sync.WaitGroup
				for _, caller := range of {
					all.Go(func() {
						if s := caller.Send(t.Context(), &emitter.Single{Note: &plan.Notification{}, Body: []byte("{}"), Number: 1, Secret: secret(t)}); s.Outcome != emitter.Accepted || s.Token == "" {
							t.Errorf("%v: the attempt came to %+v", engine, s)
						}
					})
				}
				all.Wait()
				synctest.Wait()
			}
			wantOpen := func(when string, want int) {
				t.Helper()
				synctest.Wait()
				if open, idle, _, _ := sockets.State(); int(c.open.Load()) != want || open != want || idle != want {
					t.Errorf("%v, %s: %d connections are open, they tell of %d, of these %d idle, want %d", engine, when, c.open.Load(), open, idle, want)
				}
			}
			send(callers)
			wantOpen("after the first attempts", 16)
			time.Sleep(limit / 2)
			one := callers[:1]
			if engine == emitter.NetHTTP { // which gives each caller any connection to its target
				one = callers[:8]
			}
			send(one)
			time.Sleep(limit/2 - time.Second)
			wantOpen("half a limit later", len(one))
			time.Sleep(limit)
			wantOpen("at the end", 0)
			send(callers)
			wantOpen("in use again", 16)
		})
	}
}

// More connections than this process may have files are never open, and all is delivered; who waits is
// not blamed on the consumer.
func TestConnectionsStayWithinTheLimitOfFiles(t *testing.T) {
	for _, engine := range []emitter.Engine{emitter.AutoEngine, emitter.NetHTTP} {
		synctest.Test(t, func(t *testing.T) {
			c := newConsumers(t, 40, 500*time.Millisecond)
			told := 0
			s := &emitter.Sockets{Most: 10, Full: func() { told++ }}
			e := &emitter.Emitter{Targets: c.targets, Connections: 8, Engine: engine, Sockets: s, Timeout: 2 * time.Second}
			result := play(t, e, notes(20, 10*time.Millisecond))
			synctest.Wait()
			total := result.Total()
			if !result.AllRight() || c.received.Load() != 800 || total.Attempts != 800 {
				t.Errorf("%v: %d received, %+v, want 800 at the first attempt", engine, c.received.Load(), total.Counts)
			}
			most := int64(10)
			if engine == emitter.NetHTTP { // which dials beside a connection that is given back in that moment; half of the files are left for such
				most += 2
			}
			if c.most.Load() > most || c.open.Load() != 0 {
				t.Errorf("%v: %d connections were open at once and %d are, want %d at most and none", engine, c.most.Load(), c.open.Load(), most)
			}
			if open, _, waiting, waited := s.State(); open != 0 || waiting != 0 || waited != total.FileLimited || waited < 100 || told == 0 {
				t.Errorf("%v: %d are open, %d attempts wait, %d waited, told %d times, %d attempts were limited", engine, open, waiting, waited, told, total.FileLimited)
			}
			if !slices.ContainsFunc(result.Invalid, func(s string) bool {
				return strings.HasPrefix(s, "load generator saturated") && strings.Contains(s, "at most 10 at once are possible with the limit of open files; raise it")
			}) {
				t.Errorf("%v: invalid because of %q, want the limit of open files", engine, result.Invalid)
			}
			if d := result.Ended.Sub(result.Started); d > 60*time.Second { // 40 s is the least
				t.Errorf("%v: it took %v, so places were left empty", engine, d)
			}
		})
	}
}

func TestAFewThatWaitedAreARemark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newConsumers(t, 3, 10*time.Millisecond)
		result := play(t, &emitter.Emitter{Targets: c.targets, Sockets: &emitter.Sockets{Most: 2}}, notes(5, time.Minute))
		if !result.AllRight() || len(result.Invalid) > 0 || len(result.Remarks) != 1 || !strings.Contains(result.Remarks[0], "waited for a connection: at most 2 at once") {
			t.Errorf("%+v, invalid %q, remarks %q", result.Total().Counts, result.Invalid, result.Remarks)
		}
	})
}

// What waits for a connection has not begun: a run that is drained does not begin it.
func TestADrainedRunBeginsNothingThatWaitsForAConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newConsumers(t, 5, 3*time.Second)
		drain := make(chan struct{})
		time.AfterFunc(time.Second, func() { close(drain) })
		e := &emitter.Emitter{Targets: c.targets, Drain: drain, Sockets: &emitter.Sockets{Most: 2}}
		result := play(t, e, notes(1, 0))
		total := result.Total()
		if total.Accepted != 2 || total.Undelivered != 3 || total.Attempts != 2 || c.received.Load() != 2 {
			t.Errorf("%d received, %+v, want two that were in flight and three undelivered", c.received.Load(), total.Counts)
		}
	})
}

func TestAWaitForAConnectionEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newConsumers(t, 1, time.Hour)
		line, err := (&emitter.Emitter{Timeout: time.Hour, Sockets: &emitter.Sockets{Most: 1}}).Line(&c.targets[0])
		if err != nil {
			t.Fatal(err)
		}
		defer line.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				caller := line.Caller()
				defer caller.Close()
				if s := caller.Send(ctx, &emitter.Single{Note: &plan.Notification{}, Number: 1}); s.Failure.Class != emitter.ClassStopped {
					t.Errorf("it came to %+v", s)
				}
			})
		}
		all.Wait()
	})
}

// A busy target leaves room for others, and gives up its connection only once in a while.
func TestABusyTargetSharesTheConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newConsumers(t, 2, time.Millisecond)
		other := c.targets[1].Name
		var late time.Duration
		e := &emitter.Emitter{Targets: c.targets, Connections: 1, Sockets: &emitter.Sockets{Most: 1}, On: func(a *emitter.Attempt) error {
			if a.Target == other {
				late = max(late, a.Lateness)
			}
			return nil
		}}
		e.Targets[1].Types = []string{"channel.held.*"} // none of those
		result := play(t, e, notes(5000, 500*time.Microsecond))
		if total := result.Total(); !result.AllRight() || total.NewConnections > 3 {
			t.Errorf("%d connections for one target alone: %+v", total.NewConnections, total.Counts)
		}
		e.Targets[1].Types = nil
		result = play(t, e, notes(1000, 2*time.Millisecond))
		if total := result.Total(); !result.AllRight() || total.NewConnections < 4 || total.NewConnections > 100 || late > 5*time.Second {
			t.Errorf("%d connections, up to %v late: %+v", total.NewConnections, late, total.Counts)
		}
	})
}

// Over HTTP/2 the workers of a target share a connection, which ends with the place of any of them while no other one needs it.
func TestConnectionsOfHTTP2AreBoundedToo(t *testing.T) {
	var open, most atomic.Int64
	e := &emitter.Emitter{Speed: emitter.Max, Connections: 2, Sockets: &emitter.Sockets{Most: 1}}
	for range 3 {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, _ = io.Copy(io.Discard, r.Body); r.ProtoMajor != 2 {
				w.WriteHeader(http.StatusHTTPVersionNotSupported)
			}
		}))
		server.EnableHTTP2 = true
		server.StartTLS()
		defer server.Close()
		e.Targets = append(e.Targets, emitter.Target{URL: server.URL, TLS: emitter.TLS{InsecureSkipVerify: true}, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			most.Store(max(most.Load(), open.Add(1)))
			return &openConn{Conn: conn, open: &open}, nil
		}})
	}
	result, err := e.Run(t.Context(), time.Now(), slices.Values(notes(20, 0)))
	if err != nil || !result.AllRight() || most.Load() > 3 || open.Load() != 0 {
		t.Errorf("%v, %+v; %d connections at once, %d at the end, want one of each target at most, and none", err, result.Total().Counts, most.Load(), open.Load())
	}
}
