package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// longest is how long a run may take to its first notification, in s.
const longest = 0.3

// million are runs of a million conversations, by what begins them.
func million() []struct{ name, flags string } {
	return []struct{ name, flags string }{
		{"20 calls a second", "--calls 20/s"},
		{"5,000 notifications a second", "--events 5000/s --lag 0s"},
		{"a population of 10,000", "--population 10000"},
		{"all at once", ""},
	}
}

// first measures the time from the start of the process to the first request at the sink.
func (b *bench) first(ctx context.Context) error {
	sink, err := b.consume(ctx)
	if err != nil {
		return err
	}
	defer sink.kill()
	for _, run := range million() {
		var took, cpu, memory []float64
		for range b.rounds {
			t, err := b.firstOf(ctx, sink, run.flags)
			if err != nil {
				return fmt.Errorf("%s: %w", run.name, err)
			}
			took, cpu, memory = append(took, t.seconds), append(cpu, t.cpu), append(memory, t.mb)
		}
		b.row("first notification of a million conversations, "+run.name, fmt.Sprintf("%s, of which %.2f s of CPU; %.0f MB by then", secondsText(took), median(cpu), median(memory)),
			fmt.Sprintf("≤ %g s", longest), verdict(median(took), longest, longest, true), "bench/run start")
	}
	return nil
}

// started is what the first notification took.
type started struct {
	seconds, cpu float64 // since the process began, and how long it had a core, in s
	mb           float64 // of memory at most by then
}

// firstOf runs ringback until its first notification has arrived.
func (b *bench) firstOf(ctx context.Context, sink *consumer, flags string) (t started, err error) {
	if err := sink.fresh(ctx, false); err != nil {
		return t, err
	}
	began := time.Now()
	p, err := b.start(ctx, clientCore, nil, b.millionCommand(sink.url, flags))
	if err != nil {
		return t, err
	}
	defer p.kill()
	if err := awaitFirst(ctx, sink, p); err != nil {
		return t, err
	}
	t.cpu = p.cpu().Seconds() // up to 20 ms more
	n, err := sink.report()
	if err != nil {
		return t, err
	}
	_, peak := p.memory()
	t.seconds, t.mb = time.Unix(0, n.First).Sub(began).Seconds(), peak/1e6
	return t, nil
}

func (b *bench) millionCommand(url, flags string) []string {
	args := []string{b.ringback, "run", "inbound-call", "--count", "1000000", "--speed", "max", "--to", url + "/events", "--connections", fmt.Sprint(load), "--seed", "7", "--output", "quiet"}
	if b.has("--progress") {
		args = append(args, "--progress", "off")
	}
	return append(append(args, strings.Fields(flags)...), strings.Fields(b.with)...)
}

// secondsText is the median and the span of times.
func secondsText(all []float64) string {
	return fmt.Sprintf("%.2f s (%.2f–%.2f)", median(all), slices.Min(all), slices.Max(all))
}
