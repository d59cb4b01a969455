package report

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/HdrHistogram/hdrhistogram-go"
)

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
