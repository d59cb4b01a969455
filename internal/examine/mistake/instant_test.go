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
