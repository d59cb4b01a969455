package emitter

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/emitter/internal/pace"
	"github.com/ringback/ringback/internal/lifecycle"
)

// Control steers a run and looks at it while it goes on. It belongs to one Emitter, whose
// runs come one after the other. Its methods may be called at any time, from anywhere, also
// from On.
type Control struct {
	mu     sync.Mutex
	run    *run // nil while there is none
	paused bool // also before a run begins
	last   Snapshot
}

// NewControl returns a Control for an Emitter.
func NewControl() *Control {
	return &Control{last: Snapshot{Latency: newHistogram(2), Lateness: newHistogram(2), Pacing: newHistogram(2)}}
}

// Pause lets nothing new begin, until Resume: the plan's time stands still, retries too. What
// is in flight finishes. A run that has not begun yet will begin with the pause.
func (c *Control) Pause() { c.setPaused(true) }

// Resume ends a pause.
func (c *Control) Resume() { c.setPaused(false) }

func (c *Control) setPaused(paused bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paused = paused
	if c.run != nil {
		c.run.setPaused(paused)
	}
}

func (r *run) setPaused(paused bool) {
	r.clock.Change(func(p *pace.Pace) { p.Paused = paused })
	r.change(func(o *outbox) { o.paused = paused })
}

// change closes, pauses or stops all outboxes, and wakes the workers that wait.
func (r *run) change(how func(*outbox)) {
	for _, o := range r.boxes {
		o.mu.Lock()
		how(o)
		o.wakeAll()
		o.mu.Unlock()
	}
}

// SetSpeed changes how many seconds of the plan pass in a real second, from now on. It is an
// error if v is not a positive number, if no run goes on, or if it takes no time into account.
func (c *Control) SetSpeed(v float64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !(v > 0) || math.IsInf(v, 0) || v >= Max:
		return fmt.Errorf("the speed is %v, want a positive number", v)
	case c.run == nil:
		return errors.New("there is no run whose speed could be changed")
	case c.run.rules.Speed >= Max:
		return errors.New("a run at maximum speed takes no time into account: its speed cannot be changed")
	}
	c.run.clock.Change(func(p *pace.Pace) { p.Speed = v })
	for _, o := range c.run.boxes {
		o.nudgeWatcher() // retries have other moments now
	}
	return nil
}

// attach makes r the run that is steered.
func (c *Control) attach(r *run) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r.look() // begins what the first look will show
	c.run = r
	if c.paused {
		r.setPaused(true)
	}
}

// detach keeps how r ended.
func (c *Control) detach(r *run) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = r.look()
	c.last.Ended, c.run = true, nil
}

// Snapshot is how the run stands; after its end, how it ended.
func (c *Control) Snapshot() Snapshot {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.run != nil {
		return c.run.look()
	}
	s := c.last
	c.last.Latency, c.last.Lateness, c.last.Pacing = newHistogram(2), newHistogram(2), newHistogram(2)
	return s
}

// Snapshot is how a run stands at a moment.
type Snapshot struct {
	At      time.Time     // the moment; zero before the run has begun
	Started time.Time     // when the run began
	Planned time.Duration // how much of the plan's time has passed
	Speed   float64       // seconds of the plan in a real second; Max if time does not count
	Paused  bool
	Ended   bool // the run is over

	Offered uint64                  // notifications whose moment has come
	Live    int                     // conversations alive
	Queued  int                     // conversations that wait for an agent of the pool
	Phases  map[lifecycle.Phase]int // channels by phase, of those that are neither new nor ended

	Waiting  int // deliveries that wait for their first attempt, for all targets
	InFlight int // attempts that wait for their answer
	Retrying int // deliveries that wait for a retry, or are in one

	Total Counts // of all targets since the beginning

	// What was recorded since the Snapshot before, in µs, to two digits; the caller may keep
	// them.
	Latency, Lateness, Pacing *hdrhistogram.Histogram
}

// look is how the run stands. Control lets one call at a time pass.
func (r *run) look() Snapshot {
	p, now := r.clock.Load(), time.Now()
	s := Snapshot{At: now, Started: r.result.Started, Speed: p.Speed, Paused: p.Paused}
	if s.Planned = p.Offset(now); p.Timeless() {
		s.Planned = 0
	}
	r.gauges.look(&s)
	r.rows.look(&s, r.boxes)
	for _, o := range r.boxes {
		o.look(&s)
	}
	return s
}
