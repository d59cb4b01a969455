package main

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// lateness compares moments of arrival at the sink with an even schedule: the k-th arrival
// with the k-th moment. Ringback's schedule begins when its report says. The others do not
// tell: theirs is laid through the arrival that makes them look best, so that their figures
// are without what all of their requests have in common, such as the way to the sink.
func (b *bench) lateness(ctx context.Context) error {
	if err := b.keepPace(ctx); err != nil {
		return err
	}
	for _, rate := range rates() {
		own := b.pacedSamples(ours(), rate)
		if len(own) == 0 {
			continue
		}
		p50, p99 := median(each(own, p50Of)), median(each(own, p99Of))
		fit := median(each(own, func(s sample) float64 { return s.Fitted.P50 }))
		b.row(fmt.Sprintf("lateness at the sink at %d/s, median", rate), fmt.Sprintf("%.0f µs, %.0f µs by the best fit; p99 %.0f µs", p50, fit, p99),
			"≤ 60 µs", verdict(p50, 60, 60, true)+b.beside(own), "bench/run lateness")
		for _, s := range []sender{vegetaStatic(), b.wrk2()} {
			all, theirs := b.pacedRatios(ours(), s, rate, p99Of), b.pacedSamples(s, rate)
			if len(all) == 0 {
				continue
			}
			b.row(fmt.Sprintf("p99 of lateness at %d/s ÷ that of %s", rate, s.name), fmt.Sprintf("%s; %.0f µs ÷ %.0f µs", ratioText(all), p99, median(each(theirs, p99Of)))+slow(ours(), own, rate)+slow(s, theirs, rate),
				aimText("≤", 0.25, 0.1), b.judged(s, rate, median(all), 0.25, 0.1)+b.beside(slices.Concat(own, theirs)), "bench/run lateness")
		}
	}
	return nil
}

func p50Of(s sample) float64 { return s.late().P50 }
func p99Of(s sample) float64 { return s.late().P99 }

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
