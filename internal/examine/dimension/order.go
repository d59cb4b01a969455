package dimension

import (
	"fmt"
	"slices"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/examine/covering"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/plan"
)

// strength is that of the orders: whatever depends on the order of three notifications is hit.
const strength = 3

// ordered are the stories that are played in other orders, those of most worth first, and the rule that a wrong state
// breaks if nothing explains it.
var ordered = []struct {
	name string
	rule rulebook.ID
}{
	{"call-with-hold", rulebook.OrderByTimestamp}, {"held-and-gone", rulebook.OrderSameInstant}, {"two-holds", rulebook.OrderByTimestamp},
	{"missed-then-answered", rulebook.OrderByTimestamp}, {"parked-chat", rulebook.OrderByTimestamp}, {"interrupted-email", rulebook.OrderByTimestamp},
}

// orderRecipes play stories in the orders that matter.
func orderRecipes(p *Planner) (all []recipe) {
	first := ordered[0].name
	all = append(all, p.covered(first, "sent", ordered[0].rule)...)
	for _, s := range ordered {
		all = append(all, p.prefixes(s.name)...)
	}
	for _, s := range ordered {
		all = append(all, ties(s.name)...)
	}
	all = append(append(all, p.digits()...), p.close(), p.met())
	all = append(all, recipe{id: "long-hold/last", story: "The hold of a call, which lasted for more than an hour, is told last.", rules: []rulebook.ID{rulebook.NeverReopen, rulebook.OrderByTimestamp}, make: func(m *maker) {
		rest, hold := m.apart("long-hold")
		m.send(slices.Concat(rest, hold)...)
	}})
	for _, s := range ordered[1:] {
		all = append(all, p.covered(s.name, "sent", s.rule)...)
	}
	all = append(all, p.covered("abandoned", "sent", rulebook.OrderSameInstant)...)
	all = append(all, p.hourLate(first)...)
	for _, s := range ordered {
		all = append(all, p.covered(s.name, "plain", s.rule)...)
	}
	return append(all, p.covered("agent", "sent", rulebook.OrderByTimestamp)...)
}

// ties plays a story in the order in which it happened, but for what happened in one instant: that comes both ways, and in the other
// order than v0's time says.
func ties(name string) []recipe {
	rules := []rulebook.ID{rulebook.OrderSameInstant}
	return []recipe{
		{id: name + "/ties-forwards", rules: rules, make: func(m *maker) { m.send(m.stamped(m.play(name, how{}))...) }},
		{id: name + "/ties-backwards", rules: rules, make: func(m *maker) { m.send(m.stamped(swapTies(m.play(name, how{})))...) }},
		{id: name + "/ties-crossed", rules: rules, make: func(m *maker) { m.send(swapTies(m.stamped(m.play(name, how{})))...) }},
	}
}

// base plays the story of an order; "agent" is the agent's channel of a short call.
func (m *maker) base(name, way string) []note {
	var h how
	if way == "plain" {
		h.versions = plan.OnlyV1
	}
	if name == "agent" {
		name, h.party = "short-call", "alice"
	}
	return m.play(name, h)
}

// size is how many notifications a story has that the profile leaves.
func (p *Planner) size(name string) int {
	return len((&maker{Planner: p, Trial: &trial.Trial{}}).base(name, "sent"))
}

// covered plays a story in a covering array of orders: plainly, which is in v1 where that is claimed, or "sent", with v0's
// time and the id those of the moment of sending.
func (p *Planner) covered(name, way string, rule rulebook.ID) (all []recipe) {
	notes := (&maker{Planner: p, Trial: &trial.Trial{}}).base(name, way)
	n := len(notes) // of one way there may be fewer: types can be claimed in one version alone
	if p.orders[n] == nil {
		p.orders[n] = covering.Orders(n, strength, p.Seed)
	}
	for i, order := range p.orders[n] {
		rules := []rulebook.ID{rule}
		if way == "sent" { // else time and ids tell the order in which things happened
			rules = append(rules, rulebook.OrderNotByTime)
		}
		if beforeAlerted(arranged(notes, order)) {
			rules = append(rules, rulebook.StoreBeforeAlerted)
		}
		all = append(all, recipe{id: fmt.Sprintf("%s/%s/%d", name, way, i+1), rules: rules, make: func(m *maker) {
			notes := arranged(m.base(name, way), order)
			if way == "sent" {
				notes = m.stamped(notes)
			}
			m.send(notes...)
		}})
	}
	return all
}

// beforeAlerted reports whether something of a channel stands before the channel's alerted.
func beforeAlerted(all []note) bool {
	for i, n := range all {
		if n.event.Type.Kind == event.Alerted && slices.ContainsFunc(all[:i], func(before note) bool { return before.Channel == n.Channel }) {
			return true
		}
	}
	return false
}

// prefixes play the beginnings of a story, in whose middle the state is asked for: forwards, and the last
// event first. None ends within an instant, where correct consumers may differ.
func (p *Planner) prefixes(name string) (all []recipe) {
	notes := (&maker{Planner: p, Trial: &trial.Trial{}}).base(name, "sent")
	for length := 1; length < len(notes); length++ {
		if notes[length].at == notes[length-1].at {
			continue
		}
		all = append(all, recipe{id: fmt.Sprintf("%s/first/%d", name, length), story: "A story breaks off behind " + show.Counted(uint64(length), "notification") + ".",
			rules: []rulebook.ID{rulebook.PhasesApart, rulebook.OrderByTimestamp}, make: func(m *maker) {
				notes := m.base(name, "sent")[:length]
				if length%2 == 0 {
					slices.Reverse(notes)
				}
				m.send(m.stamped(notes)...)
			}})
	}
	return all
}

// hourLate plays a story once for each notification, which comes behind all others and is sent an hour later.
func (p *Planner) hourLate(name string) (all []recipe) {
	for i := range p.size(name) {
		all = append(all, recipe{id: fmt.Sprintf("%s/late/%d", name, i+1), story: fmt.Sprintf("Notification %d of a call comes an hour late.", i+1),
			rules: []rulebook.ID{rulebook.NeverReopen, rulebook.OrderByTimestamp}, make: func(m *maker) {
				notes := m.play(name, how{})
				last := notes[i]
				notes = append(slices.Delete(notes, i, i+1), last)
				m.stamp(&notes[len(notes)-1], m.Start.Add(last.at+time.Hour), i)
				m.send(notes...)
			}})
	}
	return all
}

// digits play a call of less than a second for each phase, whose timestamps have no more digits than they need, as
// some senders write them.
func (p *Planner) digits() (all []recipe) {
	for i, backwards := range []bool{false, true} {
		all = append(all, recipe{id: fmt.Sprintf("digits/%d", i+1), story: "Phases last for less than a second, and timestamps have no more digits than they need.",
			rules: []rulebook.ID{rulebook.CompareInstants, rulebook.TimestampsOfAnyLength}, make: func(m *maker) {
				notes := m.play("quick-call", how{})
				if backwards {
					slices.Reverse(notes)
				}
				for i := range notes {
					notes[i].edit(func(e *event.Event) { e.Timestamp.Digits = needed(e.Timestamp.Truncated()) })
				}
				m.send(m.stamped(notes)...)
			}})
	}
	return all
}

// close plays a call that is put on hold again 200 ns after it was taken off hold.
func (p *Planner) close() recipe {
	return recipe{id: "digits/close", story: "A call is put on hold again 200 ns after it was taken off hold.",
		rules: []rulebook.ID{rulebook.CompareInstants}, make: func(m *maker) {
			notes := m.play("held-again", how{})
			for i := range notes {
				again := i > 0 && notes[i].event.Type.Kind == event.Held && slices.ContainsFunc(notes[:i], func(n note) bool {
					return n.event.Type.Kind == event.Retrieved && n.at == notes[i].at
				})
				notes[i].edit(func(e *event.Event) {
					if e.Timestamp.Digits = event.MaxDigits; again {
						e.Timestamp.Time = e.Timestamp.Time.Add(200 * time.Nanosecond)
					}
				})
			}
			m.send(m.stamped(notes)...)
		}}
}

// met plays a call in which the customer hangs up within the millisecond in which the agent is connected: it was answered.
func (p *Planner) met() recipe {
	return recipe{id: "digits/met", story: "A customer hangs up 0.9 ms behind the agent's connection, within the same millisecond.", needs: trial.Figures,
		rules: []rulebook.ID{rulebook.CompareInstants}, make: func(m *maker) {
			notes := m.play("short-call", how{})
			var met, gone time.Time
			for i := range notes {
				switch e := notes[i].event; {
				case e.Type.Kind == event.Connected && e.Timestamp.After(met):
					met = e.Timestamp.Time
				case e.Type.Kind == event.Disconnected:
					gone = e.Timestamp.Time
				}
			}
			for i := range notes {
				notes[i].edit(func(e *event.Event) {
					switch e.Timestamp.Digits = event.MaxDigits; {
					case e.Timestamp.Equal(gone):
						e.Timestamp.Time = met.Truncate(time.Millisecond).Add(900 * time.Microsecond)
					case e.Timestamp.Equal(met):
						e.Timestamp.Time = met.Truncate(time.Millisecond).Add(100 * time.Nanosecond)
					}
				})
			}
			m.send(m.stamped(notes)...)
		}}
}

// needed is how many fractional digits show a moment.
func needed(at time.Time) (digits uint8) {
	for rest := at.Nanosecond(); rest > 0 && digits < event.MaxDigits; digits++ {
		rest = rest * 10 % 1e9
	}
	return digits
}

// swapTies reverses notifications of one instant.
func swapTies(all []note) []note {
	for i := 0; i < len(all); {
		j := i + 1
		for j < len(all) && all[j].at == all[i].at {
			j++
		}
		slices.Reverse(all[i:j])
		i = j
	}
	return all
}
