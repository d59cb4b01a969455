package watch

import (
	"sync/atomic"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/report"
)

// sampler looks at a run once a second and hands on what it sees. It is the only one that
// takes snapshots, for their histograms begin where the snapshot before ended.
type sampler struct {
	control *emitter.Control
	meter   Meter
	series  report.Series
	metrics *metrics      // nil if nobody asked for them
	show    func(*Status) // nil if nobody watches; must not block

	latest atomic.Pointer[Status]
}

// start begins to look. finish, which may be called once, looks for the last time and
// returns when nothing goes on any more.
func (s *sampler) start() (finish func()) {
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				s.look(s.show)
			case <-stop:
				s.look(nil)
				return
			}
		}
	}()
	return func() { close(stop); <-ended }
}

// look takes a snapshot.
func (s *sampler) look(show func(*Status)) {
	snap := s.control.Snapshot()
	if snap.At.IsZero() {
		return // the run has not begun
	}
	s.series.Add(snap)
	if s.metrics != nil {
		s.metrics.take(&snap)
	}
	frame := s.meter.Add(&snap)
	s.latest.Store(&frame)
	if show != nil {
		show(&frame)
	}
}

// now is the latest frame; an empty one if there is none yet.
func (s *sampler) now() Status {
	if f := s.latest.Load(); f != nil {
		return *f
	}
	return Status{Title: s.meter.Title, Length: s.meter.Length, Rate: s.meter.Rate}
}
