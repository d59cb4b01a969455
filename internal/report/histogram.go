package report

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// bar is a range of times and how many fell into it.
type bar struct {
	Below time.Duration // exclusive
	Count int64
}

// latencyBars counts times in ranges that double, from the one with the shortest time to
// the one with the longest; the first ends at 1 ms at the earliest possible, or at a half, a
// quarter … of it.
func latencyBars(h *hdrhistogram.Histogram) (bars []bar) {
	if h == nil || h.TotalCount() == 0 {
		return nil
	}
	const shortest = 62500 * time.Nanosecond // 1/16 ms
	below := shortest
	for below <= time.Duration(h.Min())*time.Microsecond {
		below *= 2
	}
	bars = []bar{{Below: below}}
	for _, b := range h.Distribution() {
		if b.Count == 0 {
			continue
		}
		for time.Duration(b.From)*time.Microsecond >= bars[len(bars)-1].Below {
			bars = append(bars, bar{Below: 2 * bars[len(bars)-1].Below})
		}
		bars[len(bars)-1].Count += b.Count
	}
	return bars
}
