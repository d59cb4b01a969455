package examine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// later sends what comes late in some trials, if it was not sent before, no earlier than some time after their beginning, and the least time
// after the last start, as far as the budget allows, and asks for the states.
func (r *run) later(ctx context.Context, some []*trial.Played, late, least time.Duration) error {
	var all []*trial.Played
	for _, p := range some {
		if len(p.Later) == 0 || len(p.Answers) != len(p.Deliveries) || len(p.Answers) == 0 || r.cut[p] {
			continue
		}
		first, late := p.Answers[0].Sent, late
		if p.ID == dimension.SpentTokens {
			enough := trial.NoLonger
			if r.tolerant() {
				if enough += time.Minute; late < enough && !slices.Contains(r.Only, p.ID) {
					continue // it takes too long
				}
			}
			if late = max(late, enough); time.Until(r.until) < late-time.Since(first) {
				continue
			}
		}
		if wait := min(max(late-time.Since(first), least-r.quiet(first)), time.Until(r.until)-r.lateTakes()); wait > 0 {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if p.ID != dimension.SpentTokens {
			r.lateness = time.Since(first)
		}
		again, err := r.play(ctx, &trial.Trial{ID: p.ID, Deliveries: p.Later})
		if r.silenced {
			r.stopped = r.lastGood() + 1
			return nil
		}
		sent := *p.Trial // without types that only cost time
		sent.Later = again.Deliveries
		p.Trial, p.Answers = &sent, append(p.Answers, again.Answers...)
		if r.cut[again] {
			r.cut[p] = true
			r.unreach(dimension.Identity, p.Rules)
		}
		if err != nil {
			return err
		}
		all = append(all, p)
	}
	return r.askLate(ctx, all)
}

// askLate asks for the states of trials of which something came late. It waits first: a state that is behind does not show yet what came, and still
// tells what is right. A state that is wrong is asked for again until it may have settled, which may take a part of the time in which mistakes are
// compared. What is not known at the end shows nothing, however late it came.
func (r *run) askLate(ctx context.Context, all []*trial.Played) error {
	if r.asker == nil {
		return nil
	}
	if len(all) > 0 {
		select {
		case <-time.After(min(r.asker.Lag(), time.Until(r.until))):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if enough := time.Now().Add(r.asker.Within() + time.Second); enough.After(r.until) && enough.Before(r.end) {
		r.until = enough
	}
	before := map[*trial.Played]bool{}
	for _, p := range all {
		before[p] = r.cut[p]
	}
	err := r.askAll(ctx, all)
	for _, p := range all {
		if r.cut[p] && !before[p] {
			r.unreach(dimension.Identity, p.Rules)
			r.lateUnknown = r.lateUnknown || slices.Contains(p.Rules, rulebook.RememberLong)
		}
	}
	if r.lateUnknown {
		r.lateness = 0
	}
	return err
}

// leastLate is how long duplicates come late in an examination that is through sooner: what is remembered for twenty seconds is forgotten then.
const leastLate = 21 * time.Second

// least is how late duplicates come in any case.
func (r *run) least() time.Duration {
	if len(r.Only) > 0 || r.asker == nil || r.budget() < DefaultBudget || slices.ContainsFunc(r.all, r.fails) {
		return 0
	}
	return leastLate
}

// quiet is how long ago something was sent first, or the consumer was started, which may have read all of it anew.
func (r *run) quiet(first time.Time) time.Duration {
	if r.restarted.After(first) {
		first = r.restarted
	}
	return time.Since(first)
}

// tolerant reports whether the consumer is not known to refuse tokens that have expired a few seconds ago.
func (r *run) tolerant() bool {
	refuses := false
	for _, p := range r.all {
		for i := range p.Answers {
			if a := &p.Answers[i]; p.Delivery(i).Token == trial.JustExpired && a.Attempts > 0 {
				if a.Accepted() {
					return true
				}
				refuses = refuses || a.Fits(trial.Refuse)
			}
		}
	}
	return !refuses
}

// ask asks for the states of trials of which nothing comes later, and that came to their end.
func (r *run) ask(ctx context.Context, all []*trial.Played) error {
	if err := r.behind(ctx); err != nil {
		return err
	}
	var now []*trial.Played
	for _, p := range all {
		if len(p.Later) == 0 && p.Asked.IsZero() && !r.cut[p] {
			now = append(now, p)
		}
	}
	err := r.askAll(ctx, now)
	if r.suspect(now); err == nil && r.settledLate > 0 && len(r.suspects) > 0 { // it has been behind before
		err = r.settled(ctx)
	}
	for _, p := range now {
		if r.cut[p] {
			d, _, _ := cutDimension(p.ID)
			r.unreach(d, p.Rules)
		}
	}
	return err
}

// askAll asks for the states of all conversations of some trials.
func (r *run) askAll(ctx context.Context, all []*trial.Played) error {
	if r.asker == nil || len(all) == 0 || r.stopped >= 0 {
		return nil
	}
	r.transport.Rest()
	var conversations []string
	trials := make([]int, len(all))
	for i, p := range all {
		trials[i] = i
		conversations = append(conversations, p.Conversations()...)
	}
	means := mistake.NewSeen(all).Right(trials)
	right := func(id string, s *trial.State) bool { return plain(s) && means(id, s) }
	bound := r.bound(ctx, nil)
	before := r.asking / time.Duration(max(1, r.asked)) // of each, on average
	told, err := r.asker.All(bound, conversations, right)
	r.asked, r.asking = r.asked+len(conversations), r.asking+told.Took
	for _, p := range all {
		r.times[ruleOf(p.Trial)] += told.Took / time.Duration(len(all))
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil: // the time is over
		hangs := told.Took > tooLong && told.Took > 4*time.Duration(len(conversations))*before
		for _, p := range all {
			if r.cut[p] = true; hangs {
				r.untold = append(r.untold, untold{p, fmt.Errorf("it was not complete %s after it was asked for, when the budget was over", told.Took.Round(time.Second))})
			}
		}
		return nil
	}
	r.unsettled = told.Unsettled
	r.less += told.Less
	for _, p := range all {
		p.Told, p.Asked = map[string]*trial.State{}, told.Asked
		for _, id := range p.Conversations() {
			if err := told.Errors[id]; err != nil {
				r.untold = append(r.untold, untold{p, err})
				p.Asked = time.Time{}
				continue
			}
			p.Told[id] = told.States[id]
			r.wrong[p] = r.wrong[p] || !right(id, told.States[id])
		}
	}
	return nil
}
