package emitter

import "sync"

// runAhead is how many notifications are made before their moment comes: enough for the
// busiest second hundredths, and little beside what may wait for a target.
const runAhead = 1024

// batch is how many of them are taken at once, and made again then: making more would take
// the processor from the one who waits for long enough to be late.
const batch = 32

// ring takes what is made ahead of its moment from the one who makes it to the one who
// waits, and used messages back.
type ring struct {
	mu     sync.Mutex
	change sync.Cond
	ahead  queue[*message]
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

// put adds a message, once there is room for a batch. It reports false when nobody takes any
// more.
func (r *ring) put(m *message) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ahead.size >= runAhead {
		for !r.ended && r.ahead.size > runAhead-batch {
			r.change.Wait()
		}
	}
	if r.ended {
		return false
	}
	if r.ahead.push(m); r.ahead.size == 1 {
		r.change.Signal()
	}
	return true
}

// take waits for messages and takes the next few into the place of those taken before. It
// is nil when there will be no more.
func (r *ring) take(into []*message) []*message {
	r.mu.Lock()
	defer r.mu.Unlock()
	for !r.closed && r.ahead.size == 0 {
		r.change.Wait()
	}
	if r.ahead.size == 0 {
		return nil
	}
	into = into[:0]
	for r.ahead.size > 0 && len(into) < batch {
		into = append(into, r.ahead.pop())
	}
	r.change.Signal()
	return into
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
	return !r.closed && r.ahead.size == 0
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
