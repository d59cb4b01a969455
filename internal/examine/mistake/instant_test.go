package mistake

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/sampling"
)

// The events are written as they stand in the wrong order, each with the second in which it happened: what happened in one instant, and stands side
// by side, is put into the right order, and nothing else is.
func TestNeighboursOfOneInstantArePutInOrder(t *testing.T) {
	for _, c := range []struct{ events, phase, seconds string }{
		{"connected:5 alerted:5", "connected", "alerting 0"},
		{"ended:9 disconnected:9 wrapstarted:9 connected:5", "ended", "wrap 0"},
		{"connected:5 held:9 alerted:5", "alerting", "connected 4"},
		{"held:9 connected:5 alerted:5 retrieved:12", "connected", "held -4"},
		{"connected:5 retrieved:9 held:9", "connected", "held 0"},
	} {
		var facts []fact
		for n, text := range strings.Fields(c.events) {
			kind, second, _ := strings.Cut(text, ":")
			at, err := time.ParseDuration(second + "s")
			if err != nil {
				t.Fatal(err)
			}
			f, ok := newFact(&trial.Note{Type: "channel." + kind + ".v0", Channel: "c", Timestamp: start.Add(at).Format(time.RFC3339Nano)}, start)
			if f.nth = n; !ok {
				t.Fatal(text)
			}
			facts = append(facts, f)
		}
		arriving := correct()
		neighbours(func(a, b *fact) int { return cmp.Compare(a.nth, b.nth) })(arriving)
		l := arriving.live(facts)
		phase, _, _ := strings.Cut(c.seconds, " ")
		if s, told := l.seconds[phase]; l.phase != c.phase || !told || fmt.Sprint(phase, " ", s) != c.seconds {
			t.Errorf("%s: %s, %v; want %s, %s", c.events, l.phase, l.seconds, c.phase, c.seconds)
		}
	}
}

// Who orders wrongly, and the neighbours of one instant rightly, has the name of who does the first.
func TestWhoPutsNeighboursInOrderIsNamed(t *testing.T) {
	sampling.Long(t)
	all := answered(slices.DeleteFunc(examined(t, 1, dimension.Order, dimension.Stories), func(made *trial.Trial) bool {
		return !slices.Contains(made.Rules, rulebook.OrderNotByTime) && !strings.HasPrefix(made.ID, "order/call-with-hold/")
	}))
	for _, c := range []struct {
		name  string
		order func(a, b *fact) int
	}{
		{"order-of-arrival", func(a, b *fact) int { return cmp.Compare(a.nth, b.nth) }},
		{"order-of-time", func(a, b *fact) int { return cmp.Or(a.sent.Compare(b.sent), cmp.Compare(a.nth, b.nth)) }},
		{"order-of-time", func(a, b *fact) int { return cmp.Or(a.sent.Compare(b.sent), a.rank-b.rank) }},
		{"order-of-ids", func(a, b *fact) int { return strings.Compare(a.note.ID, b.note.ID) }},
	} {
		s := told(all, neighbours(c.order))
		causes := s.Explain()
		if m := byName(c.name); len(causes) != 1 || causes[0].Rule != m.Rule || !slices.Contains(causes[0].Mistakes, m) {
			t.Errorf("want %s: %.600s", c.name, text(all, causes))
		}
		if !slices.ContainsFunc(byName(c.name).changes, func(change change) bool { return s.simulate(change).explainsAll() }) {
			t.Errorf("%s explains it in part", c.name)
		}
	}
}

// Who makes a known mistake in a way that differs in a few trials is named for it; what explains fewer is not.
func TestAFewExceptionsAreNoOtherMistake(t *testing.T) {
	sampling.Long(t)
	all := answered(examined(t, 1, dimension.Order))
	byTime := keeping(func(c *consumer, facts []fact) []fact {
		facts = slices.Clone(byTurns(c, facts))
		if len(facts) == 4 && facts[0].kind == "channel.ended" && facts[1].kind == "channel.disconnected" {
			slices.SortStableFunc(facts, func(a, b fact) int { return cmp.Or(a.at.Compare(b.at), a.rank-b.rank) })
			return facts
		}
		slices.SortStableFunc(facts, func(a, b fact) int { return a.sent.Compare(b.sent) })
		for i, j := 0, 0; i < len(facts); i = j {
			for j = i + 1; j < len(facts) && facts[j].at.Equal(facts[i].at); {
				j++
			}
			slices.SortStableFunc(facts[i:j], func(a, b fact) int { return a.rank - b.rank })
		}
		return facts
	})
	s := told(all, func(c *consumer) {
		byTime(c)
		c.order, c.onward, c.afresh = nil, true, true
	})
	right := s.simulate()
	wrong, _ := s.wrong(right)
	exact := slices.ContainsFunc(mistakes, func(m Mistake) bool {
		return slices.ContainsFunc(m.changes, func(change change) bool {
			sim := s.simulate(change)
			return !slices.ContainsFunc(wrong, func(i int) bool { return !sim.fit(i) })
		})
	})
	if exact {
		t.Fatal("a known mistake explains all, so that nothing is tested")
	}
	if causes := s.Explain(); len(causes) != 1 || causes[0].Rule != rulebook.OrderNotByTime || causes[0].Mistakes[0] != byName("order-of-time") {
		t.Errorf("%.600s", text(all, causes))
	}
}
