package pace

import (
	"context"
	"runtime"
	"time"
)

// Way is a way to wait for moments.
type Way uint8

// The ways.
const (
	Timers Way = iota // Go's timers: everywhere, to the millisecond, and in virtual time
	Kernel            // a thread of its own that sleeps in the kernel, to 0.1 ms; Timers where there is no such sleep, or GOMAXPROCS is 1
)

// Pacer waits for the moments of notifications, one after the other, on one goroutine.
type Pacer struct {
	clock *Clock
	alarm Alarm
	deep  bool          // sleeps in the kernel
	lead  time.Duration // how much earlier a sleep in the kernel should end
}

// NewPacer makes the calling goroutine the one that waits. Release ends that.
func NewPacer(c *Clock, way Way) (p *Pacer, release func()) {
	p = &Pacer{clock: c}
	// On one processor the thread that sleeps in the kernel would hold back the workers that it
	// has just woken, until the scheduler notices. GOMAXPROCS belongs to the process, so it is
	// for the program to raise it.
	if way != Kernel || !kernelSleeps || runtime.GOMAXPROCS(0) < 2 || c.Load().Timeless() {
		return p, func() {}
	}
	p.deep = true
	runtime.LockOSThread()
	restore := sharpen()
	return p, func() { restore(); runtime.UnlockOSThread() }
}

// Waited is what the report calls the way: "kernel sleep", "timers", or "" at speed Max.
func (p *Pacer) Waited() string {
	switch {
	case p.clock.Load().Timeless():
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

// Until waits for the moment of an offset in the plan, however often the pace changes
// meanwhile, and returns it. It is false when ctx ended.
func (p *Pacer) Until(ctx context.Context, offset time.Duration) (time.Time, bool) {
	for {
		pace := p.clock.Load()
		moment := pace.Moment(offset)
		wait := time.Until(moment)
		switch {
		case moment.IsZero() || wait > 0 && !p.deep || wait > deepest:
			if p.deep && !moment.IsZero() {
				moment = moment.Add(-timerEarly)
			}
			if !p.alarm.Until(ctx, moment, pace.ended) {
				return moment, false
			}
		case wait > p.lead:
			p.sleep(wait)
		case wait > 0: // too short for a sleep
		default:
			return moment, ctx.Err() == nil
		}
	}
}

// sleep sleeps in the kernel until shortly before wait is over. A thread wakes some 10 to 40 µs
// after the moment that it asked for, so it asks for an earlier one: lead follows what four
// sleeps of five exceed, and the rest of the wait, a few µs, is spent awake.
func (p *Pacer) sleep(wait time.Duration) {
	const step, most = time.Microsecond, 40 * time.Microsecond
	asked := time.Now().Add(wait - p.lead)
	kernelSleep(wait - p.lead)
	switch over := time.Since(asked); {
	case over < 0: // a signal ended it
	case over > p.lead:
		p.lead = min(p.lead+step/4, most)
	default:
		p.lead = max(p.lead-step, 0)
	}
}
