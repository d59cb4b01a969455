package judge

import (
	"slices"

	"github.com/ringback/ringback/plan"
)

// arrangement is an order in which the notifications of a conversation are sent, other than
// that in which they happened. What has one timestamp is an instant.
type arrangement func(instants [][]plan.Notification) [][]plan.Notification

// backwards sends the last instant first.
func backwards(all [][]plan.Notification) [][]plan.Notification {
	slices.Reverse(all)
	return all
}

// insideOut sends the last instant, the first, the last but one, the second …
func insideOut(all [][]plan.Notification) [][]plan.Notification {
	var out [][]plan.Notification
	for low, high := 0, len(all)-1; low <= high; low, high = low+1, high-1 {
		out = append(out, all[high])
		if low < high {
			out = append(out, all[low])
		}
	}
	return out
}

// oneLate sends the second instant long after all others, as a retry would.
func oneLate(all [][]plan.Notification) [][]plan.Notification {
	if len(all) < 2 {
		return all
	}
	return append(slices.Delete(slices.Clone(all), 1, 2), all[1])
}

// swapped keeps the instants in their order, and turns round what is within them.
func swapped(all [][]plan.Notification) [][]plan.Notification {
	for _, instant := range all {
		slices.Reverse(instant)
	}
	return all
}

// apply arranges notifications, which are in the order in which they happened.
func (a arrangement) apply(notes []plan.Notification) []plan.Notification {
	if a == nil {
		return notes
	}
	var instants [][]plan.Notification
	for i := range notes {
		if i == 0 || notes[i].At != notes[i-1].At {
			instants = append(instants, nil)
		}
		last := &instants[len(instants)-1]
		*last = append(*last, notes[i])
	}
	return slices.Concat(a(instants)...)
}
