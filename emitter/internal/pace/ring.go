package pace

import (
	"sync"

	"github.com/ringback/ringback/internal/policy"
)

// Ahead is how many notifications are made before their moment comes: enough for the
// busiest second hundredths, and little beside what may wait for a target.
const Ahead = 1024

// batch is how many of them the pacer takes at once; larger batches hold the CPU too long.
const batch = 32

// Ring passes what is made ahead of its moment from feeder to pacer, and recycles what was
// used.
type Ring[T any] struct {
	mu     sync.Mutex
	change sync.Cond
	ahead  policy.Queue[*T]
	closed bool // nothing will be put any more
	whole  bool // what was put is all of the plan
	ended  bool // nothing will be taken any more

	waker func() // ends a wait of Take; nil: it waits by itself

	used  []*T // to be made again
	fresh []*T // those of them that the feeder has
	taken []*T // what the pacer took last
}

// NewRing returns an empty ring.
func NewRing[T any]() *Ring[T] {
	r := &Ring[T]{}
	r.change.L = &r.mu
	return r
}

// Put adds a message, once there is room for a batch. It reports false when nobody takes any
// more.
func (r *Ring[T]) Put(m *T) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ahead.Len() >= Ahead {
		for !r.ended && r.ahead.Len() > Ahead-batch {
			r.change.Wait()
		}
	}
	if r.ended {
		return false
	}
	if r.ahead.Push(m); r.ahead.Len() == 1 {
		r.change.Signal()
		r.wake()
	}
	return true
}

// Take waits for messages and takes the next few, which count until it is called again. There
// are none when there will be no more. Starved reports whether the pacer had to wait for the
// feeder; it does that in wait, if that is not nil.
func (r *Ring[T]) Take(wait func()) (taken []*T, starved bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for !r.closed && r.ahead.Len() == 0 {
		starved = true
		if wait == nil {
			r.change.Wait()
			continue
		}
		r.mu.Unlock()
		wait()
		r.mu.Lock()
	}
	r.taken = r.taken[:0]
	for r.ahead.Len() > 0 && len(r.taken) < batch {
		r.taken = append(r.taken, r.ahead.Pop())
	}
	r.change.Signal()
	return r.taken, starved
}

// Wake lets waker end the wait of who takes.
func (r *Ring[T]) Wake(waker func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waker = waker
}

func (r *Ring[T]) wake() {
	if r.waker != nil {
		r.waker()
	}
}

// Close says that nothing will be put any more, and whether what was put is all of the plan.
func (r *Ring[T]) Close(whole bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed, r.whole = true, whole
	r.change.Broadcast()
	r.wake()
}

// Whole reports whether all of the plan was put.
func (r *Ring[T]) Whole() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.whole
}

// End says that nothing will be taken any more.
func (r *Ring[T]) End() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	r.change.Broadcast()
}

// Fresh is a message to fill, if one is left over from before.
func (r *Ring[T]) Fresh() *T {
	if len(r.fresh) == 0 {
		r.mu.Lock()
		r.fresh, r.used = r.used, r.fresh
		r.mu.Unlock()
	}
	n := len(r.fresh)
	if n == 0 {
		return new(T)
	}
	m := r.fresh[n-1]
	r.fresh = r.fresh[:n-1]
	return m
}

// Reuse takes back a message that nobody looks at any more.
func (r *Ring[T]) Reuse(m *T) {
	const most = 2 * Ahead // beyond, an earlier flood is left to the collector
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.used) < most {
		r.used = append(r.used, m)
	}
}
