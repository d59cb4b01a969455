package engine

import (
	"context"
	"sync"
	"testing"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// The race detector looks at this: whatever ends a run, console and API read it, and what it did, meanwhile.
func TestARunMayBeWatchedWhileItEnds(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(h *fixture, run string)
		want store.RunState
	}{
		{"all is played", func(h *fixture, run string) {
			h.until("it is played", func() bool { return h.run(run).State == store.RunEnded })
		}, store.RunEnded},
		{"it is stopped", func(h *fixture, run string) { must(h.engine.StopRun(h.t.Context(), run))(h.t) }, store.RunStopped},
		{"it is paused, made faster and stopped", func(h *fixture, run string) {
			must(h.engine.PauseRun(h.t.Context(), run))(h.t)
			must(h.engine.SetRunSpeed(h.t.Context(), run, 1000))(h.t)
			must(h.engine.ResumeRun(h.t.Context(), run))(h.t)
			must(h.engine.StopRun(h.t.Context(), run))(h.t)
		}, store.RunStopped},
		{"its subscription goes", func(h *fixture, run string) {
			if err := h.store.DeleteSubscription(h.t.Context(), "a"); err != nil {
				h.t.Error(err)
			}
			h.engine.SubscriptionsChanged()
			must(h.engine.StopRun(h.t.Context(), run))(h.t)
		}, store.RunStopped},
		{"all is forgotten", func(h *fixture, _ string) {
			if err := h.engine.Reset(h.t.Context()); err != nil {
				h.t.Error(err)
			}
		}, ""},
		{"the sandbox finishes", func(h *fixture, _ string) { h.engine.Finish(h.t.Context()) }, store.RunGoing},
		{"the sandbox closes", func(h *fixture, _ string) {
			if err := h.engine.Close(); err != nil {
				h.t.Error(err)
			}
		}, store.RunGoing},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			consumer := consume(t, secret("a"))
			h := open(t, Options{})
			h.subscribe("a", consumer.url, secret("a"), "*")
			run := h.play(Play{Name: "inbound-call-with-hold", Speed: speedOf(c.want), Options: store.Playing{Count: 40}})
			over, watching := h.watch()
			<-consumer.came
			c.end(h, run.ID)
			over()
			watching.Wait()
			if c.want == "" {
				if runs, err := h.store.Runs(t.Context(), false); err != nil || len(runs) > 0 {
					t.Errorf("%d runs are left, %v", len(runs), err)
				}
			} else if got := h.run(run.ID).State; got != c.want {
				t.Errorf("the run is %s, want %s", got, c.want)
			}
		})
	}
}

// speedOf is how fast a run is played: as fast as it goes where it is to end by itself, so that it is still going otherwise.
func speedOf(end store.RunState) float64 {
	if end == store.RunEnded {
		return 1e6
	}
	return 1
}

// must is what a test says of an error.
func must(_ store.Run, err error) func(testing.TB) {
	return func(t testing.TB) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
}

// watch reads all that console and API show, again and again, until it is told to end.
func (h *fixture) watch() (over context.CancelFunc, watching *sync.WaitGroup) {
	ctx, over := context.WithCancel(context.Background())
	watching = &sync.WaitGroup{}
	engine, messages := h.engine, h.engine.Listen(ctx)
	for _, look := range []func(){
		func() { engine.Conversations(0) },
		func() { engine.Agents() },
		func() { engine.Together() },
		func() { engine.InjectedFaults() },
		func() { _, _ = h.store.Runs(ctx, false) },
		func() { _, _, _ = h.store.Deliveries(ctx, store.Filter{Limit: 20}) },
		func() {
			select {
			case <-messages:
			case <-ctx.Done():
			}
		},
	} {
		watching.Go(func() {
			for ctx.Err() == nil {
				look()
			}
		})
	}
	return over, watching
}
