package mistake

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/sampling"
)

func TestTwoMistakesAreBothNamed(t *testing.T) {
	sampling.Long(t)
	t.Parallel()
	several(t, 1, 2, 6/sampling.Every(6, sampling.Mistakes))
}

// simulated is how many mistakes have simulated consumers: the others stand behind them.
var simulated = slices.IndexFunc(mistakes, func(m Mistake) bool { return m.Vague() })

func numbers(n int) (all []int) {
	for i := range n {
		all = append(all, i)
	}
	return all
}

// several has consumers make a number of mistakes at once, drawn from a seed, and holds that hardly ever one is missing or another one named.
func several(t *testing.T, seed uint64, mistakesEach, want int) {
	all := answered(slices.Concat(examined(t, 1, dimension.Stories, dimension.Identity), examined(t, 1, dimension.Order)[:60]))
	seen, random := NewSeen(all), rand.New(rand.NewPCG(seed, 1))
	shows := func(with, without []change) bool {
		a, b := seen.simulate(with...), seen.simulate(without...)
		return slices.ContainsFunc(numbers(len(all)), func(i int) bool { return a.unlike(b, i) != 0 })
	}
	good := 0
	for n := 0; n < want; {
		var rules []rulebook.ID
		var names []string
		var changes []change
		for len(rules) < mistakesEach {
			m := &mistakes[random.IntN(simulated)]
			if c := m.changes[random.IntN(len(m.changes))]; !slices.Contains(rules, m.Rule) && shows([]change{c}, nil) {
				rules, names, changes = append(rules, m.Rule), append(names, m.ID), append(changes, c)
			}
		}
		if slices.ContainsFunc(numbers(mistakesEach), func(k int) bool { return !shows(changes, slices.Delete(slices.Clone(changes), k, k+1)) }) {
			continue // one hides another
		}
		n++
		causes := told(all, changes...).Explain()
		missing := slices.ContainsFunc(rules, func(r rulebook.ID) bool {
			return !slices.ContainsFunc(causes, func(c Cause) bool { return c.Rule == r })
		})
		if !missing && len(causes) == mistakesEach {
			good++
		} else {
			t.Logf("%v: %.900s", names, text(all, causes))
		}
	}
	if t.Logf("%d of %d named, and nothing else", good, want); good < (8*want+9)/10 {
		t.Error("too few")
	}
}
