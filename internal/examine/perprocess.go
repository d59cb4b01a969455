package examine

import (
	"context"
	"slices"
	"time"

	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/trial"
)

// askedOver is how often a state is asked for, over a connection of its own each time, to see whether it depends on who answers: less is told then
// than before. Of two processes that is not seen in one of 90 examinations.
const askedOver = 10

// perProcess names a consumer of several processes that keep states of their own, where notifications are missing: who is asked for the same state
// several times is told several.
func (r *run) perProcess(ctx context.Context, c *mistake.Cause) {
	if r.theory || r.asker == nil || r.stopped >= 0 || !lacking(c) {
		return
	}
	p := r.all[slices.MinFunc(c.Trials, func(a, b int) int { return simpler(r.all[a], r.all[b]) })]
	most, fewer := 0, false
	for range askedOver {
		bound, cancel := context.WithDeadline(ctx, r.end)
		s, err := r.asker.Way.Ask(bound, p.Conversations()[0])
		cancel()
		if err != nil || time.Now().After(r.end) {
			return
		}
		told := knows([]*trial.Played{{Told: map[string]*trial.State{"": s}}})
		most, fewer = max(most, told), fewer || told < most
	}
	if fewer {
		c.Mistakes = []*mistake.Mistake{mistake.StatePerProcess}
	}
}
