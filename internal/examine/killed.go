package examine

import (
	"context"
	"slices"

	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/trial"
)

// ofNoCrash reports whether a cause would accuse a consumer of what a crash does although it was never seen to end, and may not have been killed
// at all: chance had a hand in it, or the same happens without a kill. Where nothing else explains a loss, the kill was only hidden, as behind a proxy.
func (r *run) ofNoCrash(ctx context.Context, c *mistake.Cause) bool {
	if r.theory || !r.unkilled || !slices.Contains(crashRules, c.Rule) {
		return false
	}
	var smallest *trial.Played
	for _, i := range c.Trials {
		if p := r.all[i]; !crashes(p.Trial) && !p.Loose() {
			return false // no crash has a part in it
		}
		if p := r.all[i]; !inBursts(p.Trial) && (smallest == nil || simpler(p, smallest) < 0) {
			smallest = p
		}
	}
	if smallest == nil || r.rounds >= aside-20 {
		return true
	}
	r.rounds++
	breaks, ok := r.breaksNow(ctx, uncrashed(smallest.Trial).Renamed(r.rounds))
	return breaks || !ok
}

// uncrashed is a trial without its crashes. What was sent again after a kill within its request comes twice.
func uncrashed(t *trial.Trial) *trial.Trial {
	out := *t
	out.Deliveries, out.Later = nil, nil
	for _, d := range t.Deliveries {
		again := d.Crash.When == trial.Within
		d.Crash = trial.Crash{}
		if out.Deliveries = append(out.Deliveries, d); again {
			out.Deliveries = append(out.Deliveries, d)
		}
	}
	return &out
}

// killed is how often the consumer was killed in a trial, and how many of these kills came while a notification was being answered: its first
// attempt had no answer, or one of what stands in between.
func killed(p *trial.Played) (kills, struck int) {
	for i := range p.Deliveries {
		if p.Deliveries[i].Crash.When == trial.Never || p.Answers[i].Attempts == 0 {
			continue
		}
		kills++
		if first := p.Answers[i].First; p.Deliveries[i].Crash.When == trial.Within && (first == 0 || first >= 500) {
			struck++
		}
	}
	return kills, struck
}
