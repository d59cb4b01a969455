package main

import (
	"context"
	"fmt"
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
			value := fmt.Sprintf("%s; %s ÷ %s", ratioText(all), cpuText(mine), cpuText(theirs))
			aim, said := "reported", ""
			if s == b.wrk2() {
				aim = aimText("≤", paceAims()[rate], paceGoal)
				said = verdict(median(all), paceAims()[rate], paceGoal, true)
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
