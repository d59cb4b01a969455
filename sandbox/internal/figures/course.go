package figures

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/internal/report"
)

// mostPoints bounds a course. A point of a run of half a minute is an eighth of a second; of a longer one a quarter, a half and so on.
const (
	mostPoints = 240
	finest     = time.Second / 8
)

// longest is what a histogram tells apart from more, as in package emitter.
const longest = 24 * time.Hour

// course is a run over time.
type course struct {
	start   time.Time
	step    time.Duration
	buckets []bucket
}

// bucket is a part of the time. Its histograms are nil while there is nothing in them.
type bucket struct {
	Point
	latency, lateness *hdrhistogram.Histogram
}

// at is the bucket of a moment. What was before the start is at the start.
func (c *course) at(moment time.Time) *bucket {
	i := int(max(0, moment.Sub(c.start)) / c.step)
	for ; i >= mostPoints; i /= 2 {
		c.coarsen()
	}
	for len(c.buckets) <= i {
		c.buckets = append(c.buckets, bucket{})
	}
	return &c.buckets[i]
}

// coarsen makes one bucket of two.
func (c *course) coarsen() {
	c.step *= 2
	for i := range c.buckets {
		if i%2 == 0 {
			c.buckets[i/2] = c.buckets[i]
		} else {
			c.buckets[i/2].add(&c.buckets[i])
		}
	}
	c.buckets = c.buckets[:(len(c.buckets)+1)/2]
}

// add adds what happened in another bucket.
func (b *bucket) add(o *bucket) {
	b.Offered, b.Delivered, b.Attempts, b.Failures = b.Offered+o.Offered, b.Delivered+o.Delivered, b.Attempts+o.Attempts, b.Failures+o.Failures
	b.latency, b.lateness = together(b.latency, o.latency), together(b.lateness, o.lateness)
}

// together adds a histogram to another one; either may be nil.
func together(a, b *hdrhistogram.Histogram) *hdrhistogram.Histogram {
	if a == nil {
		return b
	}
	if b != nil {
		a.Merge(b)
	}
	return a
}

// note notes a time in a histogram of a bucket.
func note(h **hdrhistogram.Histogram, d time.Duration) {
	if *h == nil {
		*h = hdrhistogram.New(1, longest.Microseconds(), 2)
	}
	_ = (*h).RecordValue(min(max(d, 0), longest).Microseconds()) // it is in the range
}

// points are those in which something happened.
func (c *course) points() []Point {
	all := []Point{}
	for i := range c.buckets {
		if b := &c.buckets[i]; b.Offered+b.Attempts > 0 {
			p := b.Point
			p.At, p.Latency, p.Lateness = (time.Duration(i) * c.step).Seconds(), newTimes(b.latency), newTimes(b.lateness)
			all = append(all, p)
		}
	}
	return all
}

// newTimes is nil for a histogram with nothing in it.
func newTimes(h *hdrhistogram.Histogram) *Times {
	if h == nil || h.TotalCount() == 0 {
		return nil
	}
	at := h.ValueAtPercentile
	return &Times{h.TotalCount(), at(50), at(90), at(99), at(99.9), h.Max()}
}

// series is the course in whole seconds, as reports have it. The points are fewer behind it.
func (c *course) series() *report.Series {
	for c.step < time.Second {
		c.coarsen()
	}
	s := &report.Series{Step: int64(c.step / time.Second), Points: []report.Point{}}
	for i := range c.buckets {
		if b := &c.buckets[i]; b.Offered+b.Attempts > 0 {
			s.Points = append(s.Points, report.Point{At: int64(i+1) * s.Step, Offered: b.Offered, Accepted: b.Delivered, Attempts: b.Attempts, Failures: b.Failures,
				Latency: report.NewSpread(b.latency), Lateness: report.NewSpread(b.lateness)})
		}
	}
	return s
}
