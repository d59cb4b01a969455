package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"
)

// rates are those at which lateness is measured, a second.
func rates() []int { return []int{1000, 5000, 10_000, 20_000} }

// settling is the beginning of each run that is left out: connections open, programs warm up.
const settling = time.Second

// paced is a run at a rate.
type paced struct {
	sample
	arrivals []arrival
	report   ownReport
	drain    time.Duration // from the interrupt to the end; ringback alone
}

// ownReport is what is read of ringback's JSON report.
type ownReport struct {
	PlanStart time.Time `json:"plan_start"`
	Started   time.Time `json:"started"`
	Planned   uint64    `json:"planned"`
	Verdict   string    `json:"verdict"`
	Total     total     `json:"total"`
}

type total struct {
	Matched         uint64 `json:"matched"`
	Accepted        uint64 `json:"accepted"`
	GivenUp         uint64 `json:"given_up"`
	Undelivered     uint64 `json:"undelivered"`
	NotSent         uint64 `json:"not_sent"`
	Refused         uint64 `json:"refused"`
	WronglyAccepted uint64 `json:"wrongly_accepted"`
	Dropped         uint64 `json:"dropped"`
	Attempts        uint64 `json:"attempts"`
}

// lateness compares moments of arrival at the sink with an even schedule: the k-th arrival
// with the k-th moment. Ringback's schedule begins when its report says. The others do not
// tell: theirs is laid through the arrival that makes them look best, so that their figures
// are without what all of their requests have in common, such as the way to the sink. For
// comparison ringback's are shown both ways.
func (b *bench) lateness(ctx context.Context) error {
	lasting := 5 * time.Second
	rounds := b.rounds
	if b.quick {
		lasting, rounds = 2*time.Second, 1
	}
	sink, err := b.consume(ctx)
	if err != nil {
		return err
	}
	defer sink.kill()
	for round := range rounds {
		for _, rate := range rates() {
			for _, s := range []sender{ours(), k6Tuned(), wrk2Tuned(), wrkTuned()} {
				if !b.can(s) || b.quick && s.tool != "" && rate > 1000 {
					continue
				}
				if err := b.pace(ctx, sink, s, rate, round, lasting); err != nil {
					return err
				}
			}
		}
	}
	b.latenessRows()
	return nil
}

// pace measures one sender once.
func (b *bench) pace(ctx context.Context, sink *consumer, s sender, rate, round int, lasting time.Duration) error {
	p, err := b.runPaced(ctx, sink, s, rate, settling+lasting)
	if err != nil {
		return fmt.Errorf("%s at %d/s: %w", s.name, rate, err)
	}
	add := func(name string, base int64) {
		p.sample.Sender, p.sample.Round = name, round
		l := behind(p.arrivals, base, rate)
		p.sample.Lateness = &l
		b.result.Samples = append(b.result.Samples, p.sample)
		b.say("   round %d  %-34s %6d/s: p50 %.0f µs, p99 %.0f µs, p99.9 %.0f µs; %.0f/s came, %.1f µs CPU each", round+1, name, rate, l.P50, l.P99, l.P999, p.sample.Rate, p.sample.CPU)
	}
	add(s.name+", "+fitted, best(p.arrivals, rate))
	if s.tool == "" {
		add(s.name, p.report.PlanStart.UnixNano())
	}
	return nil
}

const fitted = "best fit"

// runPaced runs a sender at a rate and lets ringback end by an interrupt, to have its report.
func (b *bench) runPaced(ctx context.Context, sink *consumer, s sender, rate int, lasting time.Duration, more ...string) (r paced, err error) {
	if err := sink.fresh(ctx, true); err != nil {
		return r, err
	}
	j := job{url: sink.url, connections: load, rate: rate, lasting: lasting + 10*time.Second, more: more}
	if s.tool == "wrk" { // its pauses are whole milliseconds
		j.connections = rate / 1000 * max(1, 50_000/rate)
	}
	env, command := b.command(s, j)
	p, err := b.start(ctx, clientCore, env, command)
	if err != nil {
		return r, err
	}
	defer p.kill()
	if err := awaitFirst(ctx, sink, p); err != nil {
		return r, err
	}
	if err := wait(ctx, settling); err != nil {
		return r, err
	}
	first, err := look(sink, p)
	if err != nil {
		return r, err
	}
	if err := wait(ctx, lasting-settling); err != nil {
		return r, err
	}
	second, err := look(sink, p)
	if err != nil {
		return r, err
	}
	r.sample = between(first, second)
	_, peak := p.memory()
	r.sample.Memory, r.sample.Offered, r.sample.Connections = peak/1e6, rate, j.connections
	r.sample.Command = strings.Join(command, " ")
	if s.tool == "" {
		if r.drain, err = p.interrupt(ctx, 30*time.Second); err != nil {
			return r, err
		}
		if err := r.report.read(p); err != nil {
			return r, err
		}
	}
	r.arrivals, err = sink.arrivals()
	return r, errors.Join(err, honest(s, r.sample.Counts))
}

// interrupt ends p as Ctrl-C does, and tells how long that took.
func (p *process) interrupt(ctx context.Context, most time.Duration) (time.Duration, error) {
	began := time.Now()
	p.cmd.Process.Signal(syscall.SIGINT)
	select {
	case <-p.done:
		return time.Since(began), nil
	case <-time.After(most):
		return most, fmt.Errorf("did not end within %s of an interrupt: %s", most, p.said())
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (r *ownReport) read(p *process) error {
	text, err := os.ReadFile(p.out)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, r); err != nil {
		return fmt.Errorf("the report of ringback: %w: %s", err, p.said())
	}
	return nil
}

// settled is the index of the first arrival after the settling.
func settled(all []arrival) int {
	for k := range all {
		if all[k].at-all[0].at >= int64(settling) {
			return k
		}
	}
	return len(all)
}

// best is the start of the schedule of which no arrival after the settling is too early.
func best(all []arrival, rate int) int64 {
	start := int64(math.MaxInt64)
	for k := settled(all); k < len(all); k++ {
		start = min(start, all[k].at-due(k, rate))
	}
	return start
}

// due is when the k-th notification is, in ns from the start.
func due(k, rate int) int64 { return int64(k) * 1e9 / int64(rate) }

// behind is how far, in µs, arrivals are behind an even schedule from base on.
func behind(all []arrival, base int64, rate int) spread {
	var us []float64
	for k := settled(all); k < len(all); k++ {
		us = append(us, float64(all[k].at-base-due(k, rate))/1e3)
	}
	return spreadOf(us)
}

// latenessRows puts the medians of the rounds into the table.
func (b *bench) latenessRows() {
	for _, rate := range rates() {
		for _, name := range []string{ours().name, ours().name + ", " + fitted, k6Tuned().name + ", " + fitted, wrk2Tuned().name + ", " + fitted, wrkTuned().name + ", " + fitted} {
			var p50, p99, came, cpu []float64
			for _, s := range b.result.Samples {
				if s.Sender != name || s.Offered != rate || s.Lateness == nil {
					continue
				}
				came, cpu = append(came, s.Rate), append(cpu, s.CPU)
				if s.Lateness.Count > 0 { // else all that came, came while it settled
					p50, p99 = append(p50, s.Lateness.P50), append(p99, s.Lateness.P99)
				}
			}
			if len(came) == 0 {
				continue
			}
			value := fmt.Sprintf("%.0f/s came, %.1f µs CPU each", median(came), median(cpu))
			if len(p50) > 0 {
				value = fmt.Sprintf("p50 %.0f µs, p99 %.0f µs; %s", median(p50), median(p99), value)
			}
			aim, said := "", ""
			if name == ours().name {
				aim = "p50 ≤ 50 µs, p99 ≤ 200 µs"
				said = slices.Max([]string{verdict(median(p50), 50, 50, true), verdict(median(p99), 200, 200, true)}) // "short" is the greater word
			}
			b.row(fmt.Sprintf("lateness of arrival at %d/s, %s", rate, name), value, aim, said, "bench/run lateness")
		}
	}
}
