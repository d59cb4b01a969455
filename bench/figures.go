package main

import (
	"fmt"
	"math"
	"slices"
)

// median is the middle value; NaN of none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	values = slices.Sorted(slices.Values(values))
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

// each is one figure of each sample.
func each(samples []sample, figure func(sample) float64) (all []float64) {
	for _, s := range samples {
		all = append(all, figure(s))
	}
	return all
}

func cpuOfSample(s sample) float64 { return s.CPU }
func rateOf(s sample) float64      { return s.Rate }

// ratios divides a figure of one cell by that of another, round by round.
func (b *bench) ratios(over, under cell, figure func(sample) float64) []float64 {
	return quotients(b.samples(over), b.samples(under), figure)
}

// quotients divides a figure of samples by that of others, round by round.
func quotients(over, under []sample, figure func(sample) float64) (all []float64) {
	for i := range min(len(over), len(under)) {
		all = append(all, figure(over[i])/figure(under[i]))
	}
	return all
}

// verdict compares a value with an aim and a goal; less says that less is better.
func verdict(value, aim, goal float64, less bool) string {
	reached := func(bound float64) bool { return less && value <= bound || !less && value >= bound }
	switch {
	case math.IsNaN(value):
		return "not measured"
	case reached(goal):
		return "goal reached"
	case reached(aim):
		return "aim reached"
	}
	return "short"
}

// ratioText is the median and the span of ratios.
func ratioText(all []float64) string {
	if len(all) == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f (%.2f–%.2f)", median(all), slices.Min(all), slices.Max(all))
}

// spread is a distribution in µs.
type spread struct {
	Count uint64  `json:"count"`
	P50   float64 `json:"p50"`
	P99   float64 `json:"p99"`
	P999  float64 `json:"p99_9"`
	Max   float64 `json:"max"`
}

// spreadOf sorts its argument. Of nothing it is zero, with a count of 0.
func spreadOf(us []float64) spread {
	if len(us) == 0 {
		return spread{}
	}
	slices.Sort(us)
	at := func(p float64) float64 { return us[min(len(us)-1, int(p*float64(len(us))))] }
	return spread{uint64(len(us)), at(0.5), at(0.99), at(0.999), us[len(us)-1]}
}

// aimText is how an aim is written, and a goal beyond it.
func aimText(sign string, aim, goal float64) string {
	if aim == goal {
		return fmt.Sprintf("%s %g", sign, aim)
	}
	return fmt.Sprintf("%s %g, goal %g", sign, aim, goal)
}
