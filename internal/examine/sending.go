package examine

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/transport"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// batch is how many trials are sent before their states are asked for: one that settles late is waited for once.
const batch = 24

// atOnce is how many trials are sent at the same time, where that is known to change nothing.
const atOnce = 4

// overlap finds out whether calls may go on at the same time without anything going wrong. Then so may trials, each in its own order: they
// are through sooner. Where something has been wrong they are played one after the other, since nothing else is to show beside it.
func (r *run) overlap(ctx context.Context) error {
	if len(r.Only) > 0 || r.stopped >= 0 || slices.ContainsFunc(r.all, r.fails) {
		return nil
	}
	first := len(r.all)
	for _, id := range dimension.Overlapping() {
		t, err := r.planner.Make(id)
		if err != nil {
			return err
		}
		if len(t.Deliveries) == 0 || r.takes(t, nil) > time.Until(r.until) {
			return nil // it is not claimed, or there is no time
		}
		r.overlapped[id] = true
		if err := r.one(ctx, t); err != nil || r.stopped >= 0 {
			return err
		}
	}
	err := r.ask(ctx, r.all[first:])
	r.sideBySide = !slices.ContainsFunc(r.all[first:], func(p *trial.Played) bool {
		return r.fails(p) || r.cut[p] || p.Overlap < atOnce || r.asker != nil && p.Asked.IsZero()
	})
	return err
}

// stage is a dimension that is being played.
type stage struct {
	*run
	of      dimension.Name
	first   int                 // of those that are not asked about yet
	waiting []*trial.Trial      // to be sent together
	broken  map[rulebook.ID]int // trials that went wrong, by their first rule
}

// play sends a trial, or has it wait for others that are sent at the same time. States are asked for now and then, before somebody is killed,
// and behind that.
func (s *stage) play(ctx context.Context, t *trial.Trial) error {
	alone := !s.sideBySide || s.of != dimension.Stories && s.of != dimension.Order || chancy(t) || crashes(t) || len(t.Later) > 0
	if alone {
		if err := s.send(ctx); err != nil {
			return err
		}
	}
	if len(s.all)+len(s.waiting)-s.first >= batch || crashes(t) {
		if err := s.ask(ctx); err != nil {
			return err
		}
	}
	if s.waiting = append(s.waiting, t); !alone && len(s.waiting) < atOnce {
		return nil
	}
	if err := s.send(ctx); err != nil || !crashes(t) {
		return err
	}
	return s.ask(ctx)
}

// send sends what waits.
func (s *stage) send(ctx context.Context) error {
	n, waiting := len(s.all), s.waiting
	s.waiting = nil
	if s.stopped >= 0 {
		for _, t := range waiting {
			s.unreach(s.of, t.Rules)
		}
		return nil
	}
	err := s.several(ctx, waiting)
	for _, p := range s.all[n:] {
		if s.cut[p] {
			s.unreach(s.of, p.Rules)
		}
	}
	return err
}

// ask sends what waits, and asks for the states of what was sent.
func (s *stage) ask(ctx context.Context) error {
	if err := s.send(ctx); err != nil {
		return err
	}
	asked := s.all[s.first:]
	s.first = len(s.all)
	err := s.run.ask(ctx, asked)
	for _, p := range asked {
		if s.fails(p) {
			s.broken[ruleOf(p.Trial)]++
			s.sideBySide = false
		}
	}
	return err
}

// several plays trials at the same time, and finds out whether the consumer goes on to accept anything.
func (r *run) several(ctx context.Context, some []*trial.Trial) error {
	all := make([]*sending, len(some))
	var done sync.WaitGroup
	begun := time.Now()
	for i, t := range some {
		s := r.begin(ctx, t)
		all[i] = s
		done.Go(func() { s.send(r.transport) })
	}
	done.Wait()
	took := time.Since(begun) / time.Duration(max(1, len(all)))
	for _, s := range all {
		p, err := r.finish(ctx, s, took)
		if err != nil {
			return err
		}
		r.all = append(r.all, p)
		r.together[p] = len(all) > 1
	}
	if r.silenced {
		r.stopped = r.lastGood() + 1
	} else if r.silent() {
		return r.probe(ctx)
	}
	return nil
}

// play sends a trial, but for what comes later, and for types that have failed for good so often, or have been answered so late, that they only cost time.
func (r *run) play(ctx context.Context, t *trial.Trial) (*trial.Played, error) {
	s := r.begin(ctx, t)
	begun := time.Now()
	s.send(r.transport)
	return r.finish(ctx, s, time.Since(begun))
}

// sending is a trial on its way.
type sending struct {
	*trial.Played
	bound context.Context
	err   error
}

// begin leaves out of a trial what only costs time.
func (r *run) begin(ctx context.Context, t *trial.Trial) *sending {
	t = r.lean(t)
	return &sending{Played: &trial.Played{Trial: t}, bound: r.bound(ctx, t)}
}

// lean is a trial without what only costs time.
func (r *run) lean(t *trial.Trial) *trial.Trial {
	var keep []int
	for i := range t.Deliveries {
		d := &t.Deliveries[i]
		hopeless := r.failed[d.Type] >= hopeless && d.Crash.When == trial.Never && d.Want() == trial.Accept
		if !hopeless && !r.tooSlow(d) {
			keep = append(keep, i)
		}
	}
	if len(keep) == len(t.Deliveries) {
		return t
	}
	lean := t.Reduced(keep)
	lean.Later = t.Later
	return lean
}

func (s *sending) send(to *transport.Transport) {
	s.Answers, s.Overlap, s.err = to.Send(s.bound, s.Deliveries)
}

// finish notes what came of a trial that was sent, and how long it took.
func (r *run) finish(ctx context.Context, s *sending, took time.Duration) (*trial.Played, error) {
	p, t, err := s.Played, s.Trial, s.err
	if crashes(t) {
		r.restarted = time.Now()
	}
	r.unkilled = (r.unkilled || crashes(t)) && !r.transport.Died()
	r.paces.took(p, took)
	r.times[ruleOf(t)] += took
	r.sent += len(t.Deliveries)
	for i := range p.Answers {
		r.note(&t.Deliveries[i], &p.Answers[i])
		r.timed(&t.Deliveries[i], &p.Answers[i])
	}
	switch {
	case err != nil && r.silenced: // another one, sent at the same time, has found that out
		err = ctx.Err()
	case errors.Is(err, transport.ErrSilent):
		err = nil
		r.transport.Forgive()
		r.silenced = r.sample() == nil || !r.answers(ctx, tooLong)
		r.cut[p] = !r.silenced // it fails on what is sent here
	case err != nil && s.bound.Err() != nil && ctx.Err() == nil:
		r.cut[p], err = true, nil
		waited, usual := r.transport.Waited(), r.paces.single.each()
		r.silenced = (waited > tooLong && waited > 4*usual || r.transport.Hangs()) && !r.answers(ctx, r.oneAttempt())
	}
	return p, err
}
