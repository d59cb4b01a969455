// Package pace decides when the notifications of a run are due, and waits for these moments.
//
// Offsets in a plan and the pace at which it is played come in; real moments, and goroutines
// that wake in them, come out. It promises that a change of the pace moves what is to come and
// nothing that was, and that every wait ends with its context. It sends nothing.
package pace

import (
	"context"
	"math"
	"sync/atomic"
	"time"
)

// Max is the speed at which nothing waits for its moment.
const Max = math.MaxFloat64

// Pace turns moments of the plan into real ones, as long as nobody changes it.
type Pace struct {
	base   time.Time     // a real moment
	from   time.Duration // the plan's offset at that moment
	Speed  float64       // seconds of the plan in a real second
	Paused bool
	ended  chan struct{} // closed when another pace begins
}

// Timeless reports whether nothing waits for its moment.
func (p *Pace) Timeless() bool { return p.Speed >= Max }

// Moment is the real moment of an offset in the plan; at speed Max, the start; in a pause,
// zero: nobody knows.
func (p *Pace) Moment(offset time.Duration) time.Time {
	if p.Paused {
		return time.Time{}
	}
	d := offset - p.from
	return p.base.Add(p.scaled(d, float64(d)/p.Speed))
}

// Offset is how far the plan is at a real moment; at speed Max, 0.
func (p *Pace) Offset(now time.Time) time.Duration {
	if p.Paused {
		return p.from
	}
	d := now.Sub(p.base)
	return p.from + p.scaled(d, float64(d)*p.Speed)
}

// Start is the real moment of the offset at which the pace began.
func (p *Pace) Start() time.Time { return p.base }

// scaled is d at speed 1, 0 at speed Max, and else ns, as a duration of at most 146 years, so
// that no sum of two overflows.
func (p *Pace) scaled(d time.Duration, ns float64) time.Duration {
	switch {
	case p.Speed == 1:
		return d
	case p.Timeless():
		return 0
	}
	return time.Duration(math.Max(-1<<62, math.Min(ns, 1<<62)))
}

// Clock is the pace of a run, which may change while it goes on.
type Clock struct{ pace atomic.Pointer[Pace] }

// NewClock returns the clock of a plan whose offset 0 is at the real moment start. It keeps the
// monotonic clock in base, so that a clock that is set meanwhile moves nothing, even if start was
// read from a text.
func NewClock(start time.Time, speed float64) *Clock {
	c, now := new(Clock), time.Now()
	c.pace.Store(&Pace{base: now.Add(start.Sub(now)), Speed: speed, ended: make(chan struct{})})
	return c
}

// Load returns the pace of this moment; it never changes.
func (c *Clock) Load() *Pace { return c.pace.Load() }

// Change begins another pace, where the old one is now. Only one call at a time is allowed.
func (c *Clock) Change(how func(*Pace)) {
	old, now := c.pace.Load(), time.Now()
	next := *old
	if !next.Timeless() {
		next.base, next.from = now, next.Offset(now)
	}
	how(&next)
	next.ended = make(chan struct{})
	c.pace.Store(&next)
	close(old.ended)
}

// Alarm waits for moments, one after the other. The zero value is ready.
type Alarm struct{ timer *time.Timer }

// Until waits for moment t, or for ever if t is zero, and returns early when something
// comes from wake; from nil nothing does. It reports whether ctx still lives.
func (a *Alarm) Until(ctx context.Context, t time.Time, wake <-chan struct{}) bool {
	var ring <-chan time.Time
	if !t.IsZero() {
		wait := time.Until(t)
		if wait <= 0 {
			return ctx.Err() == nil
		}
		if a.timer == nil {
			a.timer = time.NewTimer(wait)
		} else {
			a.timer.Reset(wait)
		}
		defer a.timer.Stop()
		ring = a.timer.C
	}
	select {
	case <-ring:
	case <-wake:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}
