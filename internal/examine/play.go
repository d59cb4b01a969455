package examine

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/transport"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// shares are how much of the budget has gone at the most when a dimension ends. What one leaves, the
// next ones have; the rest is for finding out the least that breaks.
var shares = map[dimension.Name]float64{
	dimension.Bytes: 0.15, dimension.Authenticity: 0.2, dimension.Stories: 0.3, dimension.Identity: 0.38, dimension.Order: 0.58,
	dimension.Concurrency: 0.66, dimension.Crash: 0.74, dimension.Endurance: 0.85,
}

// batch is how many trials are sent before their states are asked for: one that settles late is waited for once.
const batch = 24

// certain is how many trials must show that a rule is broken before the rest of its trials is left out.
const certain = 48

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
	if r.stopped >= 0 {
		return nil
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
			return &Preflight{Text: err.Error()}
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
	wrong := map[rulebook.ID]int{}
	ask := func() error {
		asked := r.all[first:]
		first = len(r.all)
		err := r.ask(ctx, asked)
		for _, p := range asked {
			if r.fails(p) {
				wrong[ruleOf(p)]++
			}
		}
		return err
	}
	for t, err := range r.planner.Trials(d) {
		if err != nil {
			return err
		}
		if !r.wanted(t) || len(t.Rules) > 0 && wrong[t.Rules[0]] >= certain {
			continue
		}
		if t = r.fitting(t, until); t == nil || r.stopped >= 0 {
			r.unreached[d]++
			continue
		}
		if len(r.all)-first >= batch || crashes(t) {
			if err := ask(); err != nil {
				return err
			}
		}
		p, err := r.play(ctx, t)
		if err != nil {
			return err
		}
		if r.all = append(r.all, p); r.silenced {
			r.stopped = r.lastGood() + 1
		} else if r.silent() {
			if err := r.probe(ctx); err != nil {
				return err
			}
		}
		if crashes(t) {
			if err := ask(); err != nil {
				return err
			}
		}
		if r.On != nil {
			r.On(Progress{Dimension: d, Sent: r.sent, Left: time.Until(r.end)})
		}
	}
	return ask()
}

// fails reports whether an answer or a state of a trial is wrong.
func (r *run) fails(p *trial.Played) bool {
	for i := range p.Answers {
		if a := &p.Answers[i]; a.Attempts > 0 && !a.Fits(p.Delivery(i).Want()) {
			return true
		}
	}
	return r.wrong[p]
}

// ruleOf is the first rule of a trial.
func ruleOf(p *trial.Played) rulebook.ID {
	if len(p.Rules) == 0 {
		return ""
	}
	return p.Rules[0]
}

// dear is how many deliveries a trial has that may be made smaller.
const dear = 900

// fitting is the trial if there is time for it, a smaller one if it can be made so, or nil.
func (r *run) fitting(t *trial.Trial, until time.Time) *trial.Trial {
	left := time.Until(until)
	n := len(t.Deliveries)
	switch {
	case left <= 0:
		return nil
	case n < dear || r.sent == 0:
		return t
	}
	fits := int(left / max(1, r.spent/time.Duration(r.sent)))
	switch {
	case fits >= n:
		return t
	case fits < dear/2:
		return nil
	}
	var keep []int // the call in front, its second time at the end, and some of the others
	for i := range n {
		if i < fits || n-i <= 16 {
			keep = append(keep, i)
		}
	}
	return t.Reduced(keep)
}

// crashes reports whether the consumer is killed in a trial. What others left behind must be asked for before.
func crashes(t *trial.Trial) bool {
	return slices.ContainsFunc(t.Deliveries, func(d trial.Delivery) bool { return d.Crash.When != trial.Never })
}

// play sends a trial, but for what comes later, and for types that have failed for good so often that they only cost time.
func (r *run) play(ctx context.Context, t *trial.Trial) (*trial.Played, error) {
	var keep []int
	for i := range t.Deliveries {
		if d := &t.Deliveries[i]; r.failed[d.Type] < hopeless || d.Want() != trial.Accept || d.Crash.When != trial.Never {
			keep = append(keep, i)
		}
	}
	if len(keep) < len(t.Deliveries) {
		later := t.Later
		t = t.Reduced(keep)
		t.Later = later
	}
	p := &trial.Played{Trial: t}
	var err error
	begun := time.Now()
	p.Answers, p.Overlap, err = r.transport.Send(ctx, t.Deliveries)
	r.spent += time.Since(begun)
	r.sent += len(t.Deliveries)
	for i := range p.Answers {
		r.note(&t.Deliveries[i], &p.Answers[i])
	}
	if errors.Is(err, transport.ErrSilent) {
		r.silenced, err = true, nil
	}
	return p, err
}

// later sends what comes late, and asks for the states.
func (r *run) later(ctx context.Context) error {
	var all []*trial.Played
	for _, p := range r.all {
		if len(p.Later) == 0 {
			continue
		}
		if wait := r.Late - time.Since(p.Answers[0].Sent); len(p.Answers) > 0 && wait > 0 {
			select {
			case <-time.After(min(wait, time.Until(r.end))):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		answers, _, err := r.transport.Send(ctx, p.Later)
		if errors.Is(err, transport.ErrSilent) {
			r.stopped = r.lastGood() + 1
			return nil
		}
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
			r.wrong[p] = r.wrong[p] || !right(id, told.States[id])
		}
	}
	return nil
}
