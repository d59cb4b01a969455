package receiver

import (
	"cmp"
	"slices"

	"github.com/ringback/ringback/event"
)

// Phase is a phase of a channel's life.
type Phase uint8

// The phases. A channel is in phase Disconnected for no time: the notification that starts
// its wrap or ends it has the same timestamp. Spans show the phase only if that one is
// missing.
const (
	notStarted Phase = iota
	Alerting
	Unexpected // connecting failed
	Connected
	Held
	Parked
	Interrupted
	Disconnected
	Wrap
	Ended
)

var phaseNames = [...]string{
	"not started", "alerting", "unexpected", "connected", "held", "parked", "interrupted", "disconnected", "wrap", "ended",
}

// String is the name of the phase in lower case.
func (p Phase) String() string { return phaseNames[min(int(p), len(phaseNames)-1)] }

// moves is the whole lifecycle: the phases in which a channel may get an event, one bit for each,
// and the phase after it. Whatever an assumption allows is allowed here: disconnected while away
// (hangup-while-away), both ways to abandon an offer (abandon), and ended at any time after a
// failure (unexpected-time).
var moves = [...]struct {
	from uint16
	to   Phase
}{
	event.Alerted:          {1 << notStarted, Alerting},
	event.Connected:        {1 << Alerting, Connected},
	event.ConnectionFailed: {1 << Alerting, Unexpected},
	event.Held:             {1 << Connected, Held},
	event.Retrieved:        {1 << Held, Connected},
	event.Parked:           {1 << Connected, Parked},
	event.Unparked:         {1 << Parked, Connected},
	event.Interrupted:      {1 << Connected, Interrupted},
	event.Resumed:          {1 << Interrupted, Connected},
	event.Disconnected:     {1<<Connected | 1<<Held | 1<<Parked | 1<<Interrupted, Disconnected},
	event.WrapStarted:      {1 << Disconnected, Wrap},
	event.Ended:            {1<<Alerting | 1<<Unexpected | 1<<Disconnected | 1<<Wrap, Ended},
}

// assumed are the phases in which only an assumption of ours keeps an event out: no page says how a
// channel ends that was never connected.
var assumed = [len(moves)]uint16{event.Disconnected: 1<<Alerting | 1<<Unexpected}

// move returns the phase after an event, and whether the event is legal in the phase before. An
// illegal event still changes the phase, so that one missing notification does not make all
// that follow illegal. Only a channel that has ended stays ended.
func move(from Phase, k event.Kind) (to Phase, legal bool) {
	if from == Ended {
		return Ended, false
	}
	return moves[k].to, moves[k].from&(1<<from) != 0
}

// arrange puts the events of one instant, which may have arrived in any order, into the
// order with the fewest illegal moves that starts in phase from; among equals the one
// nearest to the usual course of a life. The order of the argument has no influence.
func arrange(from Phase, group []moment) []moment {
	slices.SortFunc(group, func(a, b moment) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), slices.Compare(a.id[:], b.id[:]))
	})
	if len(group) == 1 || len(group) > maxSimultaneous {
		return group
	}
	s := search{failed: map[state]bool{}}
	start := state{phase: from}
	for _, m := range group {
		start.left[m.kind]++
	}
	for ; int(start.allowed) <= len(group); start.allowed++ {
		if s.found(start, len(group)) {
			return inOrder(group, s.path)
		}
	}
	return group // the search gave up
}

// The bounds of a search. They are far beyond what one channel lives through in a second,
// the longest instant there is, when timestamps have no fraction. At a bound the usual
// course of a life is taken for the order.
const (
	maxSimultaneous = 64
	maxFailures     = 5000 // states that led nowhere; looking into them takes milliseconds
)

type search struct {
	failed map[state]bool
	path   []event.Kind // backwards
}

// state is where a search stands. Events of one kind in one instant are interchangeable.
type state struct {
	phase   Phase
	allowed uint8 // illegal moves that may still be made
	left    [event.Ended + 1]uint8
}

// found reports whether the n events left in st can be put in order, and keeps the order.
func (s *search) found(st state, n int) bool {
	if n == 0 {
		return true
	}
	if s.failed[st] || len(s.failed) >= maxFailures {
		return false
	}
	for k, left := range st.left {
		if left == 0 {
			continue
		}
		next := st
		next.left[k]--
		var legal bool
		if next.phase, legal = move(st.phase, event.Kind(k)); !legal {
			if st.allowed == 0 {
				continue
			}
			next.allowed--
		}
		if s.found(next, n-1) {
			s.path = append(s.path, event.Kind(k))
			return true
		}
	}
	s.failed[st] = true
	return false
}

// inOrder picks from group, which is sorted by kind, the events of the kinds in path, which
// runs backwards.
func inOrder(group []moment, path []event.Kind) []moment {
	ordered := make([]moment, 0, len(group))
	taken := make([]bool, len(group))
	for _, k := range slices.Backward(path) {
		i := slices.IndexFunc(group, func(m moment) bool { return m.kind == k })
		for taken[i] {
			i++
		}
		taken[i] = true
		ordered = append(ordered, group[i])
	}
	return ordered
}
