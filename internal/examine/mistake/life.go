package mistake

import (
	"cmp"
	"reflect"
	"slices"
	"sort"
	"strings"
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
	sort.Stable(ordered{facts, c.order})
	if c.chained() {
		c.chain(facts)
	}
	return facts
}

// ordered are facts in an order of their own. Package slices would move both of each two that are compared to the heap.
type ordered struct {
	facts []fact
	order func(a, b *fact) int
}

func (o ordered) Len() int           { return len(o.facts) }
func (o ordered) Less(i, j int) bool { return o.order(&o.facts[i], &o.facts[j]) < 0 }
func (o ordered) Swap(i, j int)      { o.facts[i], o.facts[j] = o.facts[j], o.facts[i] }

// chained reports whether the consumer has the right order, at least of what it takes for one instant.
func (c *consumer) chained() bool {
	return !c.listed && c.order != nil && (c.together != nil || reflect.ValueOf(c.order).Pointer() == reflect.ValueOf(byTimestamp).Pointer())
}

// follow are the types that may come in a phase; the usual order of types goes before them where there is a choice.
var follow = map[string]string{
	"": "channel.alerted channel.connected", "alerting": "channel.connected channel.connectionfailed channel.disconnected channel.ended",
	"connected": "channel.held channel.parked channel.interrupted channel.disconnected channel.wrapstarted channel.ended",
	"held":      "channel.retrieved channel.disconnected channel.wrapstarted channel.ended", "parked": "channel.unparked channel.disconnected channel.wrapstarted channel.ended",
	"interrupted": "channel.resumed channel.disconnected channel.wrapstarted channel.ended", "unexpected": "channel.disconnected channel.ended",
	"wrap": "channel.disconnected channel.ended",
}

// follows has the ranks of the same types.
var follows = func() map[string]int {
	all := map[string]int{}
	for phase, types := range follow {
		for name := range strings.FieldsSeq(types) {
			all[phase] |= 1 << slices.IndexFunc(kinds[:], func(k kind) bool { return k.name == name })
		}
	}
	return all
}()

// back are the types that lead back from a phase.
var back = map[string]string{"held": "channel.retrieved", "parked": "channel.unparked", "interrupted": "channel.resumed"}

// lasting is the rank of the first of the types that come last in an instant.
const lasting = 9

// chain puts what happened in one instant into the order in which each event may follow the one before: a channel may be retrieved
// and held again at once. Both versions of an event stay together.
func (c *consumer) chain(facts []fact) {
	phase := ""
	for i := 0; i < len(facts); {
		j := i + 1
		for j < len(facts) && c.oneInstant(&facts[i], &facts[j]) {
			j++
		}
		if c.together != nil { // they stand in another order
			slices.SortStableFunc(facts[i:j], func(a, b fact) int { return a.rank - b.rank })
		}
		for i < j {
			next := c.take(facts[i:j], phase)
			i++
			if other := slices.IndexFunc(facts[i:j], next.versionOf); other >= 0 {
				move(facts[i:j], other)
				i++
			}
			if to, any := c.phase(next.kind); any {
				phase = to
			}
		}
	}
}

// oneInstant reports whether two events happened at the same time, as the consumer sees it.
func (c *consumer) oneInstant(a, b *fact) bool {
	if c.together != nil {
		return c.together(a, b)
	}
	return a.at.Equal(b.at)
}

// take moves to the front what happens next of what is left of an instant.
func (c *consumer) take(left []fact, phase string) fact {
	if len(left) == 1 {
		return left[0]
	}
	at := 0
	if !c.strict || !left[0].foreign {
		may, first := follows[phase], -1
		for i := range left {
			f := &left[i]
			if f.rank >= lasting || may&(1<<f.rank) == 0 {
				continue
			}
			if first < 0 {
				first = i
			}
			if leads := back[kinds[f.rank].phase]; leads != "" && slices.ContainsFunc(left, func(b fact) bool { return b.kind == leads }) {
				first = i
				break
			}
		}
		at = max(0, first)
	}
	move(left, at)
	return left[0]
}

// move moves one of facts to the front.
func move(facts []fact, at int) {
	first := facts[at]
	copy(facts[1:at+1], facts[:at])
	facts[0] = first
}

// versionOf reports whether another fact is the same event in the other version.
func (f fact) versionOf(other fact) bool {
	return other.kind == f.kind && other.note.Type != f.note.Type
}

// live goes through what happened to a channel in the consumer's order. What happened in one instant, or came in two
// versions, is taken as often as it changes the phase.
func (c *consumer) live(facts []fact) life {
	for _, keep := range c.keeps {
		facts = keep(c, facts)
	}
	facts = c.sorted(facts)
	l := life{seconds: map[string]float64{}, stays: make([]stay, 0, len(facts))}
	for i := range facts {
		f := &facts[i]
		if !c.onward && l.phase == "ended" { // nothing follows, whatever its timestamp
			break
		}
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
