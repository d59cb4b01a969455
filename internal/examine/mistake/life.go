package mistake

import (
	"cmp"
	"slices"
	"time"
)

// life is what a consumer knows of a channel.
type life struct {
	phase   string
	seconds map[string]float64 // by phase
	stays   []stay             // in their order
}

// stay is the time in one phase.
type stay struct {
	phase    string
	from, to time.Time // to is zero while it lasts
}

// byTimestamp is the right order, but for what happened in one instant.
func byTimestamp(a, b *fact) int {
	return cmp.Or(a.at.Compare(b.at), a.rank-b.rank, cmp.Compare(a.nth, b.nth))
}

// sorted returns the facts in the consumer's order.
func (c *consumer) sorted(facts []fact) []fact {
	if c.order == nil {
		return facts
	}
	facts = slices.Clone(facts)
	slices.SortStableFunc(facts, func(a, b fact) int { return c.order(&a, &b) })
	return facts
}

// live goes through what happened to a channel in the consumer's order. What happened in one instant, or came in two
// versions, is taken as often as it changes the phase.
func (c *consumer) live(facts []fact) life {
	for _, keep := range c.keeps {
		facts = keep(c, facts)
	}
	facts = c.sorted(facts)
	l := life{seconds: map[string]float64{}}
	for i := range facts {
		f := &facts[i]
		if next, any := c.phase(f.kind); any && (next != l.phase || c.afresh) {
			l.enter(c, next, c.moment(f))
		}
	}
	for _, change := range c.after {
		change(c, facts, &l)
	}
	for phase, s := range l.seconds {
		l.seconds[phase] = c.total(s)
	}
	return l
}

// enter ends the phase that the channel is in, and begins another.
func (l *life) enter(c *consumer, phase string, at time.Time) {
	if n := len(l.stays); n > 0 && l.phase != "ended" {
		last := &l.stays[n-1]
		last.to = at
		l.seconds[last.phase] += c.stay(last.from, at)
	}
	if l.phase = phase; phase != "ended" {
		l.stays = append(l.stays, stay{phase: phase, from: at})
	}
}

// times is how often a channel was in each phase.
func (l *life) times() map[string]int {
	n := make(map[string]int, len(l.stays))
	for _, s := range l.stays {
		n[s.phase]++
	}
	return n
}
