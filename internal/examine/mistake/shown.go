package mistake

import (
	"math"
	"slices"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

// shownMistakes are about what of all that is stored is shown, or counted.
var shownMistakes = []Mistake{
	{"some-events-only", rulebook.SumPhases, "keeps or shows only so many events of a conversation, and counts no others", ofSome()},
	{"one-day-only", rulebook.AcrossMidnight, "shows what happened on one day only", []change{
		showing(func(facts []fact) func(*fact) bool { return on(facts[len(facts)-1].at) }),
		showing(func(facts []fact) func(*fact) bool { return on(facts[0].at) }),
	}},
	{"stays-up-to-a-limit", rulebook.DurationsFromTimestamps, "counts no stay in a phase beyond a limit", limited()},
	{"hours-dropped", rulebook.DurationsFromTimestamps, "drops whole hours, or minutes, of a phase", slices.Concat(modulo(time.Hour), modulo(time.Minute))},
}

// modulo are consumers that keep what is left of a duration when all whole units are taken off, of each stay or of the sum.
func modulo(unit time.Duration) []change {
	rest := func(seconds float64) float64 { return math.Mod(seconds, unit.Seconds()) }
	return []change{stayed(rest), total(rest)}
}

// showing shows only some of the facts of a conversation, which come in their right order.
func showing(which func(facts []fact) func(*fact) bool) change {
	return func(c *consumer) {
		c.shows = func(k *call) *call {
			var all []fact
			for _, p := range k.channels {
				all = append(all, p.facts...)
			}
			if len(all) == 0 {
				return k
			}
			slices.SortFunc(all, func(a, b fact) int { return byTimestamp(&a, &b) })
			return k.only(which(all))
		}
	}
}

// only is what is left of a conversation if some facts do not count.
func (k *call) only(counts func(*fact) bool) *call {
	left := &call{}
	for _, p := range k.channels {
		q := *p
		if q.facts = slices.DeleteFunc(slices.Clone(p.facts), func(f fact) bool { return !counts(&f) }); len(q.facts) > 0 {
			left.channels = append(left.channels, &q)
		}
	}
	return left
}

// on wants what happened on the day of a moment, in UTC.
func on(at time.Time) func(*fact) bool {
	day := at.UTC().Truncate(24 * time.Hour)
	return func(f *fact) bool { return f.at.UTC().Truncate(24 * time.Hour).Equal(day) }
}

// ofSome are consumers that keep the first or the last events of a conversation that arrive.
func ofSome() (all []change) {
	for _, n := range []int{5, 8, 10, 12, 15, 16, 20, 24, 25, 30, 32} {
		for _, last := range []bool{false, true} {
			all = append(all, showing(func(facts []fact) func(*fact) bool {
				slices.SortFunc(facts, func(a, b fact) int { return a.nth - b.nth })
				if from := max(0, len(facts)-n); last {
					return func(f *fact) bool { return f.nth >= facts[from].nth }
				}
				return func(f *fact) bool { return f.nth <= facts[min(n, len(facts))-1].nth }
			}))
		}
	}
	return all
}

// limited are consumers that count a limit instead of longer stays, or nothing.
func limited() (all []change) {
	for _, limit := range []float64{60, 300, 600, 900, 1800, 3600, 7200, 14400, 28800} {
		all = append(all, stayed(func(s float64) float64 { return min(s, limit) }), stayed(func(s float64) float64 {
			if s > limit {
				return 0
			}
			return s
		}))
	}
	return all
}

// ofKind keeps one fact of each kind: the first one to arrive, unless another one is better.
func ofKind(facts []fact, better func(f, kept *fact) bool) (kept []fact) {
	for i := range facts {
		f := &facts[i]
		switch at := slices.IndexFunc(kept, func(k fact) bool { return k.rank == f.rank }); {
		case at < 0:
			kept = append(kept, *f)
		case better(f, &kept[at]):
			kept[at] = *f
		}
	}
	return kept
}

// lastOfKind keeps the last of each kind to arrive, and firstOfKind the first.
func lastOfKind(_ *consumer, facts []fact) []fact {
	return ofKind(facts, func(f, k *fact) bool { return f.nth > k.nth })
}
func firstOfKind(_ *consumer, facts []fact) []fact {
	return ofKind(facts, func(f, k *fact) bool { return f.nth < k.nth })
}

// newestOfKind keeps of each kind what happened last, and oldestOfKind what happened first.
func newestOfKind(_ *consumer, facts []fact) []fact {
	return ofKind(facts, func(f, k *fact) bool { return f.at.After(k.at) })
}
func oldestOfKind(_ *consumer, facts []fact) []fact {
	return ofKind(facts, func(f, k *fact) bool { return f.at.Before(k.at) })
}
