package examine

import (
	"context"
	"slices"
	"time"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// mostContrast is how many trials about other rules are played beside those that were asked for, and contrasting how long they may take.
const (
	mostContrast = 60
	contrasting  = 0.2 // of the budget
)

// contrast plays a trial about each rule that was not asked for, and all about identity, where only some rules were asked for and something
// went wrong. These tell mistakes apart that look alike in the trials of one rule; what goes wrong there is not judged.
func (r *run) contrast(ctx context.Context) error {
	ofRules := slices.ContainsFunc(r.Only, func(name string) bool { return rulebook.Of(rulebook.ID(name)).ID != "" })
	if !ofRules || r.stopped >= 0 || !slices.ContainsFunc(r.all, r.fails) {
		return nil
	}
	until := time.Now().Add(time.Duration(contrasting * float64(r.budget())))
	if until.After(r.end) {
		until = r.end
	}
	r.until = until
	seen := map[rulebook.ID]bool{}
	var all []*trial.Played
	for _, d := range []dimension.Name{dimension.Authenticity, dimension.Identity, dimension.Bytes, dimension.Order, dimension.Stories} {
		for _, planned := range r.planner.Planned(d) {
			if len(planned.Rules) == 0 || seen[planned.Rules[0]] && d != dimension.Identity || r.wanted(planned.Rules) || slices.Contains(dimension.AtTheEnd(), planned.ID) {
				continue
			}
			seen[planned.Rules[0]] = true
			t, err := planned.Make()
			if err != nil {
				return err
			}
			unusable := func(d trial.Delivery) bool { return d.Want() == trial.Finish } // which some retry for long
			if len(t.Deliveries) == 0 || slices.ContainsFunc(t.Deliveries, unusable) || len(t.Later) > 0 || len(t.Deliveries) > dear || r.takes(t, nil) > time.Until(until) || len(all) == mostContrast {
				continue
			}
			p, err := r.play(ctx, t)
			if err != nil || r.silenced {
				return err
			}
			all = append(all, p)
		}
	}
	if err := r.ask(ctx, all); err != nil {
		return err
	}
	for _, p := range all {
		if !r.cut[p] {
			r.contrasts = append(r.contrasts, p)
		}
	}
	return nil
}
