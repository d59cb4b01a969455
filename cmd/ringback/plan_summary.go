package main

import (
	"bufio"
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/internal/settings"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/plan"
)

// writeSummary walks the whole plan once, and writes a line for each figure. Times are those of
// the plan. Errors of w show at its flush.
func writeSummary(w *bufio.Writer, pl *plan.Plan, walk *plan.Walk, told *walking, s *playSettings, t *settings.Traffic) {
	fmt.Fprintln(w, headline(pl)+show.With(t.Given()))
	names := t.Names()
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%-14s  %s\n", name, fmt.Sprintf(format, args...))
	}
	var notifications, inSecond, peak uint64 // peak: in one second, at most
	var bursts uint64
	var largest uint8
	var length, peakAt time.Duration
	second := time.Duration(-1)
	for n := range told.through(walk.Notifications()) {
		if !wanted(s.types, &n) {
			continue
		}
		notifications++
		length = n.Due
		if largest = max(largest, n.Together); n.Together > 1 && n.Follow == 0 {
			bursts++
		}
		if at := n.Due.Truncate(time.Second); at != second {
			second, inSecond = at, 0
		}
		if inSecond++; inSecond > peak {
			peak, peakAt = inSecond, second
		}
	}
	conversations, byScenario := uint64(0), make([]uint64, len(names))
	for i := s.Shard.Index; i < pl.Conversations(); i += max(s.Shard.Of, 1) {
		conversations++
		byScenario[pl.ScenarioOf(i)]++
	}
	line("conversations", "%d", conversations)
	if len(names) > 1 {
		for i, name := range names {
			line("", "%d %s", byScenario[i], name)
		}
	}
	line("notifications", "%d", notifications)
	if largest > 0 {
		line("bursts", "%d of two or more notifications of a conversation, %d at most", bursts, largest)
	}
	line("length", "%s", length.Round(time.Millisecond))
	if length >= time.Second {
		line("rate", "%.1f/s on average, %d in the busiest second, at %s", float64(notifications)/length.Seconds(), peak, peakAt)
	}
	writeRates(line, pl, s, t)
	f := walk.Activity()
	if s.Shard.Of > 1 && f.Whole {
		line("", "of the whole plan:")
	}
	line("live", "%.1f conversations on average, %d at most", f.MeanLive(), f.PeakLive)
	if f.Agents > 0 {
		writePool(line, &f)
	}
}

// writeRates prints what a rate comes to, and when it ends.
func writeRates(line func(name, format string, args ...any), pl *plan.Plan, s *playSettings, t *settings.Traffic) {
	o := s.Options
	o.Start = pl.Start() // also if nobody has named it
	if text := inOtherWords(t, o, pl.Conversations()); text != "" {
		line("that is", "%s", text)
	}
	if end, over := pl.Until(); over {
		line("end", "%s, at %s", endings[pl.AtEnd()], end.Round(time.Millisecond))
	}
}

// endings say what becomes of conversations that are under way at the end of the traffic.
var endings = map[plan.AtEnd]string{
	plan.Drain: "no notification is due any more, and what was due is delivered (drain)",
	plan.Cut:   "nothing is sent any more, whatever still waits (cut)",
}

// patient is the time of the usual service level: so many seconds until an agent answers.
const patient = 20 * time.Second

// writePool prints how conversations queued for agents of the pool.
func writePool(line func(name, format string, args ...any), f *plan.Activity) {
	line("agents", "%d, of whom %.1f are busy on average and %d at most: %.1f %% occupied", f.Agents, f.MeanBusy(), f.PeakBusy, 100*f.Occupancy())
	line("offered", "%d: %d answered, %d abandoned (%.1f %%)", f.Offered, f.Answered, f.Abandoned, 100*float64(f.Abandoned)/float64(max(f.Offered, 1)))
	line("queued", "%d, %d at once at most", f.Queued, f.PeakQueued)
	line("waits", "p50 %s, p90 %s, longest %s", waitAt(f.Wait, 50), waitAt(f.Wait, 90), waitAt(f.Wait, 100))
	line("service level", "%.1f %% answered within %s", 100*f.ServiceLevel(patient), patient)
	line("interruptions", "%d", f.Interruptions)
}

// waitAt is a percentile of waits, which are kept in milliseconds.
func waitAt(h *hdrhistogram.Histogram, percentile float64) time.Duration {
	if h == nil || h.TotalCount() == 0 {
		return 0
	}
	return (time.Duration(h.ValueAtPercentile(percentile)) * time.Millisecond).Round(100 * time.Millisecond)
}
