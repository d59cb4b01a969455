package plan_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/golden"
	"github.com/ringback/ringback/plan"
)

// Traffic is the same on every platform, too: the roots of ramps, the logarithms of Poisson
// arrivals, and what the pool makes of them.
func TestTrafficIsPinned(t *testing.T) {
	ramp := []plan.Stretch{{To: rate(t, "4/s"), Over: 30 * time.Second}, {From: rate(t, "90/m"), To: rate(t, "10/m"), Over: time.Minute, Poisson: true}}
	pool := &plan.Pool{Count: 12, Patience: spanOf(t, "{exponential: {mean: 90s}}")}
	var b bytes.Buffer
	for _, c := range []struct {
		name string
		opts plan.Options
	}{
		{"arrivals", plan.Options{Arrivals: ramp, Weights: []float64{70, 20, 10}}},
		{"population", plan.Options{Population: 10, Count: 50, Versions: plan.Both}},
		{"events", plan.Options{Events: rate(t, "40/s"), For: time.Minute, AtEnd: plan.Finish}},
		{"pool", plan.Options{Arrivals: ramp, Pool: pool, Weights: []float64{70, 20, 10}}},
	} {
		c.opts.Seed, c.opts.Lag = 11, span(t, "0s..9s")
		p := mixed(t, c.opts, "hold", "interrupt", "everything")
		ns := all(p)
		f := walked(p)
		fmt.Fprintf(&b, "%s\n  %d conversations, %d notifications, %s\n  bodies     %s\n  transcript %s\n  hash       %s\n", c.name, p.Conversations(), len(ns), p.Length(), digest(ndjson(ns)), digest(transcript(ns)), p.Hash())
		fmt.Fprintf(&b, "  offered %d, answered %d, queued %d, abandoned %d, interruptions %d, peaks %d %d %d\n", f.Offered, f.Answered, f.Queued, f.Abandoned, f.Interruptions, f.PeakLive, f.PeakQueued, f.PeakBusy)
	}
	golden.Check(t, "testdata/pinned-traffic.txt", b.Bytes())
}
