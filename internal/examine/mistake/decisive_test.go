package mistake

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/trial"
)

// examined makes the trials of the dimensions that are about the state.
func examined(t testing.TB, seed uint64, dimensions ...dimension.Name) (all []*trial.Trial) {
	t.Helper()
	p := dimension.New(dimension.Options{Seed: seed, Start: start, Profile: dimension.Profile{NextSecret: true, Restart: true}})
	for _, d := range dimensions {
		for made, err := range p.Trials(d) {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, made)
		}
	}
	return all
}

var stateful = []dimension.Name{dimension.Bytes, dimension.Authenticity, dimension.Stories, dimension.Identity, dimension.Order, dimension.Crash, dimension.Endurance}

// answered has a consumer answer all trials as a correct one does, one delivery after the other, those of
// Later in the end.
func answered(trials []*trial.Trial) (all []*trial.Played) {
	now := start.Add(time.Hour)
	answer := func(p *trial.Played, d *trial.Delivery) {
		a := trial.Answer{Status: 204, Attempts: 1, Sent: now, Took: 5 * time.Millisecond}
		switch d.Want() {
		case trial.Refuse:
			a.Status = 401
		case trial.Finish:
			a.Status = 400
		}
		if a.First = a.Status; d.Wire.Way == trial.CutOff || d.Crash.When == trial.Within {
			a.First, a.Attempts = 0, 2
		}
		p.Answers = append(p.Answers, a)
		now = now.Add(5 * time.Millisecond)
	}
	for _, made := range trials {
		p := &trial.Played{Trial: made}
		for i := range made.Deliveries {
			answer(p, &made.Deliveries[i])
		}
		if len(made.Later) == 0 {
			p.Asked = now
		}
		all = append(all, p)
	}
	now = now.Add(time.Minute)
	for _, p := range all {
		for i := range p.Later {
			answer(p, &p.Later[i])
		}
		if len(p.Later) > 0 {
			p.Asked = now
		}
	}
	return all
}

// told has a simulated consumer tell the states.
func told(all []*trial.Played, changes ...change) *Seen {
	s := NewSeen(all)
	m := s.simulate(changes...)
	for i, p := range all {
		p.Told = m.tell(i)
	}
	return s
}

func TestTheCorrectConsumerHasNoCause(t *testing.T) {
	for _, seed := range []uint64{1, 2} {
		all := answered(examined(t, seed, dimension.Names()...))
		for i, h := range habits {
			if causes := told(all, h).Explain(); len(causes) > 0 {
				t.Errorf("seed %d, habit %d: %s", seed, i, text(all, causes))
			}
		}
	}
}

// text says what causes were found.
func text(all []*trial.Played, causes []Cause) string {
	var b strings.Builder
	for _, c := range causes {
		var names []string
		for _, m := range c.Mistakes {
			names = append(names, m.ID)
		}
		fmt.Fprintf(&b, "\n  %s %v: %d trials, such as %s: %v", c.Rule, names, len(c.Trials), all[c.Trials[0]].ID, c.Differences)
	}
	return b.String()
}

func TestEachMistakeIsNamedAlone(t *testing.T) {
	all := answered(examined(t, 1, stateful...))
	alike := map[string][]string{}
	for i := range mistakes {
		m := &mistakes[i]
		for k, change := range m.changes {
			name := fmt.Sprintf("%s/%d", m.ID, k)
			causes := told(all, change).Explain()
			if len(causes) != 1 || causes[0].Rule != m.Rule || !slices.Contains(causes[0].Mistakes, m) {
				t.Errorf("%s (%s): %d causes:%.1500s", name, m.Rule, len(causes), text(all, causes))
				continue
			}
			for _, other := range causes[0].Mistakes {
				if other != m {
					alike[name] = append(alike[name], other.ID)
					if other.Rule != m.Rule {
						t.Errorf("%s (%s) cannot be told from %s (%s)", name, m.Rule, other.ID, other.Rule)
					}
				}
			}
		}
	}
	for name, others := range alike {
		t.Logf("%s cannot be told from %v", name, others)
	}
}

func BenchmarkExplain(b *testing.B) {
	all := answered(examined(b, 1, stateful...))
	for _, id := range []string{"order-of-arrival", "park-is-hold", "short-memory", "key-is-id"} {
		i := slices.IndexFunc(mistakes, func(m Mistake) bool { return m.ID == id })
		told(all, mistakes[i].changes[0])
		b.Run(id, func(b *testing.B) {
			for b.Loop() {
				NewSeen(all).Explain()
			}
		})
	}
}
