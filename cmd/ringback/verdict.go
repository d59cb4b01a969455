package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/report"
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
	case len(result.Invalid) > 0:
		return &statusError{exitInvalid, fmt.Errorf("the run is invalid: %s", strings.Join(result.Invalid, "\nthe run is invalid: "))}
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
