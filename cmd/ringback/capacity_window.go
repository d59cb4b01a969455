package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/capacity"
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/show"
)

// windows plays windows of traffic to a consumer.
type windows struct {
	emitter emitter.Emitter
	traffic *traffic
	gates   []gate.Gate
	inUse   func() inUse // the counters now
	played  uint64
	mean    float64 // µs, of the first window that held
}

// grace is how long what was due in a window may take to be sent after it.
const grace = 2 * time.Second

// play plays a window, without retries: each request says what the consumer does at this rate.
func (o *windows) play(ctx context.Context, rate float64, over time.Duration) (w capacity.Window, err error) {
	w = capacity.Window{Rate: rate, Seconds: over.Seconds(), Verdict: capacity.Holds}
	notifications, stop, err := o.traffic.window(o.played, rate, over)
	if err != nil {
		return w, err
	}
	defer stop()
	o.played++
	start := time.Now()
	e, backlog := o.emitter, &capacity.Backlog{}
	e.RetryFor, e.CutAt = -1, over+grace
	e.On = func(a *emitter.Attempt) error {
		if a.Outcome == emitter.Retrying { // a stale connection: the request goes out again
			return nil
		}
		due, done := a.Due.Sub(start), time.Duration(-1)
		if !a.Closing() {
			done = a.Sent.Add(a.Latency).Sub(start)
		}
		backlog.Add(due, max(done, -1), a.Outcome == emitter.Accepted || a.Outcome == emitter.Refused)
		return nil
	}
	before := o.inUse()
	result, err := e.Run(ctx, start, notifications)
	if err != nil && ctx.Err() == nil {
		return w, &statusError{exitFailed, err}
	}
	rest := time.NewTimer(time.Until(start.Add(over))) // a window in which nothing more is to be sent lasts as long as the others
	defer rest.Stop()
	select {
	case <-rest.C:
	case <-ctx.Done():
	}
	used := before.since()
	s := report.New(report.Identity{}, &result)
	s.Judge(o.gates)
	total := result.Total()
	w.Offered, w.Answered = total.Matched, total.Accepted+total.Refused
	w.PerSecond, w.Tail, w.Growth = backlog.PerSecond(0, over), backlog.PerSecond(over/2, over), backlog.Growth(over)
	if h := total.Latency; h.TotalCount() > 0 {
		w.Min, w.P50, w.P99, w.Mean = h.Min(), h.ValueAtPercentile(50), h.ValueAtPercentile(99), h.Mean()
	}
	o.judge(&w, s, &result, used)
	w.Decided = o.decided(total.Latency)
	w.Slow = o.slow(&w, s, total.Latency)
	if w.Verdict == capacity.Holds && o.mean == 0 {
		o.mean = w.Mean
	}
	return w, ctx.Err()
}

// judge finds the verdict: the load generator's own doing first, then what broke.
func (o *windows) judge(w *capacity.Window, s *report.Summary, result *emitter.Result, used inUse) {
	fails := func(by capacity.Break, why string) { w.Verdict, w.Broke, w.Why = capacity.Fails, by, why }
	lost := s.Total.GivenUp + s.Total.WronglyAccepted
	switch {
	case len(s.Invalid) > 0:
		w.Verdict, w.Why = capacity.Own, s.Invalid[0]
		return
	case lost > 0 && o.refusesTooMany(s) && lost <= lateOf(result) && 20*lost <= s.Total.Matched: // more than a twentieth is no matter of moments
		w.Verdict, w.Why = capacity.Own, fmt.Sprintf("%s; ringback itself was late with %s, which it then sent all at once", notAccepted(s), show.Counted(lateOf(result), "notification"))
		return
	case lost > 0 && o.refusesTooMany(s):
		fails(capacity.ByRefusals, notAccepted(s))
		return
	}
	if failed := s.FailedGates(); len(failed) > 0 {
		by := capacity.ByGate
		if parsed, err := gate.Parse(failed[0].Text); err == nil && parsed.Kind == gate.Spread {
			by = capacity.ByLatency
		}
		fails(by, failed[0].Failure())
	}
	queued := w.Growth > 0 || len(result.Overloaded) > 0
	if w.Verdict == capacity.Holds && queued {
		fails(capacity.ByQueue, fmt.Sprintf("what waited for a response grew by %s each second", show.Number(max(w.Growth, w.Rate-w.Tail))))
	}
	if w.Verdict == capacity.Holds {
		return
	}
	busy := s.Total.Overload
	switch {
	case busy != nil && len(result.Overloaded) > 0 && o.mean > 0 && w.Mean < 2*o.mean:
		w.Verdict, w.Broke = capacity.Own, ""
		w.Why = fmt.Sprintf("all %d connections were busy, and responses took no longer than before; use more --connections", busy.Connections)
	case w.Broke != capacity.ByRefusals && used.machine > crowdedMachine && used.own > ownShare:
		w.Verdict, w.Broke = capacity.Own, ""
		w.Why = fmt.Sprintf("the processors of this machine were %.0f %% in use, %.0f %% by ringback itself; run the consumer on another machine", 100*used.machine, 100*used.own)
	}
}

// lateOf is how many notifications ringback itself was so late with that several of them came at once.
func lateOf(result *emitter.Result) (n uint64) {
	const late = 20 * time.Millisecond
	for _, bar := range result.Pacing.Distribution() {
		if bar.From > late.Microseconds() {
			n += uint64(bar.Count)
		}
	}
	return n
}

// notAccepted says how many were not accepted, and why.
func notAccepted(s *report.Summary) string {
	text := fmt.Sprintf("%d of %d notifications not accepted", s.Total.GivenUp+s.Total.WronglyAccepted, s.Total.Matched)
	for _, g := range s.FailedGates() {
		if isCount(g) {
			text = g.Text + ": " + text
			break
		}
	}
	for _, t := range s.Targets {
		if len(t.Diagnoses) > 0 {
			return text + ": " + flagged(strings.TrimPrefix(t.Diagnoses[0], t.Name+": "))
		}
	}
	return text
}

// What makes a limit the machine's: all of it in use, and a good part of that by the load generator.
const (
	crowdedMachine = 0.95
	ownShare       = 0.2
)

// refusesTooMany reports whether what was not accepted fails the window: by a rule, or a gate in its place.
func (o *windows) refusesTooMany(s *report.Summary) bool {
	for _, r := range s.Rules {
		if !r.Passed && !r.Run && !strings.HasPrefix(r.Name, "the offered load") {
			return true
		}
	}
	return slices.ContainsFunc(s.FailedGates(), isCount)
}

// isCount reports whether a gate counts notifications.
func isCount(g report.Gate) bool {
	parsed, err := gate.Parse(g.Text)
	return err == nil && parsed.Kind == gate.Count
}

// slow is how many responses took longer than the first gate on a percentile of the latency asks for. Where another gate on times is what
// failed, all are, since it is not for single ones.
func (o *windows) slow(w *capacity.Window, s *report.Summary, h *hdrhistogram.Histogram) uint64 {
	for _, g := range o.gates {
		if _, is := g.Percentile(); !is || g.Figure != gate.Latency {
			continue
		}
		if failed := s.FailedGates(); w.Broke == capacity.ByLatency && failed[0].Text != g.String() {
			break
		}
		return above(h, g)
	}
	if w.Broke == capacity.ByLatency {
		return w.Offered
	}
	return 0
}

// above is how many latencies are above what a gate asks for.
func above(h *hdrhistogram.Histogram, g gate.Gate) (n uint64) {
	for _, bar := range h.Distribution() {
		if float64(bar.From)*1000 > g.Value {
			n += uint64(bar.Count)
		}
	}
	return n
}

// decided reports whether the requests were enough to tell whether gates on percentiles of the latency hold.
func (o *windows) decided(h *hdrhistogram.Histogram) bool {
	for _, g := range o.gates {
		p, is := g.Percentile()
		if !is || g.Figure != gate.Latency {
			continue
		}
		if !capacity.Decided(above(h, g), uint64(h.TotalCount()), 1-p/100) {
			return false
		}
	}
	return true
}
