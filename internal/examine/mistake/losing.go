package mistake

import (
	"slices"

	"github.com/ringback/ringback/internal/examine/trial"
)

// Loss is what is missing of what a trial has sent.
type Loss struct {
	Notifications int
	Channels      int // of which several were sent, and none is known
	Parts         int // channels that are known, and not all that was sent of them
}

// lost says what is missing in trials, and leaves out those in which nothing is.
func (s *Seen) lost(right *simulation, trials []int) map[int]Loss {
	all := map[int]Loss{}
	for _, i := range trials {
		var l Loss
		want := right.tell(i)
		for _, id := range s.all[i].Conversations() {
			if want[id] == nil {
				continue
			}
			for channel, c := range want[id].Channels {
				switch got := s.all[i].Told[id]; {
				case got == nil, got.Channels[channel] == nil:
					l.Notifications += *c.Notifications
					if *c.Notifications > 1 {
						l.Channels++
					}
				case got.Channels[channel].Notifications != nil && *got.Channels[channel].Notifications < min(*c.Notifications, c.Merged):
					l.Notifications += *c.Notifications - *got.Channels[channel].Notifications
					l.Parts++
				}
			}
		}
		if l.Notifications > 0 {
			all[i] = l
		}
	}
	return all
}

// mostLost is how many notifications a crash takes at the most where chance has a hand in it, too.
const mostLost = 8

// fitsLosing reports whether what was told in a trial is what a consumer tells that loses so many of the latest notifications in a crash,
// however many. Where it knows several conversations it loses something and keeps something: else it would lose everything.
func (m *simulation) fitsLosing(i int) bool {
	if m.loses != theLatest {
		return false
	}
	before := 0 // the first crash
	for _, k := range m.of[i] {
		if m.steps[k].crash {
			break
		}
		before++
	}
	if before == len(m.of[i]) {
		before = 0 // there is none
	}
	if len(m.all[i].Conversations()) > 1 {
		before--
	}
	for lost := 0; lost <= before; lost++ {
		if m.Seen.off(i, m.losing(i, lost), m.slack) == 0 {
			return true
		}
	}
	return false
}

// losing is what the consumer tells in a trial that loses so many of the latest notifications in each crash.
func (m *simulation) losing(i, lost int) map[string]*trial.State {
	steps := make([]step, 0, len(m.of[i]))
	for _, k := range m.of[i] {
		steps = append(steps, m.steps[k])
	}
	return m.replay(i, lessBefore(steps, lost), true)
}

// lessBefore leaves out so many of the deliveries before each crash.
func lessBefore(steps []step, lost int) []step {
	for k := 0; k < len(steps); k++ {
		if from := max(0, k-lost); steps[k].crash {
			steps = slices.Delete(steps, from, k)
			k = from
		}
	}
	return steps
}
