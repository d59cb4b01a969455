package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/memnet"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// still is an engine in virtual time, and a consumer that takes everything, in memory.
type still struct {
	t      *testing.T
	store  *store.Store
	engine *Engine
	got    atomic.Int64
}

// inVirtualTime runs a test with an engine.
func inVirtualTime(t *testing.T, o Options, test func(s *still)) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))) // notification IDs have no earlier moments
		s := &still{t: t}
		l := memnet.Listen()
		server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			s.got.Add(1)
		})}
		served := make(chan error)
		go func() { served <- server.Serve(l) }()
		defer func() { server.Close(); <-served }()
		var err error
		if s.store, err = store.Open("", store.Options{}); err != nil {
			t.Fatal(err)
		}
		defer s.store.Close()
		o.dial = l.DialContext
		if s.engine, err = Open(t.Context(), s.store, o); err != nil {
			t.Fatal(err)
		}
		defer s.engine.Close()
		test(s)
	})
}

func (s *still) subscribe(id string) {
	s.t.Helper()
	err := s.store.CreateSubscription(s.t.Context(), store.Subscription{ID: id, Name: "the " + id, URL: "http://127.0.0.1/", Events: []string{"*"}, Enabled: true, Secret: secret("a")})
	if err != nil {
		s.t.Fatal(err)
	}
	s.engine.SubscriptionsChanged()
}

func (s *still) change(id string, how func(*store.Subscription)) {
	s.t.Helper()
	if _, err := s.store.ChangeSubscription(s.t.Context(), id, func(s *store.Subscription) error { how(s); return nil }); err != nil {
		s.t.Fatal(err)
	}
	s.engine.SubscriptionsChanged()
}

// play plays a story and waits until the consumer has it, so many times.
func (s *still) play(name string, notifications int) {
	s.t.Helper()
	before := s.got.Load()
	if _, err := s.engine.StartRun(s.t.Context(), Play{Name: name, Speed: emitter.Max, Options: store.Playing{Order: "none"}}); err != nil {
		s.t.Fatal(err)
	}
	for s.got.Load() < before+int64(notifications) {
		time.Sleep(10 * time.Millisecond)
	}
}

// heap is how much is in use once everything that lasts for a while is over.
func (s *still) heap() int {
	time.Sleep(2 * time.Minute)
	s.engine.Conversations(0) // forgets those that ended
	synctest.Wait()
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// 100 subscriptions once kept 800 connections for ever after one burst, and 440 KB each.
func TestManySubscriptionsAtRestTakeLittle(t *testing.T) {
	const n = 50
	inVirtualTime(t, Options{}, func(s *still) {
		empty := s.heap()
		for i := range n {
			s.subscribe(fmt.Sprint("s", i))
		}
		if each := (s.heap() - empty) / n; each > 12_000 {
			s.t.Errorf("a subscription that was never used takes %d bytes, want 12,000 at most", each)
		}
		for range 2 {
			s.play("inbound-call-with-hold", n*number)
		}
		if c := s.engine.Connections(); c.Open < n || c.Idle != c.Open || c.Waited != 0 {
			s.t.Errorf("after the burst the connections are %+v, want one for each subscription at least, all idle", c)
		}
		used := s.heap()
		if c := s.engine.Connections(); c.Open != 0 {
			s.t.Errorf("two minutes later the connections are %+v, want none", c)
		}
		if each := (used - empty) / n; each > 60_000 {
			s.t.Errorf("a subscription at rest takes %d bytes, want 60,000 at most", each)
		}
		s.play("inbound-call-with-hold", n*number)
	})
}

// What is done often leaves nothing behind. A change of the URL once left 476 KB.
func TestWhatIsDoneOftenLeavesNothingBehind(t *testing.T) {
	inVirtualTime(t, Options{}, func(s *still) {
		s.subscribe("s")
		for _, often := range []struct {
			what  string
			times int
			do    func(i int)
		}{
			{"another URL, with attempts to some", 1000, func(i int) {
				s.change("s", func(s *store.Subscription) { s.URL = fmt.Sprint("http://127.0.0.1/", i) })
				if i%20 == 0 {
					s.play("abandoned-in-queue", 3)
				}
			}},
			{"another secret", 300, func(i int) {
				s.change("s", func(s *store.Subscription) { s.Secret = secret(string(rune('a' + i%20))) })
			}},
			{"a pause", 300, func(i int) { s.change("s", func(s *store.Subscription) { s.Enabled = i%2 == 1 }) }},
			{"a subscription that comes and goes", 300, func(i int) {
				id := fmt.Sprint("short", i)
				s.subscribe(id)
				if err := s.store.DeleteSubscription(s.t.Context(), id); err != nil {
					s.t.Fatal(err)
				}
				s.engine.SubscriptionsChanged()
			}},
			{"a run", 200, func(int) { s.play("abandoned-in-queue", 3) }},
			{"a run that is stopped", 200, func(int) {
				run, err := s.engine.StartRun(s.t.Context(), Play{Name: "abandoned-in-queue", Speed: 0.001, Options: store.Playing{Order: "none"}})
				if err == nil {
					_, err = s.engine.StopRun(s.t.Context(), run.ID)
				}
				if err != nil {
					s.t.Fatal(err)
				}
			}},
			{"a conversation by hand", 150, func(int) {
				live, err := s.engine.Begin(s.t.Context(), Opening{})
				if err == nil {
					_, err = s.engine.Do(s.t.Context(), live.ID, Step{Step: "hangup"})
				}
				if err != nil {
					s.t.Fatal(err)
				}
			}},
			{"a listener", 300, func(int) {
				ctx, cancel := context.WithCancel(s.t.Context())
				s.engine.Listen(ctx)
				cancel()
			}},
		} {
			for i := range 20 {
				often.do(i)
			}
			before := s.heap()
			for i := range often.times {
				often.do(i)
			}
			if grown := s.heap() - before; grown > often.times*200+100_000 {
				s.t.Errorf("%s %d times leaves %d bytes behind, %d each", often.what, often.times, grown, grown/often.times)
			} else {
				s.t.Logf("%s: %d bytes each", often.what, grown/often.times)
			}
		}
	})
}

// Of a run without order the events of one instant come in any order. Its conversations once went on
// for ever where the last event was not the last one that came.
func TestConversationsOfRunsWithoutOrderEnd(t *testing.T) {
	inVirtualTime(t, Options{}, func(s *still) {
		s.subscribe("s")
		for range 50 {
			s.play("inbound-call-with-hold", number)
		}
		synctest.Wait()
		all := s.engine.Conversations(0)
		if len(all) != 50 {
			s.t.Fatalf("%d conversations, want 50", len(all))
		}
		for _, l := range all {
			for _, c := range l.Channels {
				text := c.Party
				for _, e := range c.Events {
					text += " " + strings.TrimPrefix(e.kind.String(), "channel.")
				}
				want := "customer alerted connected held retrieved disconnected ended"
				if c.AgentID != "" {
					want = "alice alerted connected disconnected wrapstarted ended"
				}
				if text != want || c.Phase != "ended" || l.Ended.IsZero() {
					s.t.Errorf("run %s: %s, %s, ended %v; want %s", l.Run, text, c.Phase, l.Ended, want)
				}
			}
		}
	})
}

// A change that has not taken effect yet once held all subscriptions, and a goroutine.
func TestChangesThatWaitForTheirEffectTakeLittle(t *testing.T) {
	const n, changes = 50, 200
	inVirtualTime(t, Options{Propagation: time.Hour}, func(s *still) {
		for i := range n {
			s.subscribe(fmt.Sprint("s", i))
		}
		time.Sleep(2 * time.Hour)
		before, goroutines := s.heap(), runtime.NumGoroutine()
		for i := range changes {
			s.change("s7", func(s *store.Subscription) { s.URL = fmt.Sprint("http://127.0.0.1/", i) })
		}
		if each := (s.heap() - before) / changes; each > 2000 || runtime.NumGoroutine() > goroutines+5 {
			s.t.Errorf("a change takes %d bytes until it takes effect, and all together %d goroutines, want 2000 bytes and one goroutine", each, runtime.NumGoroutine()-goroutines)
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if got := s.engine.registry.effective(); len(got) != n || got[7].URL != fmt.Sprint("http://127.0.0.1/", changes-1) || got[7].ID != "s7" {
			s.t.Errorf("%d subscriptions are in effect, the changed one as %+v", len(got), got[7])
		}
	})
}

// A conversation by hand ends at some time: each of its steps is kept, and stored again with the next one.
func TestAConversationByHandHasABoundOfSteps(t *testing.T) {
	inVirtualTime(t, Options{}, func(s *still) {
		live, err := s.engine.Begin(s.t.Context(), Opening{})
		if err != nil {
			s.t.Fatal(err)
		}
		steps := append([]Step{{Step: "ring", Agent: "alice"}, {Step: "answer", Party: "alice"}}, slices.Repeat([]Step{{Step: "hold"}, {Step: "retrieve"}}, 200)...)
		for i, step := range steps {
			if _, err = s.engine.Do(s.t.Context(), live.ID, step); err != nil {
				s.t.Fatalf("step %d: %v", i, err)
			}
		}
		kept := &s.engine.manual.conversations[live.ID].kept
		kept.Actions = slices.Concat(slices.Repeat(kept.Actions[:1], mostSteps-len(kept.Actions)), kept.Actions) // as if there were more
		_, err = s.engine.Do(s.t.Context(), live.ID, Step{Step: "hold"})
		forbidden, is := errors.AsType[*NotAllowed](err)
		if !is || !strings.Contains(forbidden.Why, "2000 steps, the maximum") {
			s.t.Fatalf("one step too many gives %v", err)
		}
		if live, err = s.engine.Do(s.t.Context(), live.ID, Step{Step: "hangup", Party: "alice"}); err != nil {
			s.t.Fatalf("it cannot end: %v", err)
		}
		for _, c := range live.Channels {
			if len(c.Events) > mostEvents || len(c.Stays) > mostEvents {
				s.t.Errorf("%s has %d events and %d stays, want %d at most", c.Party, len(c.Events), len(c.Stays), mostEvents)
			}
		}
	})
}
