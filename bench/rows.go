package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// rows measures what --log costs at 20,000 a second, and, from the log, the lateness of each
// notification by its id: that must agree with what the even schedule says.
func (b *bench) rows(ctx context.Context) error {
	const rate = 20_000
	lasting, rounds := 5*time.Second, b.rounds
	if b.quick {
		lasting, rounds = 2*time.Second, 1
	}
	sink, err := b.consume(ctx)
	if err != nil {
		return err
	}
	defer sink.kill()
	file := filepath.Join(b.work, "rows.jsonl")
	var cost, added, plain []float64
	var known spread
	for round := range rounds {
		without, err := b.runPaced(ctx, sink, ours(), rate, settling+lasting)
		if err != nil {
			return err
		}
		os.Remove(file)
		with, err := b.runPaced(ctx, sink, ours(), rate, settling+lasting, "--log", file)
		if err != nil {
			return err
		}
		late := func(p paced) spread { return behind(p.arrivals, p.report.PlanStart.UnixNano(), rate) }
		cost = append(cost, with.sample.CPU-without.sample.CPU)
		added = append(added, late(with).P99-late(without).P99)
		plain = append(plain, late(without).P99)
		if known, err = byID(file, with.arrivals); err != nil {
			return err
		}
		b.say("   round %d  CPU %.2f µs with rows, %.2f µs without; lateness p99 %.0f and %.0f µs; by id p50 %.0f, p99 %.0f µs",
			round+1, with.sample.CPU, without.sample.CPU, late(with).P99, late(without).P99, known.P50, known.P99)
	}
	judged := func(value, aim float64) string {
		if median(plain) > 10_000 {
			return "not measured: late without rows too"
		}
		return verdict(value, aim, aim, true)
	}
	b.row("CPU for each row of --log at 20,000/s", fmt.Sprintf("%.2f µs", median(cost)), "≤ 1.5 µs", judged(median(cost), 1.5), "bench/run log")
	b.row("lateness p99 that --log adds at 20,000/s", fmt.Sprintf("%.0f µs", median(added)), "none (≤ 20 µs)", judged(median(added), 20), "bench/run log")
	b.row("lateness with --log, each notification against its own row", fmt.Sprintf("p50 %.0f µs, p99 %.0f µs", known.P50, known.P99), "reported", "", "bench/run log")
	return nil
}

// byID compares arrivals with the planned moments that the log tells.
func byID(log string, arrivals []arrival) (s spread, err error) {
	f, err := os.Open(log)
	if err != nil {
		return s, err
	}
	defer f.Close()
	planned := make(map[string]int64, len(arrivals))
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var row struct {
			ID  string
			Due *time.Time
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return s, fmt.Errorf("%s: %w", log, err)
		}
		if row.Due != nil {
			planned[row.ID] = row.Due.UnixNano()
		}
	}
	var us []float64
	for _, a := range arrivals {
		if at, ok := planned[a.id]; ok && a.at-arrivals[0].at > int64(settling) {
			us = append(us, float64(a.at-at)/1e3)
		}
	}
	if len(us) == 0 {
		return s, fmt.Errorf("no row of %s is of a notification that arrived", log)
	}
	return spreadOf(us), nil
}
