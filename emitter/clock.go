package emitter

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// pace turns moments of the plan into real ones, as long as nobody changes it.
type pace struct {
	base   time.Time     // a real moment
	from   time.Duration // the plan's offset at that moment
	speed  float64       // seconds of the plan in a real second
	paused bool
}

// newPace keeps the monotonic clock in base, so that a clock that is set meanwhile moves
// nothing, even if start was read from a text.
func newPace(start time.Time, speed float64) pace {
	now := time.Now()
	return pace{base: now.Add(start.Sub(now)), speed: speed}
}

// timeless tells whether nothing waits for its moment.
func (p *pace) timeless() bool { return p.speed >= Max }

// moment is the real moment of an offset in the plan; at speed Max, the start; in a pause,
// zero: nobody knows.
func (p *pace) moment(offset time.Duration) time.Time {
	if p.paused {
		return time.Time{}
	}
	return p.base.Add(p.real(offset - p.from))
}

// offset is how far the plan is at a real moment; at speed Max, 0.
func (p *pace) offset(now time.Time) time.Duration {
	if p.paused {
		return p.from
	}
	return p.from + p.planned(now.Sub(p.base))
}

// real is how long d of the plan takes.
func (p *pace) real(d time.Duration) time.Duration {
	switch {
	case p.speed == 1:
		return d
	case p.timeless():
		return 0
	}
	return bounded(float64(d) / p.speed)
}

// planned is how much of the plan passes in real time d; at speed Max, 0.
func (p *pace) planned(d time.Duration) time.Duration {
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

// clock is the pace of a run, which may change while it goes on.
type clock struct {
	pace atomic.Pointer[pace]

	mu      sync.Mutex
	changed chan struct{} // closed with the next change
}

func newClock(p pace) *clock {
	c := &clock{changed: make(chan struct{})}
	c.pace.Store(&p)
	return c
}

// look is the pace, and what tells of its end.
func (c *clock) look() (*pace, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pace.Load(), c.changed
}

// change begins another pace, where the old one is now.
func (c *clock) change(how func(*pace)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	next, now := *c.pace.Load(), time.Now()
	if !next.timeless() {
		next.base, next.from = now, next.offset(now)
	}
	how(&next)
	c.pace.Store(&next)
	close(c.changed)
	c.changed = make(chan struct{})
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
