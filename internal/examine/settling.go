package examine

import (
	"context"
	"time"

	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/trial"
)

// mostSuspects is how many trials are asked about again to find out whether the consumer is behind, and mostIdle how long no state becomes
// right, or knows more, before it is not waited for any more: what stands next in a queue takes no longer. Where more than mostPlain trials are
// wrong, and none has become right, it is no queue.
const (
	mostSuspects = 5
	mostPlain    = 20
	mostIdle     = time.Second
)

// behind finds out whether some states that were wrong a while ago are right now, and waits for all of them then: a consumer that works
// through what it has accepted is late while much is sent, and makes no mistake.
func (r *run) behind(ctx context.Context) error {
	if len(r.suspects) == 0 || r.asker == nil || r.stopped >= 0 {
		return nil
	}
	suspects := r.suspects
	r.suspects = nil
	right, err := r.askedAgain(ctx, suspects)
	if r.settledLate += right; err != nil || right == 0 {
		return err
	}
	return r.settled(ctx)
}

// suspect notes some of the trials whose states are wrong, to be asked about again later.
func (r *run) suspect(asked []*trial.Played) {
	r.suspects = nil
	for _, p := range asked {
		if r.wrong[p] && !crashes(p.Trial) && len(r.suspects) < mostSuspects {
			r.suspects = append(r.suspects, p)
		}
	}
}

// settled asks again for all states that were wrong, and waits as long as some become right, or know more, for a quarter of the budget at most. What a
// consumer tells after a restart says nothing of what it told before, so it is asked before anything is killed.
func (r *run) settled(ctx context.Context) error {
	most := time.Now().Add(r.budget() / 4)
	for pause, idle := 100*time.Millisecond, time.Duration(0); ; pause = min(2*pause, mostIdle) {
		wrong := r.unsure()
		if r.asker == nil || len(wrong) == 0 || r.stopped >= 0 {
			return nil
		}
		before := knownOf(wrong)
		right, err := r.askedAgain(ctx, wrong)
		if err != nil {
			return err
		}
		more, less := compared(before, knownOf(wrong))
		if r.settledLate += right; right > 0 || more {
			idle = 0
		}
		switch now := time.Now(); {
		case less: // no queue gives back what it has worked through
			return nil
		case idle >= mostIdle, r.settledLate == 0 && len(wrong) > mostPlain:
			return nil
		case now.After(most), now.After(r.until):
			r.leave(wrong, before)
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

// leave judges no state of which more is known than before, and which is still wrong: nobody knows what it will be. The others are as they were.
func (r *run) leave(wrong []*trial.Played, before map[string]int) {
	for _, p := range wrong {
		if more, _ := compared(before, knownOf([]*trial.Played{p})); !more || !r.wrong[p] {
			continue
		}
		d, _, _ := cutDimension(p.ID)
		r.cut[p], r.wrong[p], p.Asked = true, false, time.Time{}
		r.unreach(d, p.Rules)
		r.stillBehind++
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

// knownOf is how much each conversation of some trials is told to have.
func knownOf(some []*trial.Played) map[string]int {
	all := map[string]int{}
	for _, p := range some {
		for id, s := range p.Told {
			all[id] = s.Extent()
		}
	}
	return all
}

// compared reports whether more is known of some conversations than before, and less of others.
func compared(before, now map[string]int) (more, less bool) {
	for id, n := range now {
		more, less = more || n > before[id], less || n < before[id]
	}
	return more, less
}

// askedAgain asks for the states of trials once more, takes over those that are told, and counts the trials that are right now.
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
		is, good, all := mistake.NewSeen([]*trial.Played{p}).Right([]int{0}), true, true
		states := map[string]*trial.State{}
		for _, id := range p.Conversations() {
			states[id] = told.States[id]
			all = all && told.Errors[id] == nil && plain(states[id])
			good = good && all && is(id, states[id])
		}
		if all {
			p.Told, p.Asked, r.wrong[p] = states, told.Asked, !good
		}
		if good {
			right++
		}
	}
	return right, nil
}
