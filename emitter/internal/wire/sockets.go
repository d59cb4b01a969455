package wire

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// restLimit is how long a connection stays open without a request. It is shorter than servers and
// balancers usually wait (60 s and more), so that it ends here, where nothing is on its way.
const restLimit = 30 * time.Second

// turn is how long a worker keeps its connection while others wait for one. If it had to give it up
// behind each request, each request would need a new one.
const turn = 100 * time.Millisecond

// Sockets bounds the connections that targets have open together, and ends those that are idle. An
// attempt for which there is none takes that which has been idle longest, or waits for one. It is safe
// for concurrent use, also by several runs and lines.
type Sockets struct {
	// Most is how many connections are open at once; 0 means any number.
	Most int

	// Full, if not nil, is called when an attempt has to wait, at most once a minute. It must not wait
	// for an attempt.
	Full func()

	waiting atomic.Int32 // the length of queue

	once  sync.Once
	began time.Time

	mu     sync.Mutex
	slots  map[*Slot]struct{} // those that may have a connection
	ending int                // connections of others that are being ended
	queue  []*place           // that are waited for, in their order
	waits  uint64             // attempts that had to wait
	sweeps *time.Timer        // ends what is idle; nil: nothing is open
	told   time.Time
}

// place is what a worker waits for.
type place struct {
	of    *Slot
	ready chan struct{} // closed when the slot has it
}

// State is how they stand: connections that may be open, and the idle ones of these; attempts that wait
// for one, and that had to wait so far.
func (s *Sockets) State() (open, idle, waiting int, waited uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.slots {
		if c.state.Load() == resting {
			idle++
		}
	}
	return len(s.slots), idle, len(s.queue), s.waits
}

// NewSlot makes a slot for a worker, whose connection end ends.
func NewSlot(s *Sockets, end func()) *Slot {
	s.once.Do(func() {
		s.mu.Lock() // somebody may ask for the State
		defer s.mu.Unlock()
		s.began, s.slots = time.Now(), map[*Slot]struct{}{}
	})
	return &Slot{of: s, end: end}
}

// now is a moment as slots note it: it costs no lock, and does not jump.
func (s *Sockets) now() time.Duration { return time.Since(s.began) }

// The states of a slot.
const (
	vacant  int32 = iota // no place, no connection
	busy                 // in a request
	resting              // the connection may be open, and anybody may end it
	ending               // somebody does
)

// Slot is a worker's, with a place for one connection or none. Its owner calls Take before each
// request, Rest behind it, and Leave at the end. Another goroutine may end the connection while it
// rests.
type Slot struct {
	of  *Sockets
	end func() // ends the connection

	state  atomic.Int32
	since  atomic.Int64 // when it began to rest
	opened int64        // when it got its place
	used   bool         // there was a request since then; the owner's
	closes sync.Mutex   // held while somebody else ends the connection
}

// TryTake is Take where that needs not wait: the slot has a place, and rests.
func (c *Slot) TryTake() bool { return c != nil && c.state.CompareAndSwap(resting, busy) }

// Take gets a place for a request. It waits if there is none, and is false if ctx ends before.
// Waited tells that it had to. A nil slot is for what needs no connection.
func (c *Slot) Take(ctx context.Context) (ok, waited bool) {
	if c == nil || c.TryTake() {
		return true, false
	}
	c.closes.Lock() // whoever ends its connection is done with that
	defer c.closes.Unlock()
	return c.of.admit(ctx, c)
}

// Use says that a request begins.
func (c *Slot) Use() {
	if c != nil {
		c.used = true
	}
}

// Rest says that the request is over. If there was none, or others wait and the place was had for
// long enough, it is given back.
func (c *Slot) Rest() {
	if c == nil {
		return
	}
	now := c.of.now()
	if !c.used || c.of.waiting.Load() > 0 && now-time.Duration(c.opened) >= turn {
		c.Leave()
		return
	}
	c.since.Store(int64(now))
	c.state.Store(resting)
}

// Leave ends the connection and gives the place back.
func (c *Slot) Leave() {
	if c == nil {
		return
	}
	c.state.CompareAndSwap(resting, busy)
	c.closes.Lock()
	c.end()
	s := c.of
	s.mu.Lock()
	if delete(s.slots, c); len(s.slots) == 0 && s.sweeps != nil {
		s.sweeps.Stop()
		s.sweeps = nil
	}
	s.mu.Unlock()
	c.state.Store(vacant)
	c.closes.Unlock()
	s.serve()
}

// grab lets the caller end the connection of a slot that rests. The Sockets are locked.
func (c *Slot) grab() bool {
	if c.state.Load() != resting || !c.closes.TryLock() {
		return false
	}
	if c.state.CompareAndSwap(resting, ending) {
		delete(c.of.slots, c)
		return true
	}
	c.closes.Unlock()
	return false
}

// finish ends the connection of a slot that was grabbed.
func (c *Slot) finish() {
	c.end()
	c.state.Store(vacant)
	c.closes.Unlock()
}

// admit gives a slot a place, behind those who wait for one already.
func (s *Sockets) admit(ctx context.Context, c *Slot) (ok, waited bool) {
	w := &place{c, make(chan struct{})}
	s.mu.Lock()
	s.queue = append(s.queue, w)
	s.waiting.Store(int32(len(s.queue)))
	s.mu.Unlock()
	s.serve()
	select {
	case <-w.ready:
		return true, false
	default:
	}
	s.tell()
	again := time.NewTicker(turn) // some may rest before their turn is over, and then for long
	defer again.Stop()
	for {
		select {
		case <-w.ready:
			return true, true
		case <-again.C:
			if s.isFirst(w) {
				s.serve()
			}
		case <-ctx.Done():
			return s.withdraw(w), true
		}
	}
}

func (s *Sockets) isFirst(w *place) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue) > 0 && s.queue[0] == w
}

// withdraw takes back a wait. It is true if the slot got its place in this very moment.
func (s *Sockets) withdraw(w *place) (got bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(s.queue, w)
	if i < 0 {
		return true
	}
	s.queue = slices.Delete(s.queue, i, i+1)
	s.waiting.Store(int32(len(s.queue)))
	return false
}

// serve gives out the places that are free, or can be taken from whom has rested longest.
func (s *Sockets) serve() {
	if s.waiting.Load() == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		for len(s.queue) > 0 && (s.Most == 0 || len(s.slots)+s.ending < s.Most) {
			s.give(s.queue[0])
			s.queue = slices.Delete(s.queue, 0, 1)
			s.waiting.Store(int32(len(s.queue)))
		}
		var other *Slot
		if len(s.queue) > s.ending { // else somebody else makes room for those who wait
			other = s.idlest()
		}
		if other == nil {
			return
		}
		s.ending++
		s.mu.Unlock()
		other.finish()
		s.mu.Lock()
		s.ending--
	}
}

// give gives somebody who waits a place that is free.
func (s *Sockets) give(w *place) {
	s.slots[w.of] = struct{}{}
	w.of.opened, w.of.used = int64(s.now()), false
	w.of.state.Store(busy)
	close(w.ready)
	if s.sweeps == nil {
		s.sweeps = time.AfterFunc(restLimit, s.sweep)
	}
}

// idlest grabs the slot that has rested longest, of those whose turn is over.
func (s *Sockets) idlest() *Slot {
	for {
		var first *Slot
		now := s.now()
		for c := range s.slots {
			if c.state.Load() == resting && now-time.Duration(c.opened) >= turn && (first == nil || c.since.Load() < first.since.Load()) {
				first = c
			}
		}
		if first == nil || first.grab() {
			return first
		}
	}
}

// tell says that an attempt has to wait.
func (s *Sockets) tell() {
	s.mu.Lock()
	s.waits++
	now := time.Now()
	tell := s.Full != nil && now.Sub(s.told) >= time.Minute
	if tell {
		s.told = now
	}
	s.mu.Unlock()
	if tell {
		s.Full()
	}
}

// sweep ends the connections that have been idle for too long, and comes again when the next one
// may have been.
func (s *Sockets) sweep() {
	var over []*Slot
	s.mu.Lock()
	now := s.now()
	next := now + restLimit
	for c := range s.slots {
		if c.state.Load() != resting {
			continue
		}
		if end := time.Duration(c.since.Load()) + restLimit; end > now {
			next = min(next, end)
		} else if c.grab() {
			over = append(over, c)
		}
	}
	s.ending += len(over)
	if s.sweeps != nil && len(s.slots) > 0 { // else there is nothing any more
		s.sweeps.Reset(next - now)
	} else {
		s.sweeps = nil
	}
	s.mu.Unlock()
	for _, c := range over {
		c.finish()
	}
	s.mu.Lock()
	s.ending -= len(over)
	s.mu.Unlock()
	s.serve()
}
