package transport

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/memnet"
)

// burst is n deliveries that are released together.
func burst(n int) (all []trial.Delivery) {
	for range n {
		d := delivery(trial.Whole, 0, 100)
		d.Burst = 7
		all = append(all, d)
	}
	return all
}

func TestABurstIsInFlightTogether(t *testing.T) {
	const n = 12
	var now, most, whole atomic.Int32
	together := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		most.Store(max(most.Load(), now.Add(1)))
		defer now.Add(-1)
		if _, err := io.Copy(io.Discard, r.Body); err != nil || r.Header.Get("Connection") == "close" {
			return
		}
		if whole.Add(1) == n {
			close(together)
		}
		select {
		case <-together:
		case <-time.After(60 * time.Second):
		}
	}))
	defer server.Close()
	tr := open(t, Options{Target: emitter.Target{URL: server.URL}})
	all := append([]trial.Delivery{delivery(trial.NewClose, 0, 0)}, burst(n)...)
	all[3].Wire.Way, all[4].Wire.Way, all[5].Wire.Way = trial.Chunked, trial.CutOff, trial.LowerCase
	if answers, overlap, err := tr.Send(t.Context(), all[:1]); overlap != 1 || answers[0].Status != 200 || err != nil {
		t.Errorf("alone: %+v, overlap %d, %v", answers, overlap, err)
	}
	answers, overlap, err := tr.Send(t.Context(), all[1:])
	if overlap != n || most.Load() < n || err != nil {
		t.Errorf("overlap %d, seen by the server %d, %v; want %d", overlap, most.Load(), err, n)
	}
	for i, a := range answers {
		if a.Status != 200 || a.Attempts != 1 && i != 3 {
			t.Errorf("%d: %+v", i, a)
		}
	}
}

func TestTheLastBytesWaitForAllConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var moments sync.Map
		const last = 4 * (10*time.Millisecond + breath) // one after the other
		begin := time.Now()
		listener := memnet.Listen()
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			moments.Store(r.RemoteAddr+time.Now().String(), time.Since(begin))
		})}
		var served sync.WaitGroup
		served.Go(func() { server.Serve(listener) })
		defer func() { server.Close(); served.Wait() }()
		tr := open(t, Options{Target: emitter.Target{URL: "http://consumer.test", Dial: func(ctx context.Context, n, a string) (net.Conn, error) {
			time.Sleep(10 * time.Millisecond)
			return listener.DialContext(ctx, n, a)
		}}})
		defer tr.Close()
		answers, overlap, err := tr.Send(t.Context(), burst(4))
		if err != nil || overlap != 4 {
			t.Errorf("overlap %d, %v", overlap, err)
		}
		for _, a := range answers {
			if at := a.Sent.Sub(begin); at != last+calm {
				t.Errorf("sent at %v", at)
			}
		}
		moments.Range(func(_, at any) bool {
			if at != last+calm {
				t.Errorf("arrived at %v", at)
			}
			return true
		})
	})
}

func TestEachOfABurstIsTriedAgainByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int32
		tr := inMemory(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			if n.Add(1) <= 3 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})
		answers, overlap, err := tr.Send(t.Context(), burst(5))
		if err != nil || overlap != 5 || n.Load() != 8 {
			t.Errorf("overlap %d of %d requests, %v", overlap, n.Load(), err)
		}
		tried := 0
		for _, a := range answers {
			tried += a.Attempts
			if a.Status != 200 {
				t.Errorf("%+v", a)
			}
		}
		if tried != 8 {
			t.Errorf("%d attempts told, want 8", tried)
		}
	})
}

// A server that serves one connection at a time, and keeps it open, gets through a burst, and is free
// for others afterwards.
func TestABurstAtAServerOfOneConnection(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			for in := bufio.NewReader(c); ; {
				r, err := http.ReadRequest(in)
				if err != nil {
					break
				}
				io.Copy(io.Discard, r.Body)
				io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n")
			}
			c.Close()
		}
	})
	defer func() { listener.Close(); served.Wait() }()
	url := "http://" + listener.Addr().String()
	tr := open(t, Options{Target: emitter.Target{URL: url}})
	defer tr.Close()
	for _, all := range [][]trial.Delivery{{delivery(trial.Whole, 0, 0)}, burst(6),
		{delivery(trial.Whole, 0, 0), delivery(trial.CutOff, 5, 0), delivery(trial.Whole, 0, 0), delivery(trial.NewClose, 0, 0), delivery(trial.Slow, 0, 0)}} {
		answers, _, err := tr.Send(t.Context(), all)
		for _, a := range answers {
			if a.Status != 204 || err != nil {
				t.Errorf("%+v, %v", a, err)
			}
		}
	}
	tr.Rest()
	if resp, err := (&http.Client{Timeout: 5 * time.Second}).Get(url); err != nil || resp.StatusCode != 204 {
		t.Errorf("another client got %v, %v", resp, err)
	}
	http.DefaultClient.CloseIdleConnections()
}

// slotted is a connection that leaves room for another one when it ends.
type slotted struct {
	net.Conn
	leave func()
}

func (s slotted) Close() error {
	s.leave()
	return s.Conn.Close()
}

func TestBurstsAreSmallerWhereThereIsNoRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener, room := memnet.Listen(), make(chan struct{}, 3)
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) })}
		var served sync.WaitGroup
		served.Go(func() { server.Serve(listener) })
		defer func() { server.Close(); served.Wait() }()
		tr := open(t, Options{Target: emitter.Target{URL: "http://consumer.test", Dial: func(ctx context.Context, n, a string) (net.Conn, error) {
			room <- struct{}{}
			c, err := listener.DialContext(ctx, n, a)
			return slotted{c, sync.OnceFunc(func() { <-room })}, err
		}}})
		defer tr.Close()
		for i, want := range []time.Duration{time.Second, time.Second, stalled} {
			begin := time.Now()
			answers, overlap, err := tr.Send(t.Context(), burst(7))
			if took := time.Since(begin); err != nil || overlap < 3 || i > 1 && overlap != 3 || took > want {
				t.Errorf("burst %d: overlap %d after %v, %v", i, overlap, took, err)
			}
			for _, a := range answers {
				if a.Status != 200 || a.Attempts != 1 {
					t.Errorf("%+v", a)
				}
			}
		}
	})
}

// mortal is a consumer in memory that can be killed. It counts what it stored before it was.
type mortal struct {
	listener atomic.Pointer[memnet.Listener]
	server   atomic.Pointer[http.Server]
	served   sync.WaitGroup
	handler  http.HandlerFunc
	kills    atomic.Int32
	asleep   time.Duration // until it is there again
	moments  []time.Duration
	begin    time.Time
}

func (m *mortal) start() {
	l, s := memnet.Listen(), &http.Server{Handler: m.handler}
	m.listener.Store(l)
	m.server.Store(s)
	m.served.Go(func() { s.Serve(l) })
}

func (m *mortal) kill(context.Context) error {
	m.kills.Add(1)
	m.moments = append(m.moments, time.Since(m.begin))
	m.server.Load().Close()
	m.served.Go(func() {
		time.Sleep(m.asleep)
		m.start()
	})
	return nil
}

// live starts a mortal consumer.
func live(t *testing.T, m *mortal, o Options) *Transport {
	m.begin = time.Now()
	m.start()
	o.Kill, o.Target.URL = m.kill, "http://consumer.test"
	o.Target.Dial = func(ctx context.Context, n, a string) (net.Conn, error) {
		return m.listener.Load().DialContext(ctx, n, a)
	}
	tr := open(t, o)
	t.Cleanup(func() {
		tr.Close()
		time.Sleep(m.asleep + time.Second)
		m.server.Load().Close()
		m.served.Wait()
	})
	return tr
}

func TestAConsumerIsKilledInTheMiddleOfARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var requests atomic.Int32
		m := &mortal{asleep: 9 * time.Second, handler: func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			requests.Add(1)
			time.Sleep(20 * time.Millisecond)
		}}
		tr := live(t, m, Options{})
		all := []trial.Delivery{delivery(trial.Whole, 0, 0), delivery(trial.Whole, 0, 0), delivery(trial.Whole, 0, 0), delivery(trial.Whole, 0, 0)}
		all[1].Crash = trial.Crash{When: trial.Within, After: 5 * time.Millisecond}
		all[2].Crash = trial.Crash{When: trial.Behind}
		all[3].Crash = trial.Crash{When: trial.Within, After: 30 * time.Millisecond} // comes behind the answer
		answers, _, err := tr.Send(t.Context(), all)
		if err != nil || m.kills.Load() != 3 || requests.Load() != 5 {
			t.Fatalf("%d kills, %d requests, %v", m.kills.Load(), requests.Load(), err)
		}
		for i, attempts := range []int{1, 2, 1, 1} {
			if a := answers[i]; a.Status != 200 || a.Attempts != attempts || (a.First == 200) != (attempts == 1) {
				t.Errorf("%d: %+v, want %d attempts", i, a, attempts)
			}
		}
		if m.moments[0] != 25*time.Millisecond {
			t.Errorf("killed at %v, want 25 ms", m.moments[0])
		}
		if at := m.moments[1] - m.moments[0]; at < 9*time.Second || at > 9100*time.Millisecond {
			t.Errorf("killed again after %v", at)
		}
	})
}

func TestAConsumerIsKilledDuringABurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mortal{asleep: 20 * time.Second, handler: func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			time.Sleep(20 * time.Millisecond)
		}}
		tr := live(t, m, Options{})
		all := burst(5)
		all[2].Crash = trial.Crash{When: trial.Within, After: 10 * time.Millisecond}
		answers, overlap, err := tr.Send(t.Context(), all)
		if err != nil || overlap != 5 || m.kills.Load() != 1 {
			t.Errorf("overlap %d, %v", overlap, err)
		}
		for _, a := range answers {
			if a.Status != 200 || a.Attempts != 2 || a.First != 0 {
				t.Errorf("%+v", a)
			}
		}
	})
}

func TestAConsumerThatDoesNotComeBack(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Options)
		want   string
	}{
		"slow":      {func(o *Options) { o.Restart = 2 * time.Second }, "the consumer did not come back within 2s after it was killed: "},
		"no kill":   {func(o *Options) { o.Kill = nil }, "there is no way to kill the consumer"},
		"kill":      {func(o *Options) { o.Kill = func(context.Context) error { return errors.New("no such process") } }, "the consumer was not killed and started again: no such process"},
		"not there": {func(o *Options) { o.Listens = func(context.Context) error { return errors.New("it ended") } }, "after it was killed: it ended"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &mortal{asleep: time.Minute, handler: func(w http.ResponseWriter, r *http.Request) {}}
				tr := live(t, m, Options{})
				test.change(&tr.Options)
				d := delivery(trial.Whole, 0, 0)
				d.Crash.When = trial.Behind
				if _, _, err := tr.Send(t.Context(), []trial.Delivery{d}); err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("error is %v, want %q", err, test.want)
				}
			})
		})
	}
}
