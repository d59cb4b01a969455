package plan

import (
	"math"
	"math/bits"
)

// slots walks a plan that sends at a rate of notifications. Slot k is at moment k/rate. It
// takes the notification that has been due for the longest; if none is due, a conversation
// begins whose first one is due exactly then. Stories are not stretched: their notifications
// wait.
type slots struct {
	merge
	slot uint64 // the next one
	from int64  // no conversation begins for an earlier moment
	late int64  // how long the notification given last waited for its slot
}

func (s *slots) next(n *Notification) bool {
	rate := s.plan.opts.Events
	for !s.stopped.Load() {
		at := int64(rate.Moment(s.slot))
		switch {
		case len(s.heap) > 0 && s.heap[0].at <= at:
			s.slot++
			s.send(n, at)
			return true
		case s.mayBegin(at) && at >= s.from:
			s.begin(at)
		case len(s.heap) == 0:
			return false
		default: // this slot stays empty
			next := s.heap[0].at
			if s.mayBegin(at) {
				next = min(next, s.from)
			}
			s.slot = max(s.slot+1, s.first(next))
		}
	}
	return false
}

// first is the first slot at or after a moment.
func (s *slots) first(at int64) uint64 {
	rate := s.plan.opts.Events
	hi, lo := bits.Mul64(uint64(at), rate.Times)
	k := uint64(math.MaxUint64)
	if hi < uint64(rate.Per) {
		k, _ = bits.Div64(hi, lo, uint64(rate.Per))
	}
	for int64(rate.Moment(k)) < at {
		k++
	}
	return k
}

// begin begins a conversation whose first notification is due at a slot. Nothing happens before
// the start: if there is too little time, that notification comes later, and until then nobody
// else begins.
func (s *slots) begin(at int64) {
	t := s.enter(s.begun, 0)
	s.begun++
	pl := s.wake(&t)
	s.idle++
	if len(pl.pending) > 0 {
		s.idle = 0
		lead := pl.due()
		born := max(0, at-lead)
		s.convs[t.conv].born = born
		s.from = max(s.from, lead)
		pl.begin(s.plan, t.index, born)
		pl.prepare()
	}
	s.add(t)
}

// send makes n the first notification of the heap, in a slot.
func (s *slots) send(n *Notification, at int64) {
	top := &s.heap[0]
	pl := s.awakened(top)
	s.late = at - top.at
	top.at, pl.pending[0].due = at, at
	s.give(n)
}

// closes reports whether the next notification of the conversation that gave the last one has no slot before the plan's end, if it
// waits for one as long as that did.
func (s *slots) closes() bool { return s.more && s.then+s.late >= s.plan.until }
