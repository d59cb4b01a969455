package mistake

import (
	"slices"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// endedMistakes are about what is tidied up when something has ended, or seems to have.
var endedMistakes = []Mistake{
	{"keys-until-ended", rulebook.RememberLong, "forgets the ids of a channel or conversation when it has ended, or a while later",
		untilOver(0, 500*time.Millisecond, time.Second, 1500*time.Millisecond, 2*time.Second, 3*time.Second, 5*time.Second, 7*time.Second,
			10*time.Second, 15*time.Second, 20*time.Second, 30*time.Second)},
	{"conversations-dropped", rulebook.StoreBeforeAnswer, "keeps only so many conversations, and drops older ones",
		crowded(10, 16, 25, 40, 64, 100, 150, 200, 256, 300, 400, 500, 700, 1000, 1500, 2000)},
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

// untilOver are consumers that know the ids of a channel or conversation for so long after it has ended.
func untilOver(spans ...time.Duration) (all []change) {
	for _, d := range spans {
		all = append(all, func(c *consumer) { c.keysOf, c.lingers = func(n *trial.Note) string { return n.Channel }, d },
			func(c *consumer) { c.keysOf, c.lingers = func(n *trial.Note) string { return n.Conversation }, d })
	}
	return all
}

// crowded are consumers that keep so many conversations, those that began last or those that they had to do with last, and forget the keys
// of others with them or not.
func crowded(sizes ...int) (all []change) {
	for _, n := range sizes {
		for _, wholly := range []bool{false, true} {
			all = append(all, func(c *consumer) { c.calls, c.wholly = n, wholly }, func(c *consumer) { c.calls, c.wholly, c.recent = n, wholly, true })
		}
	}
	return all
}

// crowd is which conversations are kept, of consumers that keep only so many. They go by their numbers.
type crowd struct {
	*consumer
	last   []int // by conversation: the step of it that is kept and came last; 0: it is not kept
	before []int // by step: the step of its conversation before, likewise
	turns  []int // conversations, the one that is dropped next first
	counts []int // by conversation: how many of its turns are still to come, of which the last one counts
	kept   int
}

// crowd is one in which nobody is so far.
func (m *simulation) crowd() *crowd {
	c := &crowd{consumer: m.consumer}
	if c.calls > 0 {
		c.last, c.counts, c.before = make([]int, m.conversations), make([]int, m.conversations), emptied(&m.links, len(m.steps)+1)
	}
	return c
}

// take keeps a step, and returns those that are dropped for it.
func (c *crowd) take(st *step, nth int) (dropped []int) {
	if c.calls == 0 || !st.known {
		return nil
	}
	n := st.conversation
	if c.last[n] == 0 {
		c.kept++
		c.turn(n)
	} else if c.recent {
		c.turn(n)
	}
	c.before[nth+1], c.last[n] = c.last[n], nth+1
	for c.kept > c.calls {
		oldest := c.turns[0]
		c.turns = c.turns[1:]
		if c.counts[oldest]--; c.counts[oldest] > 0 {
			continue
		}
		for k := c.last[oldest]; k > 0; k = c.before[k] {
			dropped = append(dropped, k-1)
		}
		c.last[oldest] = 0
		c.kept--
	}
	return dropped
}

// turn puts a conversation behind the others.
func (c *crowd) turn(n int) {
	c.turns = append(c.turns, n)
	c.counts[n]++
}

// asked puts the conversations of steps behind the others, where they are asked for.
func (c *crowd) asked(m *simulation, steps []int) {
	if !c.recent {
		return
	}
	for _, k := range steps {
		if st := &m.steps[k]; st.known && c.last[st.conversation] > 0 && c.turns[len(c.turns)-1] != st.conversation {
			c.turn(st.conversation)
		}
	}
}

// outlive gives up the keys of what ended too long ago.
func (m *memory) outlive(now time.Time) {
	for of, at := range m.ended {
		if now.Sub(at) > m.lingers {
			m.forget(of)
			delete(m.ended, of)
		}
	}
}

// end notes when it ended what the keys are forgotten with.
func (m *memory) end(of string, at time.Time) {
	if m.lingers == 0 {
		m.forget(of)
		return
	}
	if m.ended == nil {
		m.ended = map[string]time.Time{}
	}
	if m.ended[of].IsZero() {
		m.ended[of] = at
	}
}

// forget gives up the keys of what has ended.
func (m *memory) forget(of string) {
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
