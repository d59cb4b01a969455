package emitter

import (
	"context"
	"sync"
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
	if r.recent.Latency != nil && !a.Closing() {
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
