package evidence

import (
	"slices"
	"testing"

	"github.com/ringback/ringback/internal/sampling"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/scenarios"
)

// What is planned when it is asked for must be what planning everything finds: every ready-made
// scenario with every assumption, and every notification looked at.
func TestAskedForIsWhatTheWholeSurveyFinds(t *testing.T) {
	sampling.Long(t)
	all := surveyed()
	for _, e := range Shown(All()) {
		want := []string{}
		for _, s := range all {
			if s.marks[e.mark] && s.assumed == "" {
				want = append(want, s.name)
			}
		}
		if len(want) == 0 || e.Group == Assumption {
			byDefault := slices.Clone(want)
			for _, s := range all {
				if s.marks[e.mark] && s.assumed != "" && !slices.Contains(byDefault, s.name) {
					want = append(want, s.name+" with "+s.assumed)
				}
			}
		}
		if !slices.Equal(e.Scenarios, want) {
			t.Errorf("%s %s:\ngot  %q\nwant %q", e.Group, e.Subject, e.Scenarios, want)
		}
	}
}

// shows is what a scenario shows under an assumption.
type shows struct {
	name, assumed string
	marks         map[string]bool
}

// surveyed plans every ready-made scenario, as it is and with one value of each assumption.
func surveyed() (all []shows) {
	for _, entry := range scenarios.List() {
		t, err := settings.Loader{}.Load([]string{entry.Name})
		if err != nil {
			continue // cannot be: the tests load every one
		}
		base, bodies := surveyedWalk(t, assume.Set{})
		written(base, entry.Name)
		for n, row := range assume.Rows() {
			for _, sc := range t.Scenarios {
				if _, chosen := sc.Assume.Chosen(assume.Name(n)); chosen && !entry.Workload {
					base[string(Assumption)+" "+row.Name] = true
				}
			}
		}
		all = append(all, shows{entry.Name, "", base})
		if entry.Workload {
			continue // its scenarios are ready-made, too
		}
		for _, row := range assume.Rows() {
			for _, value := range others(row) {
				var set assume.Set
				if set.Change(row.Name, value) != nil {
					continue
				}
				marks, changed := surveyedWalk(t, set)
				if len(changed) == 0 || slices.Equal(changed, bodies) {
					continue // also where the value forbids the story
				}
				marks[string(Assumption)+" "+row.Name] = true
				all = append(all, shows{entry.Name, row.Name + "=" + value, marks})
				break
			}
		}
	}
	return all
}

// surveyedWalk plans a scenario and notes what its notifications show, and their bodies.
func surveyedWalk(t *settings.Traffic, set assume.Set) (marks map[string]bool, bodies []byte) {
	marks = map[string]bool{}
	o := plan.Options{Seed: 1, Start: start, Assume: set}
	if t.Workload != nil {
		o = o.With(t.Workload)
	}
	p, err := plan.NewMix(t.Scenarios, o)
	if err != nil {
		return marks, nil
	}
	n := 0
	for note := range p.Notifications() {
		if n++; n > mostWalked {
			break
		}
		at := len(bodies)
		bodies = note.AppendBody(bodies)
		noted(marks, &note, bodies[at:])
	}
	return marks, bodies
}
