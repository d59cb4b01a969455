package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"
)

// rates are those at which senders keep a pace, a second.
func rates() []int { return []int{1000, 5000, 10_000, 20_000} }

// switchRate is the rate at which switches are counted.
const switchRate = 5000

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

// keepPace measures at once, for all lines that were asked for, the senders that keep a pace: in
// turns, and backwards every other round. What was measured before is not measured again.
func (b *bench) keepPace(ctx context.Context) error {
	lasting, rounds := 5*time.Second, b.rounds
	if b.quick {
		lasting, rounds = 2*time.Second, 1
	}
	senders := slices.DeleteFunc(pacing(), func(s sender) bool { return !b.can(s) })
	if len(b.pacedSamples(ours(), switchRate)) > 0 {
		return nil
	}
	sink, err := b.consume(ctx)
	if err != nil {
		return err
	}
	defer sink.kill()
	for round := range rounds {
		slices.Reverse(senders)
		for _, rate := range rates() {
			if rate != switchRate && !b.asked("pace") && !b.asked("lateness") {
				continue
			}
			for _, s := range senders {
				if b.quick && s.tool == "k6" && rate > 1000 {
					continue // it takes most of its core
				}
				if err := b.pacedRound(ctx, sink, s, rate, round, lasting); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// pacedRound measures one sender once.
func (b *bench) pacedRound(ctx context.Context, sink *consumer, s sender, rate, round int, lasting time.Duration) error {
	p, err := b.runPaced(ctx, sink, s, rate, settling+lasting)
	if err != nil {
		return fmt.Errorf("%s at %d/s: %w", s.name, rate, err)
	}
	p.sample.Sender, p.sample.Round = s.name, round
	fitted := behind(p.arrivals, best(p.arrivals, rate), rate)
	p.sample.Fitted = &fitted
	if s.tool == "" {
		own := behind(p.arrivals, p.report.PlanStart.UnixNano(), rate)
		p.sample.Lateness = &own
	}
	b.result.Samples = append(b.result.Samples, p.sample)
	l := p.sample.late()
	b.say("   round %d  %-28s %6d/s  %5.1f %% of a core  %6.1f µs  late p50 %.0f µs, p99 %.0f µs  %.2f switches  %.0f/s came, others %.0f %%",
		round+1, s.name, rate, 100*p.sample.Busy, p.sample.CPU, l.P50, l.P99, p.sample.Switches, p.sample.Rate, 100*p.sample.Others)
	return nil
}

// late is the lateness of arrival: against the schedule that the sender told, or else against the one that fits best.
func (s sample) late() spread {
	switch {
	case s.Lateness != nil:
		return *s.Lateness
	case s.Fitted != nil:
		return *s.Fitted
	}
	return spread{}
}

// pacedSamples are those of a sender at a rate, by round.
func (b *bench) pacedSamples(s sender, rate int) (found []sample) {
	for _, each := range b.result.Samples {
		if each.Sender == s.name && each.Offered == rate && each.Fitted != nil {
			found = append(found, each)
		}
	}
	return found
}

// pacedRatios divides a figure of one sender at a rate by that of another, round by round.
func (b *bench) pacedRatios(over, under sender, rate int, figure func(sample) float64) []float64 {
	return quotients(b.pacedSamples(over, rate), b.pacedSamples(under, rate), figure)
}

// runPaced runs a sender at a rate and lets ringback end by an interrupt, to have its report.
func (b *bench) runPaced(ctx context.Context, sink *consumer, s sender, rate int, lasting time.Duration, more ...string) (r paced, err error) {
	if err := sink.fresh(ctx, true); err != nil {
		return r, err
	}
	j := job{url: sink.url, connections: load, rate: rate, lasting: lasting + 10*time.Second, more: more}
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
	if r.sample, err = b.window(ctx, sink, p, lasting-settling); err != nil {
		return r, err
	}
	r.sample.Offered, r.sample.Connections, r.sample.Command = rate, j.connections, strings.Join(command, " ")
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
