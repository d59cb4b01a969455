package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/report"
)

// failed is what ended a run before its time, other than an interrupt.
func failed(ctx context.Context, result *emitter.Result, err error) error {
	if err == nil || result.Stop == emitter.StopDrained || result.Stop == emitter.StopCancelled && ctx.Err() != nil {
		return nil
	}
	return &statusError{exitFailed, err}
}

// verdict turns a result into an exit status.
func (r *playing) verdict(result *emitter.Result) error {
	switch {
	case result.Stop == emitter.StopDrained, result.Stop == emitter.StopCancelled:
		return &statusError{exitInterrupted, nil}
	case result.Pacing != nil && result.Pacing.TotalCount() > 0 && result.Pacing.ValueAtPercentile(99) > mostLateness.Microseconds():
		return &statusError{exitInvalid, fmt.Errorf("the run is invalid: 1 %% of the notifications were offered more than %s late (99th percentile %s)\nuse a lower rate or a faster machine",
			mostLateness, time.Duration(result.Pacing.ValueAtPercentile(99))*time.Microsecond)}
	case len(unmatched(result)) > 0:
		return &statusError{exitFailed, fmt.Errorf("nothing in this plan is for %s: its types select none of the notifications", strings.Join(unmatched(result), ", "))}
	case !result.AllRight(), r.local != nil && !r.local.content(result) && result.Total().Dropped == 0: // what is dropped is missed
		return &statusError{exitFailed, nil}
	case slices.ContainsFunc(r.checks, func(c report.Check) bool { return !c.Passed }):
		return &statusError{exitFailed, nil}
	}
	return nil
}

// unmatched names the targets for which a whole plan had nothing.
func unmatched(result *emitter.Result) (names []string) {
	for i := range result.Targets {
		if result.PlanRead && result.Targets[i].Matched == 0 {
			names = append(names, result.Targets[i].Name)
		}
	}
	return names
}

// mostLateness is how late the 99th percentile of a schedule may be before the run proves
// nothing.
const mostLateness = time.Second
