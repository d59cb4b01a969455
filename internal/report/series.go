package report

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/emitter"
)

// mostPoints bounds a series: a run of an hour has a point for each second. A longer one has
// one for two seconds, four and so on.
const mostPoints = 3600

// Series is the course of a run over time. The zero value is ready for Add. It is not safe for
// concurrent use, and holds at most 3,600 points, however long the run is.
type Series struct {
	Step   int64   `json:"step_s"` // seconds that a point stands for: 1, 2, 4 …; 0 if there is none
	Points []Point `json:"points"` // in the order of time, without those in which nothing was seen

	seen    emitter.Counts // the counts of the last snapshot
	offered uint64         // of the last snapshot
}

// Point is what happened in the seconds before a moment; of the last point, in a part of them.
// Where several seconds became one point, counts are sums, and Live and Queued are maxima.
type Point struct {
	At int64 `json:"at_s"` // seconds from the beginning of the run to the end of the point

	Offered  uint64 `json:"offered"`  // notifications whose moment came
	Accepted uint64 `json:"accepted"` // notifications
	NotSent  uint64 `json:"not_sent"` // notifications
	Attempts uint64 `json:"attempts"` // that ended
	Failures uint64 `json:"failures"` // attempts that failed, and notifications that ended while they waited

	Live   int `json:"live"`   // conversations
	Queued int `json:"queued"` // conversations that wait for an agent

	Latency  *Spread `json:"latency_us"`  // null if nothing was answered
	Lateness *Spread `json:"lateness_us"` // null if nothing was sent, and at speed max
}

// Add adds what happened since the previous snapshot. Called once a second it makes a point a
// second; calls may be a quarter of a second late.
func (s *Series) Add(now emitter.Snapshot) {
	const delay = 250 * time.Millisecond
	if now.At.IsZero() || now.Started.IsZero() {
		return // the run has not begun
	}
	second := max(1, int64(math.Ceil((now.At.Sub(now.Started) - delay).Seconds())))
	p := Point{At: second, Offered: since(s.offered, now.Offered),
		Accepted: since(s.seen.Accepted, now.Total.Accepted), NotSent: since(s.seen.NotSent, now.Total.NotSent),
		Attempts: since(s.seen.Attempts, now.Total.Attempts), Failures: since(failures(&s.seen), failures(&now.Total)),
		Live: now.Live, Queued: now.Queued, Latency: newSpread(now.Latency)}
	if now.Speed < emitter.Max {
		p.Lateness = newSpread(now.Lateness)
	}
	s.seen, s.offered = now.Total, now.Offered
	if s.Step == 0 {
		s.Step = 1
	}
	s.put(p)
	c := s.coarse(mostPoints)
	s.Step, s.Points = c.Step, c.Points
}

// since is how far a count went on.
func since(before, now uint64) uint64 { return max(now, before) - before }

func failures(t *emitter.Counts) (n uint64) {
	for _, f := range t.Failures {
		n += f.Count
	}
	return n
}

// put adds a point that is not earlier than the last one.
func (s *Series) put(p Point) {
	p.At = (p.At + s.Step - 1) / s.Step * s.Step
	if n := len(s.Points); n > 0 && s.Points[n-1].At >= p.At {
		last := &s.Points[n-1]
		last.Offered += p.Offered
		last.Accepted += p.Accepted
		last.NotSent += p.NotSent
		last.Attempts += p.Attempts
		last.Failures += p.Failures
		last.Latency, last.Lateness = last.Latency.together(p.Latency), last.Lateness.together(p.Lateness)
		last.Live, last.Queued = max(last.Live, p.Live), max(last.Queued, p.Queued)
		return
	}
	s.Points = append(s.Points, p)
}

// coarse is a series of the same run with at most so many points; itself if it has no more.
func (s *Series) coarse(most int) *Series {
	c := s
	for len(c.Points) > most {
		next := &Series{Step: 2 * c.Step}
		for _, p := range c.Points {
			next.put(p)
		}
		c = next
	}
	return c
}

// Spread is how long things took in a part of a run, in µs. P50 and P99 of a second of one
// run are exact to three digits. Of several seconds or runs together, they come from the
// buckets, and may be too high by a sixteenth. Max is always as exact as it was.
type Spread struct {
	P50     int64   `json:"p50"`
	P99     int64   `json:"p99"`
	Max     int64   `json:"max"`
	Buckets Buckets `json:"buckets"`
}

// Buckets are the longest time of each bucket with something in it, in order, and how much.
// From a power of two to the next there are 16. As text it is "31:4 63:10", so that an hour
// of seconds does not fill a file with lines.
type Buckets [][2]int64

// MarshalText writes all buckets.
func (b Buckets) MarshalText() (text []byte, err error) {
	for i, pair := range b {
		if i > 0 {
			text = append(text, ' ')
		}
		text = fmt.Appendf(text, "%d:%d", pair[0], pair[1])
	}
	return text, nil
}

// UnmarshalText reads what MarshalText wrote, and refuses buckets that could not be added up.
func (b *Buckets) UnmarshalText(text []byte) error {
	*b = nil
	last := int64(-1)
	for _, field := range strings.Fields(string(text)) {
		top, n, _ := strings.Cut(field, ":")
		value, err := strconv.ParseInt(top, 10, 64)
		count, bad := strconv.ParseInt(n, 10, 64)
		switch {
		case err != nil || bad != nil || value < 0 || count < 1:
			return fmt.Errorf("buckets: want a time and a number such as 31:4, got %q", field)
		case value <= last || value != bucketTop(value):
			return fmt.Errorf("buckets: there is no bucket %d behind %d", value, last)
		}
		last = value
		*b = append(*b, [2]int64{value, count})
	}
	return nil
}

// NewSpread is how long things took, nil if the histogram has nothing in it.
func NewSpread(h *hdrhistogram.Histogram) *Spread { return newSpread(h) }

// newSpread is nil for a histogram with nothing in it.
func newSpread(h *hdrhistogram.Histogram) *Spread {
	if h == nil || h.TotalCount() == 0 {
		return nil
	}
	s := &Spread{P50: h.ValueAtPercentile(50), P99: h.ValueAtPercentile(99), Max: h.Max()}
	for _, b := range h.Distribution() {
		if b.Count == 0 {
			continue
		}
		top := bucketTop(b.From)
		if n := len(s.Buckets); n > 0 && s.Buckets[n-1][0] == top {
			s.Buckets[n-1][1] += b.Count
		} else {
			s.Buckets = append(s.Buckets, [2]int64{top, b.Count})
		}
	}
	return s
}

// bucketTop is the highest number whose first five binary digits are those of v. Every bucket
// of a histogram of three decimal digits lies within one of these.
func bucketTop(v int64) int64 {
	const binaryDigits = 5
	rest := max(0, bits.Len64(uint64(v))-binaryDigits)
	return v | (1<<rest - 1)
}

// together is the spread of both; either may be nil. Neither is changed.
func (s *Spread) together(o *Spread) *Spread {
	if s == nil {
		return o
	}
	if o == nil {
		return s
	}
	sum := &Spread{Max: max(s.Max, o.Max)}
	all := slices.Concat(s.Buckets, o.Buckets)
	slices.SortFunc(all, func(a, b [2]int64) int { return cmp.Compare(a[0], b[0]) })
	for _, b := range all {
		if n := len(sum.Buckets); n > 0 && sum.Buckets[n-1][0] == b[0] {
			sum.Buckets[n-1][1] += b[1]
		} else {
			sum.Buckets = append(sum.Buckets, b)
		}
	}
	sum.P50, sum.P99 = sum.atPercent(50), sum.atPercent(99)
	return sum
}

// atPercent is a time that so many percent of all do not exceed.
func (s *Spread) atPercent(percent int64) int64 {
	var all, seen int64
	for _, b := range s.Buckets {
		all += b[1]
	}
	for _, b := range s.Buckets {
		if seen += b[1]; seen*100 >= all*percent {
			return min(b[0], s.Max)
		}
	}
	return s.Max
}

// mergedSeries adds up series by time, moved by whole seconds to the first beginning. It is
// nil if one of them is, or if years lie between the beginnings.
func mergedSeries(all []*Summary, begin time.Time) *Series {
	sum := &Series{Step: 1}
	for _, s := range all {
		if s.Series == nil {
			return nil
		}
		sum.Step = max(sum.Step, s.Series.Step)
	}
	var points []Point
	for _, s := range all {
		later := int64(s.Started.Sub(begin).Round(time.Second) / time.Second)
		if later > longestRun {
			return nil
		}
		part := &Series{Step: sum.Step}
		for _, p := range s.Series.Points {
			p.At += later
			part.put(p)
		}
		points = append(points, part.Points...)
	}
	slices.SortStableFunc(points, func(a, b Point) int { return cmp.Compare(a.At, b.At) })
	for _, p := range points {
		if n := len(sum.Points); n > 0 && sum.Points[n-1].At == p.At { // at once, so that the sum and not the maximum counts
			p.Live, p.Queued = p.Live+sum.Points[n-1].Live, p.Queued+sum.Points[n-1].Queued
		}
		sum.put(p)
	}
	return sum.coarse(mostPoints)
}
