package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/otlp"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/watch"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

// planned is what can be played: a plan of scenarios, or a recording.
type planned interface {
	Seed() uint64
	Start() time.Time
	Hash() string
	Conversations() uint64
	Length() time.Duration
	Notifications() iter.Seq[plan.Notification]
}

// playing is a run that has been checked and is ready.
type playing struct {
	*program
	plan    planned
	part    *settings.Part // the plan itself, if it is no recording
	emitter emitter.Emitter
	senders settings.Senders // by the flags
	start   time.Time        // real moment of the plan's start; zero: when play begins
	awaited bool             // start was given by --at
	shard   plan.Shard
	log     string
	output  string
	flags   map[string]string
	local   *local // the built-in receiver, if it is the target
	expect  *expecting
	checks  []report.Check // the results of the expectations

	early     *early // what ends the run before its plan
	reporting *reporting
	watched   watchFlags
	push      *otlp.Destination // of metrics; nil: none
	extent    watch.Extent
	begun     func() uint64 // how many have begun, if it grows and was walked
}

// walk gives the notifications of the plan, and once they have all been read, what its
// conversations and agents did. Of a recording that is not known. A walk that takes too much memory
// cuts the run off.
func (r *playing) walk(ctx context.Context, cut context.CancelCauseFunc) (all iter.Seq[plan.Notification], activity func() *report.Activity) {
	if r.part == nil {
		return r.plan.Notifications(), func() *report.Activity { return nil }
	}
	w := r.part.Walk()
	context.AfterFunc(ctx, w.Stop)
	if r.extent.Grows {
		r.begun = func() uint64 { f := w.Activity(); return f.Conversations }
	}
	all = func(yield func(plan.Notification) bool) {
		w.Notifications()(yield)
		if err := w.Err(); err != nil {
			cut(err)
		}
	}
	return all, func() *report.Activity {
		f := w.Activity()
		return report.NewActivity(&f)
	}
}

// conversations is how many there are, or where only another walk through all of the plan would
// tell, how many have begun, so that nobody has to wait after an interrupt.
func (r *playing) conversations() uint64 {
	if r.begun == nil {
		return r.plan.Conversations()
	}
	return settings.ShareOf(r.shard, r.begun())
}

// load reads what the arguments of run and plan name.
func (p *program) load(args []string, set []scenario.Param) (*settings.Traffic, error) {
	t, err := p.loader(set).Load(args)
	return t, inFlags(err)
}

// loader finds what arguments name, with values for parameters.
func (p *program) loader(set []scenario.Param) settings.Loader {
	if variable := p.variables["set"]; variable != "" {
		for i := range set {
			set[i].From = variable
		}
	}
	return settings.Loader{In: p.in, Set: set}
}

// newPlan plans traffic, until a signal ends the program.
func (p *program) newPlan(t *settings.Traffic, o plan.Options, speed float64) (*plan.Plan, error) {
	o.Stop = &p.stopped
	made, err := t.Plan(o, speed)
	if _, is := errors.AsType[*plan.StartError](err); is {
		err = fmt.Errorf("--start: %w", err)
	}
	switch _, is := errors.AsType[*settings.Problem](err); {
	case is:
		return nil, inFlags(err)
	case err != nil:
		return nil, &statusError{exitUsage, err}
	}
	return made, nil
}

// wanted reports whether one of the patterns selects the type of n; no pattern selects all.
func wanted(patterns []string, n *plan.Notification) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool { return event.Match(p, n.Type()) })
}

// headline names what makes another run the same one.
func headline(p planned) string {
	return fmt.Sprintf("seed %d, start %s, plan %.12s", p.Seed(), p.Start().Format("2006-01-02T15:04:05.999Z"), p.Hash())
}
