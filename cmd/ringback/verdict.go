package main

import (
	"context"
	"fmt"
	"time"

	"github.com/ringback/ringback/emitter"
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
		return &statusError{exitInvalid, fmt.Errorf("the run is invalid: 1 %% of the notifications were offered more than %s late (99th percentile %s)\nuse a lower rate, more --connections, or a faster machine",
			mostLateness, time.Duration(result.Pacing.ValueAtPercentile(99))*time.Microsecond)}
	case !result.AllRight(), r.local != nil && !r.local.content():
		return &statusError{exitFailed, nil}
	}
	return nil
}

// mostLateness is how late the 99th percentile of a schedule may be before the run proves
// nothing.
const mostLateness = time.Second
