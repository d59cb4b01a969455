package mistake

import (
	"cmp"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/sampling"
)

// Columns for each kind of event, ranks of phases and spans of conversation are named however they come about, by code of its own that tells them.
func TestColumnsRanksAndSpansAreNamed(t *testing.T) {
	sampling.Long(t)
	all := answered(stateful(t, 1))
	columns := func(last bool) change {
		return keeping(func(_ *consumer, facts []fact) (kept []fact) {
			row := map[string]fact{}
			for _, f := range facts {
				if _, known := row[f.kind]; last || !known {
					row[f.kind] = f
				}
			}
			for _, f := range facts {
				if row[f.kind].nth == f.nth {
					kept = append(kept, f)
				}
			}
			return kept
		})
	}
	greatest := func(ranks map[string]int) change {
		return changing(func(c *consumer, facts []fact, l *life) {
			best := 0
			for i := range facts {
				if phase, any := begins(facts[i].kind); any && ranks[phase] > best {
					l.phase, best = phase, ranks[phase]
				}
			}
		})
	}
	span := func(_ *consumer, facts []fact, l *life) {
		var from, to time.Time
		for i := range facts {
			switch f := &facts[i]; {
			case f.kind == "channel.connected" && (from.IsZero() || f.at.Before(from)):
				from = f.at
			case (f.kind == "channel.wrapstarted" || f.kind == "channel.ended") && (to.IsZero() || f.at.Before(to)):
				to = f.at
			}
		}
		if !from.IsZero() && to.After(from) {
			l.seconds["connected"] = math.Round(to.Sub(from).Seconds()*1e7) / 1e7
		}
	}
	for _, c := range []struct {
		name, want string
		change     change
	}{
		{"the last of each kind", "one-event-of-a-kind", columns(true)},
		{"the first of each kind", "one-event-of-a-kind", columns(false)},
		{"ranks, hold last", "highest-phase", greatest(map[string]int{"alerting": 1, "connected": 2, "interrupted": 3, "parked": 4, "held": 5, "unexpected": 6, "wrap": 7, "ended": 8})},
		{"ranks, interruption last", "highest-phase", greatest(map[string]int{"alerting": 1, "connected": 2, "held": 3, "parked": 4, "interrupted": 5, "unexpected": 6, "wrap": 7, "ended": 8})},
		{"a span", "absences-are-talk", changing(span)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if causes := told(all, c.change).Explain(); len(causes) != 1 || !slices.Equal(causes[0].Mistakes, []*Mistake{byName(c.want)}) {
				t.Errorf("want %s: %.900s", c.want, text(all, causes))
			}
		})
	}
}

// Who takes the ringing of any agent for the answer, also of one who calls, and who tells userId, is told so.
func TestTheFirstRingingAndUserIDAreNamed(t *testing.T) {
	sampling.Long(t)
	all := answered(examined(t, 1, dimension.Stories, dimension.Bytes, dimension.Identity))
	for _, c := range []struct {
		want   string
		change change
	}{
		{"takes the first ringing for the answer", figure(func(all []participant, f sums) {
			var earliest, begin time.Time
			for i := range all {
				p := &all[i]
				if len(p.stays) == 0 {
					continue
				}
				if at := p.stays[0].from; begin.IsZero() || at.Before(begin) {
					begin = at
				}
				if at := p.stays[0].from; p.role == "agent" && (earliest.IsZero() || at.Before(earliest)) {
					earliest = at
				}
			}
			if _, told := f[trial.Answered]; told && !earliest.IsZero() {
				f[trial.Answered], f[trial.Abandoned], f[trial.SecondsToAnswer] = 1, 0, earliest.Sub(begin).Seconds()
			}
		})},
		{"tells userId for agentId", func(c *consumer) {
			c.agentID = func(n *trial.Note) any {
				return cmp.Or(n.UserID, n.AgentID)
			}
		}},
	} {
		causes := told(all, c.change).Explain()
		if len(causes) != 1 || len(causes[0].Mistakes) != 1 || causes[0].Mistakes[0].Text != c.want {
			t.Errorf("want %s: %.900s", c.want, text(all, causes))
		}
	}
}

// Who keeps only so many conversations is told so, whether the oldest or the one that was idle longest is dropped, and who forgets keys a while
// after the end is told that as well as what looks the same.
func TestWhatIsDroppedLaterIsNamed(t *testing.T) {
	sampling.Long(t)
	t.Parallel()
	all := answered(slices.Concat(stateful(t, 1), examined(t, 1, dimension.Endurance)))
	for _, keysToo := range []bool{false, true} {
		for _, size := range sampling.Some([]int{310, 30, 90, 470}, 4, sampling.Mistakes) {
			s := NewSeen(all)
			kept := s.dropping(size, keysToo)
			for i, p := range all {
				p.Told = kept[i]
			}
			if causes := s.Explain(); len(causes) != 1 || !slices.Equal(causes[0].Mistakes, []*Mistake{byName("conversations-dropped")}) {
				t.Errorf("%d, %v: %.900s", size, keysToo, text(all, causes))
			}
		}
	}
	for _, d := range sampling.Some([]time.Duration{1700 * time.Millisecond, 12 * time.Second}, 2, sampling.Mistakes) {
		causes := told(all, func(c *consumer) {
			c.keysOf, c.lingers = func(n *trial.Note) string { return n.Channel }, d
		}).Explain()
		if len(causes) != 1 || !slices.Contains(causes[0].Mistakes, byName("keys-until-ended")) {
			t.Errorf("%v: %.900s", d, text(all, causes))
		}
	}
}

// dropping is what a consumer tells that keeps so many conversations, those that began last, with their keys or without, by code of its own.
func (s *Seen) dropping(size int, keysToo bool) []map[string]*trial.State {
	out := make([]map[string]*trial.State, len(s.all))
	right := s.simulate()
	kept, order, seen := map[string][]step{}, []string{}, map[int]bool{}
	for k := range s.steps {
		st := &s.steps[k]
		switch {
		case st.ask:
			var steps []step
			for _, id := range s.all[st.played].Conversations() {
				steps = append(steps, kept[id]...)
			}
			slices.SortFunc(steps, func(a, b step) int { return a.at.Compare(b.at) })
			out[st.played] = right.replay(st.played, append(steps, *st), true)
		case st.crash || !right.stores(st.delivery, st.answer) || seen[st.key]:
		default:
			seen[st.key] = true
			id := st.delivery.Conversation
			if _, known := kept[id]; !known {
				if !st.known {
					continue
				}
				if order = append(order, id); len(order) > size {
					for _, old := range kept[order[0]] {
						seen[old.key] = !keysToo
					}
					delete(kept, order[0])
					order = order[1:]
				}
			}
			kept[id] = append(kept[id], *st)
		}
	}
	return out
}
