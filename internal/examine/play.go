package examine

import (
	"context"
	"time"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/trial"
)

// shares are how much of the budget has gone at the most when a dimension ends. What one leaves, the
// next ones have; the rest is for finding out the least that breaks.
var shares = map[dimension.Name]float64{
	dimension.Bytes: 0.15, dimension.Authenticity: 0.2, dimension.Stories: 0.35, dimension.Identity: 0.45, dimension.Order: 0.65,
	dimension.Concurrency: 0.72, dimension.Crash: 0.8, dimension.Endurance: 0.88,
}

// batch is how many trials are sent before their states are asked for: one that settles late is waited for once.
const batch = 24

// dimensions plays the trials of all dimensions, and in the end what comes late.
func (r *run) dimensions(ctx context.Context) error {
	if err := r.named(ctx); err != nil {
		return err
	}
	begun := time.Now()
	budget := r.end.Sub(begun)
	for _, d := range dimension.Names() {
		until := begun.Add(time.Duration(shares[d] * float64(budget)))
		if err := r.dimension(ctx, d, until); err != nil {
			return err
		}
	}
	return r.later(ctx)
}

// named plays the trials that are named by their IDs.
func (r *run) named(ctx context.Context) error {
	first := len(r.all)
	for _, name := range r.Only {
		if _, _, isTrial := cutDimension(name); !isTrial {
			continue
		}
		t, err := makeTrial(r.planner, name)
		if err != nil {
			return &Preflight{err.Error()}
		}
		p, err := r.play(ctx, t)
		if err != nil {
			return err
		}
		r.all = append(r.all, p)
	}
	return r.ask(ctx, r.all[first:])
}

// dimension plays the trials of one dimension until their time is over.
func (r *run) dimension(ctx context.Context, d dimension.Name, until time.Time) error {
	first := len(r.all)
	for t, err := range r.planner.Trials(d) {
		if err != nil {
			return err
		}
		if !r.wanted(t) {
			continue
		}
		if time.Now().After(until) {
			r.unreached[d]++
			continue
		}
		if len(r.all)-first >= batch || crashes(t) {
			if err := r.ask(ctx, r.all[first:]); err != nil {
				return err
			}
			first = len(r.all)
		}
		p, err := r.play(ctx, t)
		if err != nil {
			return err
		}
		r.all = append(r.all, p)
		if crashes(t) {
			if err := r.ask(ctx, r.all[first:]); err != nil {
				return err
			}
			first = len(r.all)
		}
		if r.On != nil {
			r.On(Progress{Dimension: d, Sent: r.sent, Left: time.Until(r.end)})
		}
	}
	return r.ask(ctx, r.all[first:])
}

// crashes reports whether the consumer is killed in a trial. What others left behind must be asked for before.
func crashes(t *trial.Trial) bool {
	for i := range t.Deliveries {
		if t.Deliveries[i].Crash.When != trial.Never {
			return true
		}
	}
	return false
}

// play sends a trial, but for what comes later.
func (r *run) play(ctx context.Context, t *trial.Trial) (*trial.Played, error) {
	p := &trial.Played{Trial: t}
	var err error
	p.Answers, p.Overlap, err = r.transport.Send(ctx, t.Deliveries)
	r.sent += len(t.Deliveries)
	return p, err
}

// later sends what comes late, and asks for the states.
func (r *run) later(ctx context.Context) error {
	var all []*trial.Played
	for _, p := range r.all {
		if len(p.Later) == 0 {
			continue
		}
		answers, _, err := r.transport.Send(ctx, p.Later)
		if p.Answers = append(p.Answers, answers...); err != nil {
			return err
		}
		r.sent += len(p.Later)
		all = append(all, p)
	}
	return r.askAll(ctx, all)
}

// ask asks for the states of trials of which nothing comes later.
func (r *run) ask(ctx context.Context, all []*trial.Played) error {
	var now []*trial.Played
	for _, p := range all {
		if len(p.Later) == 0 && p.Asked.IsZero() {
			now = append(now, p)
		}
	}
	return r.askAll(ctx, now)
}

// askAll asks for the states of all conversations of some trials.
func (r *run) askAll(ctx context.Context, all []*trial.Played) error {
	if r.asker == nil || len(all) == 0 {
		return nil
	}
	r.transport.Rest()
	var conversations []string
	trials := make([]int, len(all))
	for i, p := range all {
		trials[i] = i
		conversations = append(conversations, p.Conversations()...)
	}
	right := mistake.NewSeen(all).Right(trials)
	told, err := r.asker.All(ctx, conversations, right)
	if err != nil {
		return err
	}
	for _, p := range all {
		p.Told, p.Asked = map[string]*trial.State{}, told.Asked
		for _, id := range p.Conversations() {
			if err := told.Errors[id]; err != nil {
				r.untold = append(r.untold, untold{p, err})
				p.Asked = time.Time{}
				continue
			}
			p.Told[id] = told.States[id]
		}
	}
	return nil
}
