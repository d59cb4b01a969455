package mistake

import (
	"cmp"
	"slices"
	"time"
)

// instants orders by something that is less exact than the moment, and what is alike in it as what happens in one instant.
func instants(key func(*fact) string) change {
	return func(c *consumer) {
		c.order = func(a, b *fact) int { return cmp.Or(cmp.Compare(key(a), key(b)), a.rank-b.rank) }
		c.together = func(a, b *fact) bool { return key(a) == key(b) }
	}
}

// neighbours orders wrongly, and puts what then stands side by side and happened in one instant into the right order.
func neighbours(order func(a, b *fact) int) change {
	return func(c *consumer) {
		c.order = order
		c.together = func(a, b *fact) bool { return a.at.Equal(b.at) }
	}
}

// inMilliseconds is the moment without what is behind milliseconds.
func inMilliseconds(f *fact) time.Time { return f.at.Truncate(time.Millisecond) }

// turn is the place of an event in an instant at which a channel comes back and goes away again.
func turn(f *fact) int {
	switch f.kind {
	case "channel.alerted":
		return 0
	case "channel.connected":
		return 1
	case "channel.connectionfailed", "channel.retrieved", "channel.unparked", "channel.resumed":
		return 2
	case "channel.held", "channel.parked", "channel.interrupted":
		return 3
	}
	return 4 + f.rank
}

// byTurns ranks what happens in an instant: who is away, by what happened before it, comes back first; others go away first.
func byTurns(_ *consumer, facts []fact) []fact {
	facts = slices.Clone(facts)
	for i := range facts {
		f, away := &facts[i], 0
		for j := range facts {
			if g := &facts[j]; g.at.Before(f.at) {
				if next, _ := begins(g.kind); back[next] != "" {
					away++
				} else if leadsBack(g.kind) {
					away--
				}
			}
		}
		f.rank = turn(f)
		if leadsBack(f.kind) && away <= 0 {
			f.rank = turn(&fact{}) // behind what goes away, before all others
		}
	}
	return facts
}

// leadsBack reports whether an event leads back to the call.
func leadsBack(kind string) bool {
	return kind == "channel.retrieved" || kind == "channel.unparked" || kind == "channel.resumed"
}
