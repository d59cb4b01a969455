package main

import (
	"bufio"
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/plan"
)

// planSummary holds the totals of a plan. Times are those of the plan.
type planSummary struct {
	notifications uint64
	length        time.Duration
	peak          uint64 // notifications in one second of the plan, at most
	peakAt        time.Duration
	activity      plan.Activity
	conversations uint64
	stories       []uint64 // of them, by scenario
	sharded       bool     // they are those of a shard; the activity may be that of the whole plan
}

// summarisePlan walks the whole plan once.
func summarisePlan(pl *plan.Plan, shard plan.Shard, types []string, scenarios int) planSummary {
	s := planSummary{stories: make([]uint64, scenarios), sharded: shard.Of > 1}
	walk := pl.Walk()
	second, inSecond := time.Duration(-1), uint64(0)
	for n := range walk.Notifications() {
		if !wanted(types, &n) {
			continue
		}
		s.notifications++
		s.length = n.Due
		if at := n.Due.Truncate(time.Second); at != second {
			second, inSecond = at, 0
		}
		if inSecond++; inSecond > s.peak {
			s.peak, s.peakAt = inSecond, second
		}
	}
	s.activity = walk.Activity()
	for i := shard.Index; i < pl.Conversations(); i += max(shard.Of, 1) {
		s.conversations++
		s.stories[pl.ScenarioOf(i)]++
	}
	return s
}

// writePlanSummary prints the totals of a plan.
func (p *program) writePlanSummary(pl *plan.Plan, shard plan.Shard, types, names []string) error {
	w := bufio.NewWriter(p.out)
	fmt.Fprintln(w, headline(pl))
	s := summarisePlan(pl, shard, types, len(names))
	s.write(w, names)
	return w.Flush()
}

// write writes a line for each figure. Errors of w show at its flush.
func (s *planSummary) write(w *bufio.Writer, names []string) {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%-14s  %s\n", name, fmt.Sprintf(format, args...))
	}
	line("conversations", "%d", s.conversations)
	if len(names) > 1 {
		for i, name := range names {
			line("", "%d %s", s.stories[i], name)
		}
	}
	line("notifications", "%d", s.notifications)
	line("length", "%s", s.length.Round(time.Millisecond))
	if s.length >= time.Second {
		line("rate", "%.1f/s on average, %d in the busiest second, at %s", float64(s.notifications)/s.length.Seconds(), s.peak, s.peakAt)
	}
	if s.sharded && s.activity.Whole {
		line("", "of the whole plan:")
	}
	line("live", "%.1f conversations on average, %d at most", s.activity.MeanLive(), s.activity.PeakLive)
	if s.activity.Agents > 0 {
		s.writePool(line)
	}
}

// patient is the time of the usual service level: so many seconds until an agent answers.
const patient = 20 * time.Second

// writePool prints how conversations queued for agents of the pool.
func (s *planSummary) writePool(line func(name, format string, args ...any)) {
	f := &s.activity
	line("agents", "%d, of whom %.1f are busy on average and %d at most: %.1f %% occupied", f.Agents, f.MeanBusy(), f.PeakBusy, 100*f.Occupancy())
	line("offered", "%d: %d answered, %d abandoned (%.1f %%)", f.Offered, f.Answered, f.Abandoned, share(f.Abandoned, f.Offered))
	line("queued", "%d, %d at once at most", f.Queued, f.PeakQueued)
	line("waits", "p50 %s, p90 %s, longest %s", waitAt(f.Wait, 50), waitAt(f.Wait, 90), waitAt(f.Wait, 100))
	line("service level", "%.1f %% answered within %s", 100*f.ServiceLevel(patient), patient)
	line("interruptions", "%d", f.Interruptions)
}

func share(part, whole uint64) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}

// waitAt is a percentile of waits, which are kept in milliseconds.
func waitAt(h *hdrhistogram.Histogram, percentile float64) time.Duration {
	if h == nil || h.TotalCount() == 0 {
		return 0
	}
	return (time.Duration(h.ValueAtPercentile(percentile)) * time.Millisecond).Round(100 * time.Millisecond)
}
