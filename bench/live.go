package main

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"
)

// liveCalls a second of the story live.yaml, which has 9 notifications in 22.5 s, make
// 100,000 live conversations and 40,000 notifications a second.
const liveCalls = "4444.444/s"

// live walks an hour of a plan with 100,000 live conversations, of which no notification is
// wanted by the target, so that all of the work is planning; and then sends for real.
func (b *bench) live(ctx context.Context) error {
	hour := time.Hour
	if b.quick {
		hour = 2 * time.Minute
	}
	sink, err := b.consume(ctx)
	if err != nil {
		return err
	}
	defer sink.kill()
	command := []string{b.ringback, "run", b.script("live.yaml"), "--calls", liveCalls, "--for", hour.String(), "--speed", "max", "--start", "2025-03-03T09:00:00Z",
		"--types", "channel.parked.v0", "--to", sink.url + "/events", "--seed", "7", "--output", "quiet", "--patience", "-1s"}
	if b.has("--progress") {
		command = append(command, "--progress", "off")
	}
	p, err := b.start(ctx, clientCore, []string{"GODEBUG=gctrace=1"}, command)
	if err != nil {
		return err
	}
	defer p.kill()
	began := time.Now()
	var sizes []float64
	for !p.ended() {
		if err := wait(ctx, 250*time.Millisecond); err != nil {
			return err
		}
		if now, _ := p.memory(); now > 0 {
			sizes = append(sizes, now/1e6)
		}
	}
	took := time.Since(began)
	if !strings.Contains(p.said(), "matches the types of") { // which is the very point, though no success for ringback
		return fmt.Errorf("ringback: %s", p.said())
	}
	collections, err := collected(p.err)
	if err != nil {
		return err
	}
	b.liveRows(sizes, collections, hour, took)
	if !b.quick {
		if err := b.liveSending(ctx, sink); err != nil {
			return err
		}
	}
	return b.livePooled(ctx)
}

// livePooled measures what living conversations take that share agents, by themselves: a process
// has more than them.
func (b *bench) livePooled(ctx context.Context) error {
	test, err := b.testProgram(ctx, "plan")
	if err != nil {
		return err
	}
	const pooled = "100,000 live conversations with a pool of agents"
	for _, k := range []struct{ kind, row string }{{"pool", pooled}, {"calls", "the same without a pool"}} {
		found, err := b.benchmarks(ctx, test, "^BenchmarkLive$/^"+k.kind+"$", "100000x")
		if err != nil {
			return err
		}
		for _, f := range found {
			size, ms := f.of["B/conversation"], f.of["GC-ms"]
			b.row(k.row+": memory each", fmt.Sprintf("%.0f bytes, %.0f alive", size, f.of["alive"]), "≤ 300 bytes", verdict(size, 300, 300, true), "bench/run live")
			b.row(k.row+": one garbage collection", fmt.Sprintf("%.1f CPU-ms", ms), "≤ 5 CPU-ms", verdict(ms, 5, 5, true), "bench/run live")
		}
	}
	return nil
}

func (b *bench) liveRows(sizes, collections []float64, hour, took time.Duration) {
	peak, early, late, gc := 0.0, math.NaN(), math.NaN(), 0.0
	for _, s := range sizes {
		peak = max(peak, s)
	}
	if n := len(sizes); n >= 8 {
		early, late = median(sizes[n/4:n/2]), median(sizes[3*n/4:])
	}
	for _, ms := range collections {
		gc = max(gc, ms)
	}
	what := fmt.Sprintf("100,000 live conversations, %s of the story planned in %.0f s", hour, took.Seconds())
	b.row(what+": memory", fmt.Sprintf("%.0f MB", peak), "≤ 150 MB", verdict(peak, 150, 150, true), "bench/run live")
	b.row("the same: memory in the last quarter ÷ the second", fmt.Sprintf("%.2f", late/early), "flat (≤ 1.1)", verdict(late/early, 1.1, 1.1, true), "bench/run live")
	b.row("the same: one garbage collection", fmt.Sprintf("%.1f CPU-ms median, %.1f at most, %d in all", median(collections), gc, len(collections)), "≤ 5 CPU-ms", verdict(median(collections), 5, 5, true), "bench/run live")
}

// liveSending sends to the sink in real time, as far as one core goes.
func (b *bench) liveSending(ctx context.Context, sink *consumer) error {
	if err := sink.fresh(ctx, false); err != nil {
		return err
	}
	command := []string{b.ringback, "run", b.script("live.yaml"), "--calls", liveCalls, "--for", "2m", "--to", sink.url + "/events", "--seed", "7", "--lag", "0s", "--output", "json"}
	if b.has("--progress") {
		command = append(command, "--progress", "off")
	}
	p, err := b.start(ctx, clientCore, nil, command)
	if err != nil {
		return err
	}
	defer p.kill()
	if err := wait(ctx, 26*time.Second); err != nil {
		return err
	}
	s, err := b.window(ctx, sink, p, 10*time.Second)
	if err != nil {
		return err
	}
	b.row("the same, sent in real time on one core", fmt.Sprintf("%.0f/s came, %.1f µs CPU each, %.0f MB", s.Rate, s.CPU, s.Memory),
		"≤ 150 MB", verdict(s.Memory, 150, 150, true), "bench/run live")
	return nil
}

// collected reads the CPU time of each garbage collection, in ms, from a trace; time that
// would have been idle is left out. The first quarter, while the heap grows, is not counted.
func collected(file string) (all []float64, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if ms, ok := traced(lines.Text()); ok {
			all = append(all, ms)
		}
	}
	return all[len(all)/4:], nil
}

// traced reads "gc 7 @0.1s 2%: … ms clock, 0.02+0.3/0.5/0.1+0.01 ms cpu, …".
func traced(line string) (ms float64, ok bool) {
	if !strings.HasPrefix(line, "gc ") {
		return 0, false
	}
	_, rest, _ := strings.Cut(line, "ms clock, ")
	times, _, ok := strings.Cut(rest, " ms cpu")
	if !ok {
		return 0, false
	}
	for i, phase := range strings.Split(times, "+") {
		for j, part := range strings.Split(phase, "/") {
			value, err := strconv.ParseFloat(part, 64)
			if err != nil {
				return 0, false
			}
			if i == 1 && j == 2 {
				continue // idle
			}
			ms += value
		}
	}
	return ms, true
}
