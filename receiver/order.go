package receiver

import (
	"cmp"
	"slices"

	"github.com/ringback/ringback/event"
)

// arrange puts the events of one instant, which may have arrived in any order, into the
// order with the fewest unlawful moves that starts in phase from; among equals the one
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
	for ; int(start.pardons) <= len(group); start.pardons++ {
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
	pardons uint8 // unlawful moves that may still be made
	left    [event.Ended + 1]uint8
}

// found tells whether the n events left in st can be put in order, and keeps the order.
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
		var lawful bool
		if next.phase, lawful = move(st.phase, event.Kind(k)); !lawful {
			if st.pardons == 0 {
				continue
			}
			next.pardons--
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
