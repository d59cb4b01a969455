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
	poll  *Poll         // sleeps in the kernel; nil: timers do
	lead  time.Duration // how much earlier a sleep in the kernel should end

	// Meanwhile is called behind each sleep in the kernel, on the goroutine that waits, which then also does other things than to wait. It
	// reports whether this goroutine is alone, since no other one has something to do, and whether what the sockets have to say may be heard
	// up to 1 ms later.
	Meanwhile func() (alone, patient bool)
	alone     bool
	patient   bool
	deaf      bool      // the last sleep heard no sockets
	turned    time.Time // when they were heard last
}

// NewPacer makes the calling goroutine the one that waits. Release ends that.
func NewPacer(c *Clock, way Way) (p *Pacer, release func()) {
	p = &Pacer{clock: c, Meanwhile: func() (alone, patient bool) { return false, false }}
	// On one processor the thread that sleeps in the kernel would hold back the workers that it
	// has just woken, until the scheduler notices. GOMAXPROCS belongs to the process, so it is
	// for the program to raise it.
	if way != Kernel || runtime.GOMAXPROCS(0) < 2 || c.Load().Timeless() {
		return p, func() {}
	}
	if p.poll = newPoll(); p.poll == nil {
		return p, func() {}
	}
	runtime.LockOSThread()
	restore := sharpen()
	return p, func() { p.poll.Close(); restore(); runtime.UnlockOSThread() }
}

// Poll is where the thread waits for sockets as well; nil: it does not.
func (p *Pacer) Poll() *Poll { return p.poll }

// Waited is what the report calls the way: "kernel sleep", "timers", or "" at speed Max.
func (p *Pacer) Waited() string {
	switch {
	case p.clock.Load().Timeless():
		return ""
	case p.poll != nil:
		return "kernel sleep"
	}
	return "timers"
}

// deepest is the longest sleep in the kernel: a run that changes its pace should not have to wait for its end.
const deepest = 20 * time.Millisecond

// Until waits for the moment of an offset in the plan, however often the pace changes
// meanwhile, and returns it. It is false when ctx ended.
func (p *Pacer) Until(ctx context.Context, offset time.Duration) (time.Time, bool) {
	for {
		pace := p.clock.Load()
		moment := pace.Moment(offset)
		wait := time.Until(moment)
		switch {
		case ctx.Err() != nil:
			return moment, false
		case p.poll == nil && (moment.IsZero() || wait > 0):
			if !p.alarm.Until(ctx, moment, pace.ended) {
				return moment, false
			}
		case moment.IsZero() || wait > deepest:
			p.Idle()
		case p.deaf && wait > 0: // behind what was due
			p.hear()
		case wait > p.lead:
			p.sleep(wait)
		case wait > 0: // too short for a sleep
		default:
			return moment, true
		}
	}
}

// sleep sleeps in the kernel until shortly before wait is over. A thread wakes some 10 to 40 µs
// after the moment that it asked for, so it asks for an earlier one: lead follows what four
// sleeps of five exceed, and the rest of the wait, a few µs, is spent awake.
func (p *Pacer) sleep(wait time.Duration) {
	const step, most = time.Microsecond, 40 * time.Microsecond
	asked := time.Now().Add(wait - p.lead)
	alone := p.alone && wait <= shortest
	p.deaf = alone && p.patient
	p.poll.wait(wait-p.lead, alone, p.deaf)
	switch over := time.Since(asked); {
	case over < 0: // a signal ended it, or something came
	case over > p.lead:
		p.lead = min(p.lead+step/4, most)
	default:
		p.lead = max(p.lead-step, 0)
	}
	if !p.deaf {
		p.turn()
	}
}

// shortest is the longest sleep for which a thread keeps its processor, or hears no sockets: to wake once for what is due and what has
// come costs half.
const shortest = time.Millisecond

// Idle does what is to be done meanwhile, while there is no moment to wait for.
func (p *Pacer) Idle() {
	p.poll.wait(deepest, false, false)
	p.turn()
}

// Turn does what is to be done meanwhile, in the midst of many moments. It looks at the sockets now and then.
func (p *Pacer) Turn() {
	const often = 200 * time.Microsecond
	if p.poll == nil {
		return
	}
	if p.alone, p.patient = p.Meanwhile(); time.Since(p.turned) > often {
		p.hear()
	}
}

// hear listens to the sockets without waiting.
func (p *Pacer) hear() {
	p.deaf, p.poll.there = false, true
	p.turn()
}

func (p *Pacer) turn() {
	p.poll.deliver()
	p.alone, p.patient = p.Meanwhile()
	p.turned = time.Now()
}
