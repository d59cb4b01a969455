package emitter

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/plan"
)

// gauges are what the one who hands out notifications knows of the run.
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

// pace notes how late the emitter itself was.
func (g *gauges) pace(lateness time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	record(g.pacing, lateness)
	if g.recent != nil {
		record(g.recent, lateness)
	}
}

// look fills in what the gauges show, and begins a new window.
func (g *gauges) look(s *Snapshot) {
	next := newRecent()
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

// window holds what was recorded since the last look.
type window struct{ latency, lateness *hdrhistogram.Histogram }

func newWindow() *window { return &window{newRecent(), newRecent()} }

// newRecent is a histogram for a second: with two digits it has 28 KB, so that looking at a
// run does not disturb it.
func newRecent() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, longestTracked.Microseconds(), 2)
}

// add takes a row into the window.
func (w *window) add(a *Attempt) {
	if a.Closing() {
		return
	}
	if a.timed() {
		record(w.latency, a.Latency)
	}
	record(w.lateness, a.Lateness)
}

// look fills in what was recorded, and begins a new window.
func (r *recorder) look(s *Snapshot, boxes []*outbox) {
	next := newWindow()
	r.mu.Lock()
	defer r.mu.Unlock()
	s.Latency, s.Lateness = r.recent.latency, r.recent.lateness
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
	s.Total.Silent = s.Total.Silent || !o.answered && o.last.Class != ""
	if d, ok := o.sender.(interface{ Dials() uint64 }); ok {
		s.Total.NewConnections += d.Dials()
	}
}
