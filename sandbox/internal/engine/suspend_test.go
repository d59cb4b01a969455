package engine

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// begun is how often the work of a run began, as it is in the store.
func (h *fixture) begun(id string) int { h.t.Helper(); return h.run(id).Begun }

// die ends the engine, and leaves in the store what a process leaves there that was killed.
func (h *fixture) die(id string) {
	h.t.Helper()
	before := h.begun(id)
	h.close()
	var err error
	if h.store, err = store.Open(h.path, store.Options{}); err != nil {
		h.t.Fatal(err)
	}
	left, err := h.store.Run(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	left.Begun = before
	if err := h.store.SaveRun(h.t.Context(), left); err != nil {
		h.t.Fatal(err)
	}
	if err := h.store.Close(); err != nil {
		h.t.Fatal(err)
	}
	h.open()
}

func TestWhatIsCountedOfTheWorkOfARun(t *testing.T) {
	h := open(t, Options{})
	run := h.play(Play{Name: "inbound-call-with-hold"})
	if got := h.begun(run.ID); got != 1 {
		t.Fatalf("when it is started its work has begun %d times, want 1", got)
	}
	h.close()
	if got := h.run2(run.ID); got.Begun != 0 || got.State != store.RunGoing {
		t.Errorf("after an orderly end it is %s, begun %d times; want running and 0", got.State, got.Begun)
	}
	h.open()
	h.die(run.ID)
	if got := h.begun(run.ID); got != 2 || len(h.engine.Suspended()) != 0 {
		t.Errorf("after one death its work has begun %d times, want 2, and it goes on", got)
	}
	if paused, err := h.engine.PauseRun(t.Context(), run.ID); err != nil || paused.Begun != 0 || paused.Reason != "" {
		t.Errorf("paused by somebody it is %+v, %v; want begun 0 times, without a reason", paused, err)
	}
	if resumed, err := h.engine.ResumeRun(t.Context(), run.ID); err != nil || resumed.Begun != 1 {
		t.Errorf("resumed its work has begun %d times, want 1 (%v)", resumed.Begun, err)
	}
	h.die(run.ID)
	h.die(run.ID)
	got := h.run(run.ID)
	if got.State != store.RunPaused || !strings.Contains(got.Reason, "died 2 times") || len(h.engine.Suspended()) != 1 {
		t.Errorf("after two deaths it is %s because of %q, want paused", got.State, got.Reason)
	}
	if h.engine.runs[run.ID].walk != nil {
		t.Error("a suspended run is planned before somebody resumes it")
	}
	if stopped, err := h.engine.StopRun(t.Context(), run.ID); err != nil || stopped.State != store.RunStopped || stopped.Reason != "" {
		t.Errorf("stopped it is %+v, %v", stopped, err)
	}
}

// What a run goes on with is where it was, and what fell due while the sandbox was away follows at once.
func TestASuspendedRunGoesOnWhereItWas(t *testing.T) {
	h := open(t, Options{Speed: 2000})
	c := consume(t, secret("a"))
	h.subscribe("s", c.url, secret("a"), "*")
	run := h.play(Play{Name: "inbound-call-with-hold", Speed: 60})
	h.until("two are accepted", func() bool { return h.run(run.ID).Position >= 2 })
	h.die(run.ID)
	h.die(run.ID)
	if _, err := h.engine.ResumeRun(t.Context(), run.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := h.engine.SetRunSpeed(t.Context(), run.ID, 10_000); err != nil {
		t.Fatal(err)
	}
	h.until("the run ends", func() bool { return h.run(run.ID).State == store.RunEnded })
	h.until("all is delivered", func() bool { return h.settled("s", number) })
	if r := c.Report(); r.Accepted != number || r.Open != 0 || len(r.Violations) != 0 {
		t.Errorf("accepted %d, %d open, violations %v", r.Accepted, r.Open, r.Violations)
	}
}

// A run that has gone on for some minutes is none that ends the program.
func TestARunThatGoesWellBeginsToCountAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := store.Open("", store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		e, err := Open(t.Context(), s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		run, err := e.StartRun(t.Context(), Play{Name: "inbound-call-with-hold", Options: store.Playing{Count: 100, Calls: "1/m"}, Start: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []struct {
			after time.Duration
			begun int
		}{{wellAfter - time.Second, 1}, {time.Second, 0}} {
			time.Sleep(want.after)
			synctest.Wait()
			if got, err := s.Run(t.Context(), run.ID); err != nil || got.Begun != want.begun {
				t.Errorf("after another %s its work has begun %d times, want %d (%v)", want.after, got.Begun, want.begun, err)
			}
		}
	})
}
