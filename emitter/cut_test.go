package emitter_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
)

// A run that is cut off lasts no longer than it is to: what is in flight finishes, and what waits is left.
func TestARunIsCutOffAtItsMoment(t *testing.T) {
	for _, c := range []struct {
		name        string
		to          func() *sender
		connections int
		speed       float64
		accepted    uint64
		lasts       time.Duration
		off         bool
	}{
		{"in time", func() *sender { return slowly(204, time.Millisecond) }, 4, 1, 100, 9901 * time.Millisecond, false},
		{"retries", func() *sender { return slowly(503, time.Millisecond) }, 4, 1, 0, 10 * time.Second, true},
		{"a queue", func() *sender { return slowly(204, 350*time.Millisecond) }, 1, 1, 29, 10*time.Second + 150*time.Millisecond, true},
		{"at another speed", func() *sender { return slowly(204, time.Millisecond) }, 4, 10, 100, 991 * time.Millisecond, false},
		{"at speed max", func() *sender { return slowly(204, 350*time.Millisecond) }, 1, emitter.Max, 100, 35 * time.Second, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := &emitter.Emitter{Targets: to(c.to()), Connections: c.connections, Speed: c.speed, CutAt: 10 * time.Second}
				r := play(t, e, notes(100, 100*time.Millisecond))
				total := r.Total()
				if total.Accepted != c.accepted || total.Accepted+total.Undelivered+total.GivenUp != 100 || !r.PlanRead || r.Stop != "" || r.CutOff != c.off {
					t.Errorf("%d accepted, %d undelivered, %d given up, read %t, stop %q, cut off %t; want %d accepted, cut off %t",
						total.Accepted, total.Undelivered, total.GivenUp, r.PlanRead, r.Stop, r.CutOff, c.accepted, c.off)
				}
				if took := r.Ended.Sub(r.Started); took != c.lasts {
					t.Errorf("it took %s, want %s", took, c.lasts)
				}
			})
		})
	}
}

// An interrupt before that moment is one.
func TestAnInterruptComesBeforeTheCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		drain := make(chan struct{})
		time.AfterFunc(9950*time.Millisecond, func() { close(drain) })
		e := &emitter.Emitter{Targets: to(slowly(503, time.Millisecond)), Drain: drain, CutAt: 10 * time.Second}
		if r := play(t, e, notes(10, 100*time.Millisecond)); r.Stop != emitter.StopDrained || r.CutOff {
			t.Errorf("stopped: %q, cut off %t", r.Stop, r.CutOff)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
		defer cancel()
		e.Drain = nil
		if r, err := e.Run(ctx, time.Now(), slices.Values(notes(10, 100*time.Millisecond))); err == nil || r.Stop != emitter.StopCancelled || r.CutOff {
			t.Errorf("stopped: %q, %v, cut off %t", r.Stop, err, r.CutOff)
		}
	})
}
