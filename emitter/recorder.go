package emitter

import (
	"context"
	"sync"
)

// recorder counts rows and hands them on, one at a time. One lock for all targets costs
// less than what a request costs by two orders of magnitude, and makes On simple to write.
type recorder struct {
	on   func(*Attempt) error
	fail context.CancelCauseFunc // ends the run

	mu  sync.Mutex
	err error // of On, or given to end

	recent *window // nil if nobody looks
}

func (r *recorder) record(to *TargetResult, a *Attempt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	to.add(a)
	if r.recent != nil {
		r.recent.add(a)
	}
	if r.on == nil || r.err != nil {
		return
	}
	if err := r.on(a); err != nil {
		r.err = err
		r.fail(err)
	}
}

// end ends the run for another reason than an error of On.
func (r *recorder) end(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
		r.fail(err)
	}
}
