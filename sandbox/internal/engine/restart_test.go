package engine

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/sandbox/internal/store"
)

func TestARestartGoesOnWhereItWas(t *testing.T) {
	h := open(t, Options{Speed: 2000})
	c := consume(t, secret("a"))
	h.subscribe("s", c.url, secret("a"), "*")
	run := h.play(Play{Name: "inbound-call-with-hold", Speed: 60})
	h.until("two are accepted", func() bool { return h.run(run.ID).Position >= 2 })
	c.answer(503)
	h.until("some more are refused", func() bool {
		return len(h.deliveries(store.Filter{State: store.Waiting})) > 0
	})
	h.close()
	before := h.run2(run.ID)
	if before.State != store.RunGoing || before.Position >= number {
		t.Fatalf("at the end of the first engine the run is %s at %d", before.State, before.Position)
	}
	c.answer(0)
	h.open()
	if _, err := h.engine.SetRunSpeed(t.Context(), run.ID, 10_000); err != nil {
		t.Fatal(err)
	}
	h.until("the run ends", func() bool { return h.run(run.ID).State == store.RunEnded })
	h.until("all is delivered", func() bool { return h.settled("s", number) })
	if got := len(h.deliveries(store.Filter{})); got != number {
		t.Errorf("%d deliveries, want %d", got, number)
	}
	if r := c.Report(); r.Accepted != number || r.Open != 0 || len(r.Violations) != 0 {
		t.Errorf("accepted %d, %d open, violations %v", r.Accepted, r.Open, r.Violations)
	}
}

// run2 reads a run while the engine is closed.
func (h *fixture) run2(id string) store.Run {
	h.t.Helper()
	var err error
	if h.store, err = store.Open(h.path, store.Options{}); err != nil {
		h.t.Fatal(err)
	}
	defer h.store.Close()
	return h.run(id)
}

func TestAPausedRunStaysPausedOverARestart(t *testing.T) {
	h := open(t, Options{})
	run := h.play(Play{Name: "inbound-call-with-hold"})
	h.until("it has begun", func() bool { return h.run(run.ID).Position >= 1 })
	paused, err := h.engine.PauseRun(t.Context(), run.ID)
	if err != nil || paused.State != store.RunPaused {
		t.Fatal(paused, err)
	}
	if _, err := h.engine.SetRunSpeed(t.Context(), run.ID, emitter.Max); err != nil {
		t.Fatal(err)
	}
	h.close()
	h.open()
	if got := h.run(run.ID); got.State != store.RunPaused || got.Offset != paused.Offset && got.Offset < paused.Offset {
		t.Errorf("after the restart the run is %s at %d, want paused at %d", got.State, got.Offset, paused.Offset)
	}
	if _, err := h.engine.ResumeRun(t.Context(), run.ID); err != nil {
		t.Fatal(err)
	}
	h.until("the run ends", func() bool { return h.run(run.ID).State == store.RunEnded })
	if _, err := h.engine.PauseRun(t.Context(), run.ID); err != ErrEnded {
		t.Errorf("pausing what is over gives %v", err)
	}
	if _, err := h.engine.StopRun(t.Context(), "nothing"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("stopping what is not there gives %v", err)
	}
}

// childEnv names the file of the state for a child process that plays until it is killed.
const childEnv = "RINGBACK_TEST_ROOM"

// TestChild is no test: TestNothingIsLostWhenTheProgramIsKilled runs it.
func TestChild(t *testing.T) {
	path := os.Getenv(childEnv)
	if path == "" {
		t.Skip("for another test")
	}
	s, err := store.Open(path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := Open(context.Background(), s, Options{Speed: 5000})
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout.WriteString("open\n")
	seed := uint64(time.Now().UnixNano())
	for range 3 {
		seed++
		if _, err := e.StartRun(context.Background(), Play{Name: "inbound-call-with-hold", Speed: 1000, Seed: &seed}); err != nil {
			t.Fatal(err)
		}
	}
	select {}
}

func TestNothingIsLostWhenTheProgramIsKilled(t *testing.T) {
	h := open(t, Options{Speed: 5000})
	c := consume(t, secret("a"))
	h.subscribe("s", c.url, secret("a"), "*")
	h.close()
	const kills = 4
	for kill := range kills {
		arrived := len(c.firsts())
		child := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.timeout=60s")
		child.Env = append(os.Environ(), childEnv+"="+h.path)
		child.Stderr = os.Stderr
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		for len(c.firsts()) < arrived+3+kill && time.Since(begun) < patience {
			c.awaitOne(t)
		}
		child.Process.Kill()
		child.Wait()
	}
	h.open()
	for _, run := range h.engine.Suspended() { // it was killed twice while they were going
		if _, err := h.engine.ResumeRun(t.Context(), run.ID); err != nil {
			t.Fatal(err)
		}
	}
	h.until("all runs end", func() bool {
		runs, err := h.store.Runs(t.Context(), true)
		return err == nil && len(runs) == 0
	})
	h.until("all is delivered", func() bool { return h.settled("s", 3*kills) })
	runs, err := h.store.Runs(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	accepted := 0
	for _, r := range runs {
		if r.State != store.RunEnded || r.Position != number {
			t.Errorf("a run is %s at %d: %s", r.State, r.Position, r.Error)
		}
		accepted += number
	}
	report := c.Report()
	if report.Accepted != accepted || report.Open != 0 || len(report.Violations) != 0 || len(h.deliveries(store.Filter{})) != accepted {
		t.Errorf("of %d notifications %d were accepted, %d duplicates, %d open, %d deliveries, violations %v",
			accepted, report.Accepted, report.Duplicates, report.Open, len(h.deliveries(store.Filter{})), report.Violations)
	}
}

func TestTheEndWaitsForNoConsumer(t *testing.T) {
	h := open(t, Options{})
	asked, release := make(chan struct{}, 100), make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		asked <- struct{}{}
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer hanging.Close()
	defer close(release)
	h.subscribe("s", hanging.URL, secret("a"), "channel.held.*")
	h.play(Play{Name: "inbound-call-with-hold", Speed: emitter.Max})
	<-asked
	h.close()
	h.open()
	<-asked // again
	if d := h.deliveries(store.Filter{})[0]; d.State != store.Waiting || d.Attempts != 0 {
		t.Errorf("the delivery is %+v", d)
	}
}
