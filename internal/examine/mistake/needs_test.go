package mistake

import (
	"testing"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/sampling"
)

// choices are the least that may be told for a rule to be tested.
func choices(groups []trial.Aspect) (all []trial.Aspect) {
	all = []trial.Aspect{0}
	for _, group := range groups {
		var next []trial.Aspect
		for a := trial.Aspect(1); a != 0; a <<= 1 {
			for _, before := range all {
				if group&a != 0 {
					next = append(next, before|a)
				}
			}
		}
		all = next
	}
	return all
}

// What is called tested would have shown each known mistake.
func TestWhatARuleNeedsShowsItsMistakes(t *testing.T) {
	sampling.Long(t)
	t.Parallel()
	all := answered(stateful(t, 1))
	seen := NewSeen(all)
	for i := 0; i < len(mistakes); i += sampling.Every(6, sampling.Mistakes) {
		m := &mistakes[i]
		if m.Rule == rulebook.RememberLong || m.Rule == rulebook.RetryIsNoDuplicate || m.Rule == rulebook.WholeOrNothing || m.ID == "conversations-dropped" || len(m.changes) == 0 {
			continue // what shows them is not among these trials, or left to chance
		}
		for _, aspects := range choices(needs[m.Rule]) {
			if aspects == 0 {
				continue
			}
			for j := 0; j < len(m.changes); j += 3 {
				seen.told(m.changes[j])
				only(all, aspects)
				for n, h := range habits {
					if seen.simulate(h).explainsAll() {
						t.Errorf("%s (%s), change %d does not show in %s: it looks like the correct habit %d", m.ID, m.Rule, j, aspects, n)
					}
				}
			}
		}
	}
}
