package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// cell is a sender with so many connections.
type cell struct {
	sender
	connections int
}

// sample is what one window showed.
type sample struct {
	Sender      string  `json:"sender"`
	Connections int     `json:"connections"`
	Round       int     `json:"round"`
	Offered     int     `json:"offered_per_second,omitempty"`
	CPU         float64 `json:"cpu_us"`      // of the sender, for each request
	Rate        float64 `json:"per_second"`  // at the sink
	Memory      float64 `json:"peak_rss_mb"` // of the sender
	Busy        float64 `json:"busy"`        // share of its core that the sender used
	SinkBusy    float64 `json:"sink_busy"`   // share of its core that the sink used
	Counts      counts  `json:"counts"`      // at the sink since the sender began
	Command     string  `json:"command"`
	Switches    float64 `json:"context_switches"`   // of the threads of the sender, for each request
	Waits       float64 `json:"voluntary_switches"` // of these, those by which a thread waited
	Others      float64 `json:"others"`             // cores that other programs had

	Lateness *spread `json:"lateness_us,omitempty"`        // against the schedule that ringback reports
	Fitted   *spread `json:"fitted_lateness_us,omitempty"` // against the schedule that fits best
}

// play measures the cells in turns: every round has each of them once, and every other
// round goes backwards. Cells already measured are not measured again.
func (b *bench) play(ctx context.Context, cells []cell) error {
	cells = slices.DeleteFunc(cells, func(c cell) bool { return !b.can(c.sender) || len(b.samples(c)) > 0 })
	if len(cells) == 0 {
		return nil
	}
	plain, err := b.consume(ctx)
	if err != nil {
		return err
	}
	defer plain.kill()
	secure, err := b.consume(ctx, "--tls")
	if err != nil {
		return err
	}
	defer secure.kill()
	for round := range b.rounds {
		slices.Reverse(cells)
		for _, c := range cells {
			sink := plain
			if c.tls {
				sink = secure
			}
			s, err := b.watch(ctx, sink, c)
			if err != nil {
				return err
			}
			s.Round = round
			b.result.Samples = append(b.result.Samples, s)
			b.say("   round %d  %-28s %3d connections  %6.1f µs  %7.0f/s  %5.0f MB  cores %3.0f %% and %3.0f %%", round+1, c.name, c.connections, s.CPU, s.Rate, s.Memory, 100*s.Busy, 100*s.SinkBusy)
		}
	}
	return nil
}

// samples are those of a cell, by round.
func (b *bench) samples(c cell) (found []sample) {
	for _, s := range b.result.Samples {
		if s.Sender == c.name && s.Connections == c.connections && s.Offered == 0 {
			found = append(found, s)
		}
	}
	return found
}

// watch runs a sender at full speed, lets it warm up, and looks at it twice.
func (b *bench) watch(ctx context.Context, sink *consumer, c cell) (s sample, err error) {
	if err := sink.fresh(ctx, false); err != nil {
		return s, err
	}
	env, command := b.command(c.sender, job{url: sink.url, ca: sink.ca, connections: c.connections, lasting: time.Hour})
	p, err := b.start(ctx, clientCore, env, command)
	if err != nil {
		return s, err
	}
	defer p.kill()
	if err := awaitFirst(ctx, sink, p); err != nil {
		return s, fmt.Errorf("%s: %w", c.name, err)
	}
	if err := wait(ctx, b.warm); err != nil {
		return s, err
	}
	s, err = b.window(ctx, sink, p, b.watched)
	if err != nil {
		return s, err
	}
	if p.ended() {
		return s, fmt.Errorf("%s ended early: %s", c.name, p.said())
	}
	s.Sender, s.Connections, s.Command = c.name, c.connections, strings.Join(command, " ")
	return s, honest(c.sender, s.Counts)
}

// window looks at a sender and its sink twice.
func (b *bench) window(ctx context.Context, sink *consumer, p *process, lasting time.Duration) (s sample, err error) {
	first, err := b.look(sink, p)
	if err != nil {
		return s, err
	}
	if err := wait(ctx, lasting); err != nil {
		return s, err
	}
	second, err := b.look(sink, p)
	if err != nil {
		return s, err
	}
	s = between(first, second)
	_, peak := p.memory()
	s.Memory = peak / 1e6
	return s, nil
}

// fresh waits until what the last sender left behind is gone, and resets the counts.
func (c *consumer) fresh(ctx context.Context, keep bool) error {
	if err := wait(ctx, 150*time.Millisecond); err != nil {
		return err
	}
	return c.reset(keep)
}

func awaitFirst(ctx context.Context, sink *consumer, p *process) error {
	for began := time.Now(); time.Since(began) < time.Minute; {
		n, err := sink.report()
		if err != nil {
			return err
		}
		if n.Requests > 0 {
			return nil
		}
		if p.ended() {
			return fmt.Errorf("ended before its first request: %s", p.said())
		}
		if err := wait(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
	return fmt.Errorf("no request for a minute: %s", p.said())
}

// sight is how things stand at a moment.
type sight struct {
	counts
	cpu, sinkCPU, own time.Duration
	spare             time.Duration // of both cores, that nobody wanted; -1: unknown
	switches          map[int]switches
}

// look reads how things stand. What takes long to read comes first at the sender's side, so that
// its CPU time and the requests are of one moment.
func (b *bench) look(sink *consumer, p *process) (s sight, err error) {
	s.switches = p.switches()
	s.counts, err = sink.report()
	s.cpu, s.sinkCPU, s.own = p.cpu(), sink.cpu(), clockOf(os.Getpid())
	for _, spinner := range b.spinners {
		s.spare += spinner.cpu()
	}
	if len(b.spinners) == 0 {
		s.spare = -1
	}
	return s, err
}

func between(first, second sight) sample {
	requests := float64(second.Requests - first.Requests)
	took := float64(second.Now-first.Now) / 1e9
	s := sample{
		CPU:      (second.cpu - first.cpu).Seconds() * 1e6 / requests,
		Rate:     requests / took,
		Busy:     (second.cpu - first.cpu).Seconds() / took,
		SinkBusy: (second.sinkCPU - first.sinkCPU).Seconds() / took,
		Counts:   second.counts,
	}
	if first.spare >= 0 {
		known := second.cpu - first.cpu + second.sinkCPU - first.sinkCPU + second.own - first.own + second.spare - first.spare
		s.Others = max(0, 2-known.Seconds()/took)
	}
	for thread, n := range second.switches {
		s.Waits += float64(n.voluntary-first.switches[thread].voluntary) / requests
		s.Switches += float64(n.all()-first.switches[thread].all()) / requests
	}
	return s
}

// honest checks that a sender did what it is compared for.
func honest(s sender, n counts) error {
	switch {
	case n.Malformed > 0:
		return fmt.Errorf("%s: %d requests are none", s.name, n.Malformed)
	case !s.signed:
		return nil
	case n.Duplicates > 0 || n.WithoutID > 0:
		return fmt.Errorf("%s: %d ids came twice, %d requests had none", s.name, n.Duplicates, n.WithoutID)
	case n.Wrong > 0 || n.Checked == 0 || n.Signed != n.Requests:
		return fmt.Errorf("%s: %d of %d requests were signed, %d of %d signatures checked are wrong", s.name, n.Signed, n.Requests, n.Wrong, n.Checked)
	}
	return nil
}
