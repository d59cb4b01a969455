package dimension

import (
	"fmt"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/plan"
)

// Rounds is how often each kind of burst is played: what is lost once in two bursts is missed in one of sixteen examinations.
const Rounds = 4

// bursts are what is released together.
var bursts = []struct {
	id, story string
	rules     []rulebook.ID
	needs     trial.Aspect
	send      func(*maker)
}{
	{"channel/all", "All notifications of a channel come at the same time.", []rulebook.ID{rulebook.ConcurrentNotifications}, 0,
		func(m *maker) { m.burst(m.agentCall(how{})...) }},
	{"id/pairs", "Each notification comes twice at the same time.", []rulebook.ID{rulebook.ConcurrentDuplicates}, trial.Notifications | trial.Seconds | trial.Figures,
		func(m *maker) {
			for _, n := range m.agentCall(how{}) {
				m.burst(n, n)
			}
		}},
	{"conversation/all", "All notifications of a conversation come at the same time.", []rulebook.ID{rulebook.ConcurrentNotifications}, 0,
		func(m *maker) { m.burst(m.play("call-with-hold", how{})...) }},
	{"channel/pairs", "The notifications of a channel come two at a time.", []rulebook.ID{rulebook.ConcurrentNotifications}, 0,
		func(m *maker) { m.groups(m.agentCall(how{}), 2) }},
	{"id/eight", "The first notification of a channel comes eight times at the same time.", []rulebook.ID{rulebook.ConcurrentDuplicates}, trial.Notifications | trial.Seconds | trial.Figures,
		func(m *maker) {
			if all := m.agentCall(how{}); len(all) > 0 {
				first := all[0]
				m.burst(first, first, first, first, first, first, first, first)
				m.send(all[1:]...)
			}
		}},
	{"conversation/threes", "The notifications of a conversation come three at a time.", []rulebook.ID{rulebook.ConcurrentNotifications}, 0,
		func(m *maker) { m.groups(m.play("missed-then-answered", how{}), 3) }},
	{"conversations", "Twelve calls go on at the same time.", []rulebook.ID{rulebook.ConcurrentConversations}, 0, sideBySide},
	{"versions", "Each event comes in v0 and in v1 at the same time.", []rulebook.ID{rulebook.ConcurrentNotifications}, 0,
		func(m *maker) { m.groups(m.agentCall(how{versions: plan.Both}), 2) }},
	{"agent", "All notifications of an agent's two conversations come four at a time.", []rulebook.ID{rulebook.ConcurrentNotifications, rulebook.ConcurrentConversations}, 0,
		func(m *maker) { m.groups(m.play("call-interrupts-email", how{}), 4) }},
}

// concurrencyRecipes release notifications together, round after round.
func concurrencyRecipes(*Planner) (all []recipe) {
	for round := range Rounds {
		for _, b := range bursts {
			all = append(all, recipe{fmt.Sprintf("%s/%d", b.id, round+1), b.story, b.rules, b.needs, b.send})
		}
	}
	return all
}

// Overlapping are trials in which calls of different conversations go on at the same time.
func Overlapping() []string {
	return []string{string(Concurrency) + "/conversations/1", string(Concurrency) + "/conversations/2"}
}

// groups releases so many notifications at a time.
func (m *maker) groups(all []note, size int) {
	for len(all) > 0 {
		n := min(size, len(all))
		m.burst(all[:n]...)
		all = all[n:]
	}
}

// sideBySide releases the same notification of many calls together, then the next one.
func sideBySide(m *maker) {
	var calls [12][]note
	for i := range calls {
		calls[i] = m.agentCall(how{})
	}
	for i := range calls[0] {
		var all []note
		for _, c := range calls {
			all = append(all, c[i])
		}
		m.burst(all...)
	}
}
