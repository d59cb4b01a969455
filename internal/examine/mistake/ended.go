package mistake

import (
	"slices"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// endedMistakes are about what is tidied up when something has ended, or seems to have.
var endedMistakes = []Mistake{
	{"keys-until-ended", rulebook.RememberLong, "forgets the ids of a channel or conversation when it has ended", []change{
		func(c *consumer) { c.keysOf = func(n *trial.Note) string { return n.Channel } },
		func(c *consumer) { c.keysOf = func(n *trial.Note) string { return n.Conversation } },
	}},
	{"closed-with-customer", rulebook.NeverReopen, "drops what arrives of a conversation after the customer's channel has ended, but wrap and the other ends", []change{
		dropping(func(k *call, st *step) bool {
			return k.left() && st.fact.kind != "channel.ended" && st.fact.kind != "channel.wrapstarted"
		}),
	}},
	{"ended-by-a-start", rulebook.NeverReopen, "ends channels when it starts that were not over",
		[]change{func(c *consumer) { c.tidies = true }}},
}

// left reports whether it is known that the customer's channel has ended.
func (k *call) left() bool {
	return slices.ContainsFunc(k.channels, func(p *part) bool { return p.first.Role == "external" && has(p.facts, "channel.ended") })
}

// forget gives up the keys of what has ended.
func (m *memory) forget(n *trial.Note) {
	of := m.keysOf(n)
	m.seen = slices.DeleteFunc(m.seen, func(key int) bool { return m.scopes[key] == of })
}

// tidy ends all channels that are not over, at the time of what was heard of them last.
func (m *memory) tidy() {
	for _, k := range m.calls {
		for _, p := range k.channels {
			if len(p.facts) > 0 && !has(p.facts, "channel.ended") {
				last := slices.MaxFunc(p.facts, func(a, b fact) int { return a.at.Compare(b.at) })
				last.kind, last.rank = kindOf("channel.ended.v0")
				m.nth++
				last.nth, last.made = m.nth, true
				p.facts = append(p.facts, last)
			}
		}
	}
}
