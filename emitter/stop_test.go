package emitter_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/plan"
)

func TestDrainFinishesWhatIsInFlightAndNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		drain, start := make(chan struct{}), time.Now()
		time.AfterFunc(2500*time.Millisecond, func() { close(drain) })
		s := &sender{answer: func(ctx context.Context, _ int, r *emitter.Request) emitter.Answer {
			status := 200 // of which of two that are due at once is asked first, nothing is known
			if about(r, 0) || about(r, 3) {
				status = 500
			}
			return answerAfter(ctx, time.Second, emitter.Answer{Status: status})
		}}
		var got rows
		e := emitter.Emitter{Targets: to(s), Connections: 2, Drain: drain, On: got.on}
		// At 2.5 s: 0 waits for its retry, 2 and 3 are in flight, 4 is queued, 5 is not due, 6 unknown.
		all := []plan.Notification{note(0, 0, 0), note(1, 1, 0), note(2, 2, 2*time.Second), note(3, 3, 2*time.Second),
			note(4, 4, 2*time.Second), note(5, 5, time.Minute), note(6, 6, time.Hour)}
		result := play(t, &e, all)
		slices.Sort(got.list)
		wantSame(t, "rows", got.list, []string{
			"0/1 retrying status: 500 Internal Server Error",
			"0/1 undelivered stopped: the run ended before the next attempt",
			"1/1 accepted ",
			"2/1 accepted ",
			"3/1 undelivered status: 500 Internal Server Error",
			"4/0 undelivered stopped: the run ended before the first attempt",
			"5/0 undelivered stopped: the run ended before the first attempt",
		})
		if got, want := time.Since(start), 3*time.Second; got != want {
			t.Errorf("run took %v, want %v: until what was in flight had its answer", got, want)
		}
		if result.Stop != emitter.StopDrained || result.PlanRead || result.Planned != 6 || result.AllRight() {
			t.Errorf("stop %q, plan read %v, planned %d; want drained, false, 6", result.Stop, result.PlanRead, result.Planned)
		}
	})
}

func TestTheEndOfTheContextCutsOffWhatIsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		drain, start := make(chan struct{}), time.Now()
		ctx, cancel := context.WithCancelCause(t.Context())
		second := errors.New("second interrupt")
		time.AfterFunc(time.Second, func() { close(drain) })
		time.AfterFunc(2*time.Second, func() { cancel(second) })
		var got rows
		e := emitter.Emitter{Targets: to(slowly(200, time.Hour)), Connections: 1, Drain: drain, On: got.on}
		result, err := e.Run(ctx, start, slices.Values(notes(2, 0)))
		if !errors.Is(err, second) {
			t.Errorf("error is %v, want the cause %v", err, second)
		}
		if got, want := time.Since(start), 2*time.Second; got != want {
			t.Errorf("run took %v, want %v", got, want)
		}
		wantSame(t, "rows", got.list, []string{
			"0/1 undelivered stopped: cut off",
			"1/0 undelivered stopped: the run ended before the first attempt",
		})
		if result.Stop != emitter.StopCancelled || !result.PlanRead {
			t.Errorf("stop %q, plan read %v; want cancelled, true", result.Stop, result.PlanRead)
		}
	})
}

func TestClosingRowsComeInPlannedOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		drain := make(chan struct{})
		time.AfterFunc(time.Second, func() { close(drain) })
		var order []uint64
		e := emitter.Emitter{Targets: to(slowly(200, 2*time.Second)), Connections: 1, Drain: drain, On: func(a *emitter.Attempt) error {
			order = append(order, a.Notification.Seq)
			return nil
		}}
		play(t, &e, notes(30, 0))
		if len(order) != 30 || !slices.IsSorted(order) {
			t.Errorf("final rows are of %v, want 0 to 29", order)
		}
	})
}

func TestARunThatIsStoppedBeforeItBeginsSendsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := always(200)
	e := emitter.Emitter{Targets: to(s)}
	result, err := e.Run(ctx, time.Now(), slices.Values(notes(2, 0)))
	if !errors.Is(err, context.Canceled) || len(s.sent) > 0 || result.Planned > 0 || result.AllRight() || result.Stop != emitter.StopCancelled {
		t.Errorf("error %v, %d sent, %d planned, stop %q", err, len(s.sent), result.Planned, result.Stop)
	}
}

func TestARunThatIsDrainedBeforeItBeginsSendsNothing(t *testing.T) {
	for range 100 {
		drain, s := make(chan struct{}), always(200)
		close(drain)
		e := emitter.Emitter{Targets: to(s), Speed: emitter.Max, Drain: drain}
		result, err := e.Run(t.Context(), time.Now(), slices.Values(notes(20, 0)))
		if err != nil || len(s.sent) > 0 || result.Planned > 0 || result.Stop != emitter.StopDrained {
			t.Fatalf("error %v, %d sent, %d planned, stop %q", err, len(s.sent), result.Planned, result.Stop)
		}
	}
}

// Whenever a run is stopped, and however, every notification taken has exactly one final row.
func TestEveryNotificationEndsOnceWheneverTheRunStops(t *testing.T) {
	for at := range 40 {
		for _, how := range []string{"drain", "cancel"} {
			synctest.Test(t, func(t *testing.T) {
				drain := make(chan struct{})
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Duration(at)*333*time.Millisecond, func() {
					if how == "drain" {
						close(drain)
					} else {
						cancel()
					}
				})
				defer cancel()
				s := &sender{answer: func(ctx context.Context, n int, _ *emitter.Request) emitter.Answer {
					return answerAfter(ctx, time.Duration(n*31%7)*200*time.Millisecond, emitter.Answer{Status: 200 + 300*(n%2)})
				}}
				got := make(finals)
				e := emitter.Emitter{Targets: to(s), Connections: 3, Drain: drain, On: got.on}
				e.Targets = append(e.Targets, emitter.Target{Name: "dead", Sender: dead()})
				result, _ := e.Run(ctx, time.Now(), slices.Values(notes(30, 200*time.Millisecond)))
				for key, n := range got {
					if n != 1 {
						t.Errorf("%s at step %d: %s has %d final rows", how, at, key, n)
					}
				}
				total := result.Total()
				if n := uint64(len(got)); n != 2*result.Planned || n != total.Matched || n != total.Accepted+total.GivenUp+total.Undelivered {
					t.Errorf("%s at step %d: %d notifications ended, planned %d, counted %+v", how, at, n, result.Planned, total)
				}
			})
		}
	}
}

func TestAnErrorOfOnEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("disk full")
		calls, start := 0, time.Now()
		e := emitter.Emitter{Targets: to(always(200)), On: func(*emitter.Attempt) error {
			if calls++; calls == 3 {
				return broken
			}
			return nil
		}}
		result, err := e.Run(t.Context(), time.Now(), slices.Values(notes(10, time.Second)))
		if !errors.Is(err, broken) || result.Stop != emitter.StopFailed || calls != 3 {
			t.Errorf("error %v, stop %q, %d calls; want %v, failed, 3", err, result.Stop, calls, broken)
		}
		if got := time.Since(start); got != 2*time.Second {
			t.Errorf("run took %v, want 2s: until the third row", got)
		}
	})
}

// The bubble fails if a goroutine stays behind.
func TestAPlanThatPanicsLeavesNothingRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer func() {
			if got := recover(); got != "bad plan" {
				t.Errorf("recovered %v", got)
			}
		}()
		e := emitter.Emitter{Targets: to(slowly(500, time.Second))}
		e.Run(t.Context(), time.Now(), func(yield func(plan.Notification) bool) {
			yield(note(0, 0, 0))
			yield(note(1, 1, time.Hour))
			panic("bad plan")
		})
	})
}

func TestALogThatCannotBeWrittenEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := emitter.NewLog(&fullDisk{room: 1000}, "r", 1)
		e := emitter.Emitter{Targets: to(always(200)), On: log.Record}
		_, err := e.Run(t.Context(), time.Now(), slices.Values(notes(100, time.Second)))
		if err == nil || !strings.Contains(err.Error(), "attempt log: disk full; 2 rows are written") {
			t.Errorf("error is %v", err)
		}
	})
}

// fullDisk takes so many bytes in all, and the beginning of what exceeds them.
type fullDisk struct {
	bytes.Buffer
	room int
}

func (d *fullDisk) Write(p []byte) (int, error) {
	if n := d.room - d.Len(); n < len(p) {
		d.Buffer.Write(p[:n])
		return n, errors.New("disk full")
	}
	return d.Buffer.Write(p)
}
