package emitter

import (
	"context"
	"sync"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/plan"
)

// recorder counts rows and hands them on, one at a time. One lock for all targets costs
// less than what a request costs by two orders of magnitude, and makes On simple to write.
//
// Two locks, so that On may ask the Control how the run stands: calls is held while On is
// called, mu only while figures are read or written. Whoever records holds no lock of an
// outbox, since On may pause the run.
type recorder struct {
	on   func(*Attempt) error
	fail context.CancelCauseFunc // ends the run

	calls sync.Mutex // held while On is called

	mu     sync.Mutex // of the tallies of all targets, and of:
	err    error      // of On, or given to end
	recent Figures    // what was timed since the last look; no histograms if nobody looks
}

func (r *recorder) record(to *TargetResult, a *Attempt) {
	if r.on == nil {
		r.count(to, a)
		return
	}
	r.calls.Lock()
	defer r.calls.Unlock()
	if r.count(to, a) != nil {
		return
	}
	if err := r.on(a); err != nil {
		r.end(err)
	}
}

// count adds a row to the figures, and returns why the run ends, if it does.
func (r *recorder) count(to *TargetResult, a *Attempt) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	to.add(a)
	if r.recent.Latency != nil && !a.Closing() && a.Failure.Class != ClassStale {
		r.recent.time(a)
	}
	return r.err
}

// end ends the run with an error, unless it ends with one already.
func (r *recorder) end(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
		r.fail(err)
	}
}

// gauges are what the feeder knows of the run.
type gauges struct {
	mu      sync.Mutex
	offered uint64
	live    int
	queued  int
	phases  [lifecycle.Ended + 1]int // channels
	pacing  *hdrhistogram.Histogram  // own lateness
	recent  *hdrhistogram.Histogram  // the same since the last look; nil if nobody looks
}

// hand notes that a notification's moment has come.
func (g *gauges) hand(n *plan.Notification) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.offered++
	g.live, g.queued = n.Live, n.Queued
	if n.Left != n.Phase {
		g.phases[n.Left]--
		g.phases[n.Phase]++
	}
}

// look fills in what the gauges show, and begins a new window.
func (g *gauges) look(s *Snapshot) {
	next := newHistogram(2)
	g.mu.Lock()
	s.Offered, s.Live, s.Queued = g.offered, g.live, g.queued
	phases := g.phases
	s.Pacing, g.recent = g.recent, next
	g.mu.Unlock()

	s.Phases = make(map[lifecycle.Phase]int)
	for phase, n := range phases {
		if p := lifecycle.Phase(phase); p != lifecycle.New && p != lifecycle.Ended && n != 0 {
			s.Phases[p] = n
		}
	}
}

// look fills in what was recorded, and begins a new window.
func (r *recorder) look(s *Snapshot, boxes []*outbox) {
	next := Figures{Lateness: newHistogram(2), Latency: newHistogram(2)}
	r.mu.Lock()
	defer r.mu.Unlock()
	s.Latency, s.Lateness = r.recent.Latency, r.recent.Lateness
	r.recent = next
	for _, o := range boxes {
		s.Total.Add(&o.figures.Counts)
	}
}

// look adds how the deliveries stand, and what the recorder does not count.
func (o *outbox) look(s *Snapshot) {
	o.mu.Lock()
	defer o.mu.Unlock()
	s.Waiting += o.queued
	s.InFlight += o.flying
	s.Retrying += o.retrying
	s.Total.Matched += o.matched.Load()
	s.Total.QueueFull += o.queueFull
	s.Total.Overload = graver(s.Total.Overload, o.crowded.longest)
	if o.bursts.used {
		s.Total.Add(&Counts{Bursts: &o.bursts.Bursts})
	}
	s.Total.Silent = s.Total.Silent || !o.answered && o.last.Class != ""
	if d, ok := o.sender.(interface{ Dials() uint64 }); ok {
		s.Total.NewConnections += d.Dials()
	}
}
