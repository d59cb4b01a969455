package emitter

import (
	"context"
	"math"
	"time"
)

// Pacing is a way to wait for moments.
type Pacing uint8

// The ways.
const (
	Timers Pacing = iota // Go's timers: everywhere, to the millisecond, and in virtual time
	Kernel               // a thread of its own that sleeps in the kernel, to 0.1 ms; where there is no such sleep, Timers
)

// pace turns moments of the plan into real ones.
type pace struct {
	base  time.Time // real moment of the plan's offset 0
	speed float64   // seconds of the plan in a real second
}

// newPace keeps the monotonic clock in base, so that a clock that is set meanwhile moves
// nothing, even if start was read from a text.
func newPace(start time.Time, speed float64) pace {
	now := time.Now()
	return pace{now.Add(start.Sub(now)), speed}
}

// timeless tells whether nothing waits for its moment.
func (p pace) timeless() bool { return p.speed >= Max }

// moment is the real moment of an offset in the plan; at speed Max, the start.
func (p pace) moment(offset time.Duration) time.Time { return p.base.Add(p.real(offset)) }

// real is how long d of the plan takes.
func (p pace) real(d time.Duration) time.Duration {
	switch {
	case p.speed == 1:
		return d
	case p.timeless():
		return 0
	}
	return bounded(float64(d) / p.speed)
}

// planned is how much of the plan passes in real time d; at speed Max, 0.
func (p pace) planned(d time.Duration) time.Duration {
	switch {
	case p.speed == 1:
		return d
	case p.timeless():
		return 0
	}
	return bounded(float64(d) * p.speed)
}

// bounded is ns as a duration of at most 146 years, so that no sum of two overflows.
func bounded(ns float64) time.Duration {
	return time.Duration(math.Max(-1<<62, math.Min(ns, 1<<62)))
}

// alarm waits for moments, one after the other. The zero value is ready.
type alarm struct{ timer *time.Timer }

// until waits for moment t, or for ever if t is zero, and returns early when something
// comes from wake; from nil nothing does. It reports whether ctx still lives.
func (a *alarm) until(ctx context.Context, t time.Time, wake <-chan struct{}) bool {
	var ring <-chan time.Time
	if !t.IsZero() {
		wait := time.Until(t)
		if wait <= 0 {
			return ctx.Err() == nil
		}
		ring = a.set(wait)
		defer a.timer.Stop()
	}
	select {
	case <-ring:
	case <-wake:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

func (a *alarm) set(wait time.Duration) <-chan time.Time {
	if a.timer == nil {
		a.timer = time.NewTimer(wait)
	} else {
		a.timer.Reset(wait)
	}
	return a.timer.C
}
