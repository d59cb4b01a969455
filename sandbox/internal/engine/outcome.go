package engine

import (
	"context"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// How often Settled looks whether something waits: not more often than this, and for a tenth of the time at most.
const settledEvery = 50 * time.Millisecond

// Settled waits until a run has ended and none of its deliveries waits for an attempt, or until ctx ends, whose error it returns then. The
// run is as it was last.
func (e *Engine) Settled(ctx context.Context, id string) (run store.Run, err error) {
	for {
		began := time.Now()
		if run, err = e.store.Run(ctx, id); err != nil {
			return run, err
		}
		if !run.Ended.IsZero() {
			waiting, next, err := e.store.Deliveries(ctx, store.Filter{Run: id, State: store.Waiting, Limit: 1})
			if err != nil || len(waiting) == 0 && next == 0 {
				return run, err
			}
		}
		pause := time.NewTimer(max(settledEvery, 10*time.Since(began)))
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return run, ctx.Err()
		}
	}
}

// Truth plans a run once more, and lists what a consumer that missed nothing knows of its channels, those of the first conversations, so
// that there are at most so many. Left is how many conversations are left out. It is the truth of the whole plan, also of a run that was
// stopped before its end.
func (e *Engine) Truth(ctx context.Context, run store.Run, most int) (channels []plan.ChannelTruth, left uint64, err error) {
	p, _, err := e.plan(ctx, run.Name+".yaml", &run)
	if err != nil {
		return nil, 0, err
	}
	all := p.Conversations()
	for i := range all {
		if ctx.Err() != nil {
			return nil, 0, ctx.Err()
		}
		truth := p.Truth(i)
		if len(channels)+len(truth.Channels) > most {
			return channels, all - i, nil
		}
		channels = append(channels, truth.Channels...)
	}
	return channels, 0, nil
}
