package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// load is the number of connections at which rates are compared.
const load = 64

// sizes are the numbers of connections at which CPU time is compared.
func sizes() []int { return []int{16, load, 256} }

// signing are the senders whose rates are compared with ours, with aim and goal.
func signing() []struct {
	sender
	aim, goal float64
} {
	return []struct {
		sender
		aim, goal float64
	}{
		{wrkTuned(), 1, 1}, {wrkSigning(), 1.5, 2.5},
		{k6Tuned(), 12, 12}, {k6Signing(), 12, 20},
		{autocannon(), 3.5, 6}, {autocannonTuned(), 3.5, 6},
	}
}

// throughput measures at once the cells of all lines that were asked for, so that each ratio
// is of one run.
func (b *bench) throughput(ctx context.Context) error {
	var cells []cell
	if b.asked("rate") {
		cells = append(cells, cell{ours(), load})
		for _, s := range signing() {
			if !b.quick || s.sender == wrkTuned() || !strings.HasSuffix(s.name, "tuned") {
				cells = append(cells, cell{s.sender, load})
			}
		}
		if !b.quick {
			cells = append(cells, cell{heyStatic(), load})
		}
	}
	for _, n := range sizes() {
		if b.asked("cpu") {
			cells = append(cells, cell{ours(), n}, cell{wrkStatic(), n})
			if !b.quick {
				cells = append(cells, cell{wrkTuned(), n}, cell{k6Tuned(), n}, cell{autocannonTuned(), n})
			}
		}
		if b.asked("engines") && (n == load || !b.quick) {
			cells = append(cells, cell{oursBy("http"), n}, cell{oursBy("lane"), n})
		}
		if b.asked("tls") && (n == load || !b.quick) {
			cells = append(cells, cell{oursTLS(), n}, cell{ours(), n})
		}
	}
	return b.play(ctx, once(cells))
}

// once leaves out what is there before.
func once(cells []cell) (kept []cell) {
	seen := map[cell]bool{}
	for _, c := range cells {
		if !seen[c] {
			seen[c] = true
			kept = append(kept, c)
		}
	}
	return kept
}

func (b *bench) rate(ctx context.Context) error {
	if err := b.throughput(ctx); err != nil {
		return err
	}
	for _, s := range signing() {
		all := b.ratios(cell{ours(), load}, cell{s.sender, load}, rateOf)
		perCPU := b.ratios(cell{s.sender, load}, cell{ours(), load}, cpuOfSample)
		if len(all) > 0 {
			b.row(fmt.Sprintf("signed notifications a second ÷ %s, %d connections", s.name, load), fmt.Sprintf("%s; for the same CPU time %.2f", ratioText(all), median(perCPU)),
				aimText("≥", s.aim, s.goal), b.judgeRate(cell{s.sender, load}, all, perCPU, s.aim, s.goal), "bench/run rate")
		}
	}
	return nil
}

// judgeRate is the verdict on a rate ÷ that of another sender. On a machine that was not idle a rate is
// what other programs left, and the ratio for the same CPU time is judged in its place.
func (b *bench) judgeRate(under cell, rates, perCPU []float64, aim, goal float64) string {
	if said := b.beside(slices.Concat(b.samples(cell{ours(), load}), b.samples(under))); said != "" {
		return verdict(median(perCPU), aim, goal, false) + " by CPU time" + said
	}
	return verdict(median(rates), aim, goal, false)
}

// Aims for CPU time at full speed ÷ wrk's static post.
const (
	cpuAim  = 1.35
	cpuGoal = 1.15
)

func (b *bench) cpu(ctx context.Context) error {
	if err := b.throughput(ctx); err != nil {
		return err
	}
	for _, n := range sizes() {
		all := b.ratios(cell{ours(), n}, cell{wrkStatic(), n}, cpuOfSample)
		if len(all) > 0 {
			b.row(fmt.Sprintf("CPU per signed notification ÷ wrk's static post, %d connections", n),
				fmt.Sprintf("%s; %.1f µs", ratioText(all), median(each(b.samples(cell{ours(), n}), cpuOfSample))),
				aimText("≤", cpuAim, cpuGoal), verdict(median(all), cpuAim, cpuGoal, true), "bench/run cpu")
		}
	}
	return nil
}

func (b *bench) overTLS(ctx context.Context) error {
	if err := b.throughput(ctx); err != nil {
		return err
	}
	for _, n := range sizes() {
		all := b.ratios(cell{oursTLS(), n}, cell{ours(), n}, cpuOfSample)
		if len(all) > 0 {
			b.row(fmt.Sprintf("CPU over TLS keep-alive ÷ plain, %d connections", n), ratioText(all),
				"≤ 1.4", verdict(median(all), 1.4, 1.4, true), "bench/run tls")
		}
	}
	return nil
}

func (b *bench) engines(ctx context.Context) error {
	if !b.has("--engine") {
		b.missing = append(b.missing, "engines: this ringback has no flag --engine")
		return nil
	}
	if err := b.throughput(ctx); err != nil {
		return err
	}
	for _, n := range sizes() {
		all := b.ratios(cell{oursBy("http"), n}, cell{oursBy("lane"), n}, cpuOfSample)
		if len(all) > 0 {
			b.row(fmt.Sprintf("CPU of tuned net/http ÷ fast lane, %d connections", n), ratioText(all), "reported", "", "bench/run engines")
		}
	}
	return nil
}
