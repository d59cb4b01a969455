package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/ringback/ringback/internal/netguard"
	"github.com/ringback/ringback/internal/otlp"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/watch"
)

// pushTo is where the metrics of a run are sent, or nil.
func (f *watchFlags) pushTo(allow []string) (*otlp.Destination, error) {
	if f.push == "" {
		return nil, nil
	}
	if _, err := otlp.Lookup(os.LookupEnv).With(); err != nil {
		return nil, usage("--metrics-push: %w", err)
	}
	d, err := otlp.New(f.push, netguard.Allow(allow), os.LookupEnv)
	if err != nil {
		return nil, usage("--metrics-push: %w", err)
	}
	return d, nil
}

// lookAtReceiver finds out before the run whether metrics may be sent where they are to be.
func (r *playing) lookAtReceiver(ctx context.Context) error {
	if r.push == nil {
		return nil
	}
	if err := r.push.Look(ctx); err != nil {
		return usage("--metrics-push: %w", err)
	}
	return nil
}

// pushMetrics sends the final metrics, if somebody wants them, also of a run that was interrupted or failed. Outcome is how the run
// ended so far; if the push fails, that is told besides, and a run that passed ends as one whose report cannot be written.
func (r *playing) pushMetrics(ctx context.Context, w *watch.Watcher, s *report.Summary, outcome error) error {
	if r.push == nil {
		return outcome
	}
	families, err := w.Gather()
	if err == nil {
		var about []otlp.Attribute
		about, err = otlp.Lookup(os.LookupEnv).With(resourceOf(s)...)
		if err == nil {
			if ctx.Err() != nil { // a second signal has stopped the run; its metrics are pushed all the same
				ctx = context.WithoutCancel(ctx)
			}
			err = r.push.Push(ctx, &otlp.Metrics{Families: families, Attributes: about,
				Scope: "github.com/ringback/ringback", Version: s.Version, From: s.Started, To: s.Ended})
		}
	}
	if err == nil {
		return outcome
	}
	err = fmt.Errorf("the metrics were not pushed: %w", err)
	if outcome == nil {
		return &statusError{exitFailed, err}
	}
	status := exitFailed
	if se, is := errors.AsType[*statusError](outcome); is {
		status = se.status
	}
	return &statusError{status, errors.Join(outcome, err)}
}

// resourceOf says which run the metrics are of. An instance is one play of one shard, so that no two add to one series.
func resourceOf(s *report.Summary) []otlp.Attribute {
	shard := report.Shard{Of: 1}
	if s.Shard != nil {
		shard = *s.Shard
	}
	instance := fmt.Sprintf("%.12s-%d-of-%d-%s", s.PlanHash, shard.Index, shard.Of, s.Started.Format(time.RFC3339Nano))
	return []otlp.Attribute{
		{Name: "service.name", Value: usualName}, {Name: "service.version", Value: s.Version}, {Name: "service.instance.id", Value: instance},
		{Name: "ringback.plan.hash", Value: s.PlanHash}, {Name: "ringback.plan.seed", Value: strconv.FormatUint(s.Seed, 10)},
		{Name: "ringback.plan.start", Value: s.PlanStart.Format(time.RFC3339Nano)}, {Name: "ringback.shard", Value: shard.String()},
		{Name: "ringback.verdict", Value: string(s.Verdict)},
	}
}
