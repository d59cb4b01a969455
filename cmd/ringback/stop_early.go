package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/report"
)

// stopFlags say what ends a run before its plan does.
type stopFlags struct {
	when     []string
	failFast bool
}

func (f *stopFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.when, "stop-when", nil, "`CONDITION` end the run, with exit status 1, as soon as this holds, such as 'refused > 5% for 30s'; may be repeated; see \"ringback help gates\"")
	flags.BoolVar(&f.failFast, "fail-fast", false, "end the run, with exit status 1, at the first response that a correct consumer would not give, though a retry might make it good")
}

// mostConditions bounds what is judged each second.
const mostConditions = 100

// parse reads the flags.
func (f *stopFlags) parse() (*early, error) {
	e := &early{failFast: f.failFast}
	var errs []error
	if n := len(f.when); n > mostConditions {
		return e, usage("--stop-when is given %d times; at most %d conditions are judged each second", n, mostConditions)
	}
	for _, text := range f.when {
		s, err := gate.ParseStop(text)
		if err != nil {
			errs = append(errs, usage("--stop-when: %v", err))
		}
		e.stopper.Conditions = append(e.stopper.Conditions, s)
	}
	return e, errors.Join(errs...)
}

// early ends a run before its plan does, once.
type early struct {
	stopper  report.Stopper
	failFast bool

	mu   sync.Mutex
	why  *report.Stopped // nil unless a condition ended the run
	stop context.CancelFunc

	began time.Time // real moment
}

// prepare has the run end, as an interrupt ends it, once the context that it returns does.
func (e *early) prepare(walking context.Context, to *emitter.Emitter) (until context.Context, end context.CancelFunc) {
	until, e.stop = context.WithCancel(walking)
	to.Drain = until.Done()
	return until, e.stop
}

// endEarly ends the run, unless something has ended it before.
func (r *playing) endEarly(why *report.Stopped) {
	e := r.early
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.why != nil {
		return
	}
	e.why = why
	if r.output != "quiet" {
		r.messages.Print("ringback: " + why.String() + "; finishing what is under way")
	}
	e.stop()
}

// judge ends the run at the first row that a correct consumer would not cause, if that was asked for.
func (r *playing) judge(a *emitter.Attempt) {
	if r.early.failFast && unwanted(a) {
		r.endEarly(report.NewStopped("the first failure", string(a.Outcome)+" "+a.Target+": "+a.Failure.String(), time.Since(r.early.began)))
	}
}

// unwanted reports whether a row shows that the consumer did something else than a correct one: an attempt failed that was not
// made to fail, though a retry may make it good, or a notification was accepted wrongly or not accepted at all.
func unwanted(a *emitter.Attempt) bool {
	switch a.Failure.Class {
	case emitter.ClassStale, emitter.ClassCut, emitter.ClassStopped:
		return false
	}
	return slices.Contains([]emitter.Outcome{emitter.Retrying, emitter.GivenUp, emitter.WronglyAccepted, emitter.NotSent}, a.Outcome)
}

// reason is the condition that ended the run, or nil.
func (e *early) reason() *report.Stopped {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.why
}
