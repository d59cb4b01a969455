//go:build !race

package engine

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// heap is how much is in use once everything that lasts for a while is over.
func (s *still) heap() int {
	time.Sleep(10 * time.Minute)
	s.engine.Conversations(0) // forgets those that ended
	synctest.Wait()
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

func (s *still) change(id string, how func(*store.Subscription)) {
	s.t.Helper()
	if _, err := s.store.ChangeSubscription(s.t.Context(), id, func(s *store.Subscription) error { how(s); return nil }); err != nil {
		s.t.Fatal(err)
	}
	s.engine.SubscriptionsChanged()
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
