package main

import (
	"context"
	"fmt"
	"slices"
)

// paceAims are the aims for CPU time at a pace ÷ wrk2's static post, by rate; the goal is the same
// for all.
func paceAims() map[int]float64 {
	return map[int]float64{1000: 1.6, 5000: 2.0, 10_000: 2.2, 20_000: 1.8}
}

const paceGoal = 1.2

// pace compares CPU time at a rate, of signed notifications, with that of wrk2's static post. Where
// wrk2 is missing, a stand-in takes its place, and each row says so.
func (b *bench) pace(ctx context.Context) error {
	if err := b.keepPace(ctx); err != nil {
		return err
	}
	for _, rate := range rates() {
		for _, s := range []sender{b.wrk2(), standinByMoment(), vegetaStatic()} {
			all := b.pacedRatios(ours(), s, rate, cpuOfSample)
			if len(all) == 0 {
				continue
			}
			mine, theirs := b.pacedSamples(ours(), rate), b.pacedSamples(s, rate)
			value := fmt.Sprintf("%s; %s ÷ %s", ratioText(all), cpuText(mine), cpuText(theirs)) + slow(ours(), mine, rate) + slow(s, theirs, rate)
			aim, said := "reported", ""
			if s == b.wrk2() {
				aim = aimText("≤", paceAims()[rate], paceGoal)
				said = b.judged(s, rate, median(all), paceAims()[rate], paceGoal) + b.beside(slices.Concat(mine, theirs))
			}
			b.row(fmt.Sprintf("CPU at %d/s, paced and signed ÷ %s", rate, s.name), value, aim, said, "bench/run pace")
		}
	}
	return nil
}

// cpuText is the CPU time of samples: as a share of a core, and for each request.
func cpuText(all []sample) string {
	return fmt.Sprintf("%.1f %% of a core, %.1f µs each", 100*median(each(all, busyOf)), median(each(all, cpuOfSample)))
}

func busyOf(s sample) float64     { return s.Busy }
func switchesOf(s sample) float64 { return s.Switches }

// switches counts how often the kernel took a thread of ringback from its core, for each notification.
func (b *bench) switches(ctx context.Context) error {
	if err := b.keepPace(ctx); err != nil {
		return err
	}
	own := b.pacedSamples(ours(), switchRate)
	count := median(each(own, switchesOf))
	waits := median(each(own, func(s sample) float64 { return s.Waits }))
	b.row(fmt.Sprintf("context switches per notification at %d/s", switchRate), fmt.Sprintf("%.2f: %.2f voluntary, %.2f not", count, waits, count-waits),
		"≤ 2", verdict(count, 2, 2, true)+b.beside(own), "bench/run switches")
	return nil
}

// kept says whether samples came at the rate at which they were offered, but for a fiftieth.
func kept(all []sample, rate int) bool { return median(each(all, rateOf)) >= 0.98*float64(rate) }

// slow is what is told of a sender that did not keep a rate.
func slow(s sender, all []sample, rate int) string {
	if kept(all, rate) {
		return ""
	}
	return fmt.Sprintf("; only %.0f/s of %s came", median(each(all, rateOf)), s.name)
}

// judged is the verdict on a ratio at a rate. One of a sender that did not keep the rate is
// none: what it did not send cost it nothing, and would have been late.
func (b *bench) judged(under sender, rate int, ratio, aim, goal float64) string {
	switch {
	case !kept(b.pacedSamples(ours(), rate), rate):
		return "short: it did not keep the rate"
	case !kept(b.pacedSamples(under, rate), rate):
		return "not decided: the other did not keep the rate"
	}
	return verdict(ratio, aim, goal, true)
}
