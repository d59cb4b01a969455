package receiver

import (
	"cmp"
	"slices"

	"github.com/ringback/ringback/event"
)

// shift is the start of a presence.
type shift struct {
	moment
	presence event.GUID
}

// repeatedPresences lists the changes of an agent to the presence that the agent was in.
// The order of several presences in one instant cannot be known, so a repetition next to
// them is not held against the sender.
func (h *history) repeatedPresences() (found []Violation) {
	shifts := make([]shift, len(h.moments))
	for i, m := range h.moments {
		shifts[i] = shift{m, h.presences[i]}
	}
	slices.SortFunc(shifts, func(a, b shift) int {
		return cmp.Or(cmp.Compare(a.at, b.at), slices.Compare(a.presence[:], b.presence[:]), slices.Compare(a.id[:], b.id[:]))
	})
	var before event.GUID // the presence that the agent is known to be in, else zero
	for len(shifts) > 0 {
		n := 1
		for n < len(shifts) && shifts[n].at == shifts[0].at {
			n++
		}
		sole := shifts[0].presence == shifts[n-1].presence // sorted, so all between are the same
		for i, s := range shifts[:n] {
			if sole && (i > 0 || s.presence == before) {
				found = append(found, h.violation(PresenceRepeated, s.moment, "the agent was in this presence already"))
			}
		}
		before = event.GUID{}
		if sole {
			before = shifts[0].presence
		}
		shifts = shifts[n:]
	}
	return found
}
