package emitter

import (
	"context"
	"runtime"
	"time"
)

// Pacing is a way to wait for moments.
type Pacing uint8

// The ways.
const (
	Timers Pacing = iota // Go's timers: everywhere, to the millisecond, and in virtual time
	Kernel               // a thread of its own that sleeps in the kernel, to 0.1 ms, with GOMAXPROCS of at least 2; where there is no such sleep, Timers
)

// pacer waits for the moments of notifications, one after the other, on one goroutine.
type pacer struct {
	clock *clock
	alarm alarm
	deep  bool // sleeps in the kernel
}

// newPacer makes the calling goroutine the one that waits. Release ends that.
func newPacer(c *clock, way Pacing) (p *pacer, release func()) {
	p = &pacer{clock: c}
	if way != Kernel || !kernelSleeps || c.pace.Load().timeless() {
		return p, func() {}
	}
	p.deep = true
	restored := atLeastTwo()
	runtime.LockOSThread()
	restore := sharpen()
	return p, func() { restore(); runtime.UnlockOSThread(); restored() }
}

// atLeastTwo lets Go's scheduler run two goroutines at once, also on a single processor: the
// one that sleeps in the kernel would hold back the workers that it has just woken, until the
// scheduler notices.
func atLeastTwo() (restore func()) {
	before := runtime.GOMAXPROCS(0)
	if before > 1 {
		return func() {}
	}
	runtime.GOMAXPROCS(2)
	return func() { runtime.GOMAXPROCS(before) }
}

// waited is what the report calls the way.
func (p *pacer) waited() string {
	switch {
	case p.clock.pace.Load().timeless():
		return ""
	case p.deep:
		return "kernel sleep"
	}
	return "timers"
}

// deepest is the longest sleep in the kernel: nothing can end one early, and a run that is
// to stop or to change its pace should not have to wait for it. What is longer begins with
// a timer, which leaves early, since timers ring late.
const (
	deepest    = 20 * time.Millisecond
	timerEarly = 10 * time.Millisecond
)

// until waits for the moment of an offset in the plan, however often the pace changes
// meanwhile, and returns it. It is false when ctx ended.
func (p *pacer) until(ctx context.Context, offset time.Duration) (time.Time, bool) {
	for {
		moment := p.clock.pace.Load().moment(offset)
		wait := time.Until(moment)
		switch {
		case moment.IsZero() || wait > 0 && !p.deep || wait > deepest:
			pace, changed := p.clock.look()
			if moment = pace.moment(offset); p.deep && !moment.IsZero() {
				moment = moment.Add(-timerEarly)
			}
			if !p.alarm.until(ctx, moment, changed) {
				return moment, false
			}
		case wait > 0:
			kernelSleep(wait)
		default:
			return moment, ctx.Err() == nil
		}
	}
}
