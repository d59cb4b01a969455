package examine

import (
	"cmp"
	"context"
	"time"

	"github.com/ringback/ringback/internal/examine/ask"
	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/trial"
)

// settled asks again for the states that were wrong: a consumer that works through what it has accepted is behind by more than one wait
// while much is sent, and makes no mistake. If some have become right, it waits for the others, as long as more do. What a consumer
// tells after a restart says nothing of what it told before, so it is asked before anything is killed.
func (r *run) settled(ctx context.Context) error {
	for pause, idle := 100*time.Millisecond, time.Duration(0); ; pause = min(2*pause, time.Second) {
		wrong := r.unsure()
		if r.asker == nil || len(wrong) == 0 || r.stopped >= 0 || time.Since(r.begun) > r.budget()/2 {
			return nil
		}
		right, err := r.askedAgain(ctx, wrong)
		if err != nil {
			return err
		}
		if r.settledLate += right; right > 0 {
			idle = 0
		}
		if r.settledLate == 0 || idle >= cmp.Or(r.Settle, ask.DefaultSettle) {
			return nil
		}
		select {
		case <-time.After(pause):
			idle += pause
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// unsure are the trials whose states were wrong, and to which nothing has happened since that a state could have changed for.
func (r *run) unsure() (all []*trial.Played) {
	for _, p := range r.all {
		if r.wrong[p] && !r.cut[p] && !p.Asked.IsZero() && !crashes(p.Trial) && p.Asked.After(r.restarted) {
			all = append(all, p)
		}
	}
	return all
}

// askedAgain asks for the states of trials once more, and takes over those that are right now.
func (r *run) askedAgain(ctx context.Context, wrong []*trial.Played) (right int, err error) {
	var conversations []string
	for _, p := range wrong {
		conversations = append(conversations, p.Conversations()...)
	}
	told, err := r.asker.All(r.bound(ctx, nil), conversations, nil)
	if err != nil {
		return 0, ctx.Err() // the time is over
	}
	for _, p := range wrong {
		is, good := mistake.NewSeen([]*trial.Played{p}).Right([]int{0}), true
		states := map[string]*trial.State{}
		for _, id := range p.Conversations() {
			states[id] = told.States[id]
			good = good && told.Errors[id] == nil && is(id, states[id])
		}
		if good {
			right++
			p.Told, p.Asked, r.wrong[p] = states, told.Asked, false
		}
	}
	return right, nil
}
