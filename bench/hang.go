package main

import (
	"context"
	"fmt"
	"time"
)

// mostHanging is the documented bound of memory while a target hangs, in MB.
const mostHanging = 256

// hang offers 10,000 notifications a second to a target that reads and never answers, and
// then interrupts.
func (b *bench) hang(ctx context.Context) error {
	const rate = 10_000
	lasting := time.Minute
	if b.quick {
		lasting = 5 * time.Second
	}
	sink, err := b.consume(ctx, "--hang")
	if err != nil {
		return err
	}
	defer sink.kill()
	if err := sink.fresh(ctx, false); err != nil {
		return err
	}
	env, command := b.command(ours(), job{url: sink.url, connections: load, rate: rate, lasting: lasting})
	p, err := b.start(ctx, clientCore, env, command)
	if err != nil {
		return err
	}
	defer p.kill()
	if err := awaitFirst(ctx, sink, p); err != nil {
		return err
	}
	most := 0.0
	for began := time.Now(); time.Since(began) < lasting && !p.ended(); {
		if err := wait(ctx, 200*time.Millisecond); err != nil {
			return err
		}
		now, _ := p.memory()
		most = max(most, now/1e6)
	}
	_, peak := p.memory()
	most = max(most, peak/1e6)
	drain, err := p.interrupt(ctx, time.Minute)
	if err != nil {
		return err
	}
	var r ownReport
	if err := r.read(p); err != nil {
		return err
	}
	t := r.Total
	sum := t.Accepted + t.GivenUp + t.Undelivered + t.NotSent + t.Refused + t.WronglyAccepted + t.Dropped
	offered := uint64(rate * int(lasting.Seconds()))
	lost := int64(t.Matched) - int64(sum)
	b.row(fmt.Sprintf("a target that hangs, %d/s for %s: memory", rate, lasting), fmt.Sprintf("%.0f MB at most", most),
		fmt.Sprintf("≤ %d MB", mostHanging), verdict(most, mostHanging, mostHanging, true), "bench/run hang")
	b.row("the same: accounted for", fmt.Sprintf("%d of %d: %d not sent, %d given up, %d undelivered, %d accepted; %d were to be offered", sum, t.Matched, t.NotSent, t.GivenUp, t.Undelivered, t.Accepted, offered),
		"all", verdict(float64(max(lost, -lost))+max(0, 0.99*float64(offered)-float64(t.Matched)), 0, 0, true), "bench/run hang")
	b.row("the same: from the interrupt to the end", fmt.Sprintf("%.1f s", drain.Seconds()), "< 11 s", verdict(drain.Seconds(), 11, 11, true), "bench/run hang")
	return nil
}
