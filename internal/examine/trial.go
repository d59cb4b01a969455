package examine

import (
	"slices"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/trial"
)

// RoundStep is what rounds are multiples of: those between are for trials that are played again.
const RoundStep = 1000

// Trial makes a trial from its ID, as the examination sends it first.
func (x *Examination) Trial(id string) (*trial.Trial, error) { return makeTrial(x.plans(), id) }

// TrialIDs lists the IDs of all trials that may be played.
func (x *Examination) TrialIDs() (all []string) {
	p := x.plans()
	for _, d := range dimension.Names() {
		all = slices.Concat(all, p.IDs(d))
	}
	return all
}

// plans plans the trials without knowing what the state tells.
func (x *Examination) plans() *dimension.Planner {
	profile := x.Profile
	profile.Restart = x.Sending.Kill != nil
	profile.NextSecret = len(x.Sending.Target.NextSecret) > 0
	return dimension.New(dimension.Options{Seed: x.Seed, Start: x.Start, Round: x.Round, Profile: profile})
}
