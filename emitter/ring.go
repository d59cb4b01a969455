package emitter

import "sync"

// runAhead is how many notifications are made before their moment comes: enough for the
// busiest second hundredths, and little beside what may wait for a target.
const runAhead = 1024

// ring takes what is made ahead of its moment from the one who makes it to the one who
// waits, whole batches at a time, and used messages back.
type ring struct {
	mu     sync.Mutex
	change sync.Cond
	ahead  []*message
	closed bool // nothing will be put any more
	all    bool // what was put is all of the plan
	ended  bool // nothing will be taken any more

	used []*message // to be made again
}

func newRing() *ring {
	r := &ring{}
	r.change.L = &r.mu
	return r
}

// put adds a message, once there is room. It reports false when nobody takes any more.
func (r *ring) put(m *message) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for !r.ended && len(r.ahead) >= runAhead {
		r.change.Wait()
	}
	if r.ended {
		return false
	}
	if r.ahead = append(r.ahead, m); len(r.ahead) == 1 {
		r.change.Signal()
	}
	return true
}

// take waits for messages, takes all there are and leaves empty in their place. It is nil
// when there will be no more.
func (r *ring) take(empty []*message) []*message {
	r.mu.Lock()
	defer r.mu.Unlock()
	for !r.closed && len(r.ahead) == 0 {
		r.change.Wait()
	}
	if len(r.ahead) == 0 {
		return nil
	}
	all := r.ahead
	r.ahead = empty[:0]
	r.change.Signal()
	return all
}

// close says that nothing will be put any more.
func (r *ring) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.change.Broadcast()
}

// finish says that what was put is all of the plan.
func (r *ring) finish() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = true
}

// whole tells whether all of the plan was put.
func (r *ring) whole() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all
}

// late tells whether whoever takes would have to wait for whoever makes.
func (r *ring) late() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.closed && len(r.ahead) == 0
}

// end says that nothing will be taken any more.
func (r *ring) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	r.change.Broadcast()
}

// fresh is a message to fill, if one is left over from before.
func (r *ring) fresh(spare []*message) (*message, []*message) {
	if len(spare) == 0 {
		r.mu.Lock()
		spare, r.used = r.used, spare
		r.mu.Unlock()
	}
	if n := len(spare); n > 0 {
		return spare[n-1], spare[:n-1]
	}
	return new(message), spare
}

// reuse takes back a message that nobody looks at any more.
func (r *ring) reuse(m *message) {
	const most = 2 * runAhead // beyond, an earlier flood is left to the collector
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.used) < most {
		r.used = append(r.used, m)
	}
}
