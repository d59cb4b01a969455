package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// population is a workload that keeps so many conversations alive.
func population(n int, more string) Play {
	return Play{Source: fmt.Sprintf("name: many\nstory: Many calls at once.\npopulation: %d\n%smix: [{scenario: inbound-call-with-hold, weight: 1}]\n", n, more),
		Options: store.Playing{For: "1h"}}
}

// A request for more than there is memory for is refused at once, and leaves nothing behind.
func TestARunThatTakesTooMuchMemoryIsRefused(t *testing.T) {
	h := open(t, Options{})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for what, p := range map[string]Play{
		"want 1 to 2000000, got 100000000":                   population(100_000_000, ""),
		"conversations would be alive at once":               population(2_000_000, ""),
		"000000 conversations would be alive at once, which": {Name: "inbound-call-with-hold", Options: store.Playing{Calls: "1000000/s", For: "1h"}},
		"2000001 conversations at once":                      {Name: "inbound-call-with-hold", Options: store.Playing{Count: 2_000_001}},
		"count: want a whole number from 1 to":               {Name: "inbound-call-with-hold", Options: store.Playing{Count: 1<<64 - 1}},
		"faults: want at most 100, got 101":                  {Name: "inbound-call-with-hold", Options: store.Playing{Faults: strings.Split(strings.Repeat("duplicate 1%,", 100)+"drop 1%", ",")}},
	} {
		if _, err := h.engine.StartRun(t.Context(), p); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("got %v, want %q", err, what)
		}
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 64<<20 {
		t.Errorf("refusing them took %d MiB", took>>20)
	}
	if runs, err := h.store.Runs(t.Context(), false); err != nil || len(runs) != 0 {
		t.Errorf("%d runs are kept (%v)", len(runs), err)
	}
}

// All runs together have one bound, which runs that ended give back, and which holds after a restart as well.
func TestRunsShareTheirMemory(t *testing.T) {
	h := open(t, Options{})
	var going []string
	for {
		run, err := h.engine.StartRun(t.Context(), population(50_000, ""))
		if invalid, is := errors.AsType[*Invalid](err); is && invalid.What == "runs" && strings.Contains(err.Error(), "of the 256 MiB that there are for all of them") {
			break
		}
		if err != nil || len(going) > 20 {
			t.Fatalf("after %d runs: %v", len(going), err)
		}
		going = append(going, run.ID)
	}
	if len(going) < 2 {
		t.Fatalf("%d runs fit", len(going))
	}
	if _, err := h.engine.StartRun(t.Context(), Play{Name: "inbound-call-with-hold"}); err != nil {
		t.Errorf("a small run does not fit: %v", err)
	}
	h.close()
	h.open()
	h.until("all are planned again", func() bool {
		h.engine.mu.Lock()
		defer h.engine.mu.Unlock()
		for _, g := range h.engine.runs {
			if g.memory == 0 {
				return false
			}
		}
		return true
	})
	if _, err := h.engine.StartRun(t.Context(), population(50_000, "")); err == nil {
		t.Error("after a restart more fit")
	}
	for _, id := range going {
		if _, err := h.engine.StopRun(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
	if _, err := h.engine.StartRun(t.Context(), population(50_000, "")); err != nil {
		t.Errorf("stopped runs leave nothing: %v", err)
	}
}

func TestTheRunsThatGoOnAreFew(t *testing.T) {
	h := open(t, Options{})
	for i := range mostGoing {
		run := store.Run{ID: fmt.Sprint(i), Name: "x", State: store.RunPaused, Reason: "for the test", Created: time.Now()}
		if _, err := h.engine.enter(run, nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	_, err := h.engine.StartRun(t.Context(), Play{Name: "inbound-call-with-hold"})
	if err == nil || !strings.Contains(err.Error(), "runs: 200 go on already") {
		t.Errorf("got %v", err)
	}
	for _, g := range h.engine.runs {
		h.engine.leave(g)
	}
}

// A run whose queue for agents grows for ever fails with the reason, and takes nobody with it.
func TestARunThatGrowsTooLargeFails(t *testing.T) {
	h := open(t, Options{})
	before := memoryForQueue
	memoryForQueue = 1 << 20
	defer func() { memoryForQueue = before }()
	run := h.play(Play{Speed: 1e6, Start: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), Options: store.Playing{For: "100h"},
		Source: "name: queue\nstory: Nobody gives up.\nagents: {count: 1}\narrivals: [{rate: 2/s, over: 100h}]\nmix: [{scenario: inbound-call-with-hold, weight: 1}]\n"})
	h.until("it fails", func() bool { return h.run(run.ID).State == store.RunFailed })
	if got := h.run(run.ID).Error; !strings.Contains(got, "conversations that are alive take more than the 1 MiB of memory") {
		t.Errorf("it fails with %q", got)
	}
}

// Whoever asked for a run may leave while it is planned, and so may the sandbox.
func TestPlanningEndsWithWhoAskedForIt(t *testing.T) {
	h := open(t, Options{})
	ctx, leave := context.WithCancel(t.Context())
	leave()
	long := Play{Name: "inbound-call-with-hold", Speed: 2, Options: store.Playing{Calls: "100/s", Count: 1_500_000}}
	if _, err := h.engine.StartRun(ctx, long); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	h.engine.planning <- struct{}{} // another one is planned
	ctx, leave = context.WithTimeout(t.Context(), time.Millisecond)
	defer leave()
	if _, err := h.engine.StartRun(ctx, long); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
	}
	<-h.engine.planning
	done := make(chan error)
	go func() {
		_, err := h.engine.StartRun(t.Context(), long)
		done <- err
	}()
	for len(h.engine.planning) == 0 {
		runtime.Gosched()
	}
	if err := h.engine.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; !errors.Is(err, errClosed) {
		t.Errorf("got %v, want %v", err, errClosed)
	}
}

func TestInjectedFaultsAreFew(t *testing.T) {
	h := open(t, Options{})
	for range mostFaults {
		if err := h.engine.InjectFault(InjectedFault{Kind: "drop", Count: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.engine.InjectFault(InjectedFault{Kind: "drop", Count: 1}); err == nil || !strings.Contains(err.Error(), "100 faults wait") {
		t.Errorf("got %v", err)
	}
}
