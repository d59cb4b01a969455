package examine

import (
	"context"
	"slices"

	"github.com/ringback/ringback/internal/examine/mistake"
)

// askedOver is how often a state is asked for, over a connection of its own each time, to see whether it depends on who answers: less is told then
// than before. Of two processes that is not seen in one of 90 examinations. Where it was seen several times before, nobody asks.
const askedOver = 10

// perProcess names a consumer of several processes that keep states of their own, where notifications are missing.
func (r *run) perProcess(ctx context.Context, c *mistake.Cause) {
	if r.theory || r.asker == nil || r.stopped >= 0 || !lacking(c) {
		return
	}
	if r.less >= several || r.tellsLess(ctx, r.all[slices.MinFunc(c.Trials, func(a, b int) int { return simpler(r.all[a], r.all[b]) })].Conversations()[0]) {
		c.Mistakes = []*mistake.Mistake{mistake.StatePerProcess}
		c.Rule, c.Guessed = mistake.StatePerProcess.Rule, false
	}
}

// tellsLess reports whether less is told of a conversation than before, though nothing was sent.
func (r *run) tellsLess(ctx context.Context, conversation string) (less bool) {
	most := 0
	for range askedOver {
		bound, cancel := context.WithDeadline(ctx, r.end)
		s, err := r.asker.Way.Ask(bound, conversation)
		if cancel(); err != nil {
			return false
		}
		most, less = max(most, s.Extent()), less || s.Extent() < most
	}
	return less
}
