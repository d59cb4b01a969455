package report

import (
	"errors"
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/internal/show"
)

// Distribution is a distribution of times in microseconds, to three digits.
type Distribution struct {
	Count int64 `json:"count"`
	P50   int64 `json:"p50"`
	P90   int64 `json:"p90"`
	P99   int64 `json:"p99"`
	P999  int64 `json:"p99_9"`
	Max   int64 `json:"max"`

	Histogram Histogram `json:"histogram"` // all times
}

// distribution is nil for a histogram with nothing in it.
func distribution(h *hdrhistogram.Histogram) *Distribution {
	if h == nil || h.TotalCount() == 0 {
		return nil
	}
	d := &Distribution{Histogram: Histogram{h}}
	d.complete()
	return d
}

// complete takes the figures from the histogram.
func (d *Distribution) complete() {
	h := d.Histogram.counts
	at := h.ValueAtPercentile
	d.Count, d.P50, d.P90, d.P99, d.P999, d.Max = h.TotalCount(), at(50), at(90), at(99), at(99.9), h.Max()
}

// counts is the histogram of a distribution, or nil if there is none.
func (d *Distribution) counts() *hdrhistogram.Histogram {
	if d == nil {
		return nil
	}
	return d.Histogram.counts
}

// merged is the distribution of all times together, exactly. The parts may be nil. Without
// the histogram of one of them it is an error.
func merged(parts ...*Distribution) (*Distribution, error) {
	all := hdrhistogram.New(1, longest.Microseconds(), digits)
	for _, d := range parts {
		switch {
		case d == nil:
			continue
		case d.Histogram.counts == nil:
			return nil, errors.New("it has figures without their histogram, so it cannot be merged")
		}
		if lost := all.Merge(d.Histogram.counts); lost > 0 {
			return nil, fmt.Errorf("%s are longer than %s", show.Counted(uint64(lost), "time"), longest)
		}
	}
	return distribution(all), nil
}

// The histograms of package emitter: whole microseconds, to three digits. Histograms of the
// same digits have the same buckets, so that adding them up loses nothing.
const (
	longest = 24 * time.Hour
	digits  = 3
)

// Histogram counts times in microseconds to three digits. Its text is the V2
// compressed encoding of HdrHistogram in Base64, which libraries of many languages read.
type Histogram struct{ counts *hdrhistogram.Histogram }

// MarshalText encodes it; what holds nothing is empty.
func (h Histogram) MarshalText() ([]byte, error) {
	if h.counts == nil {
		return nil, nil
	}
	return h.counts.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
}

// mostEncoded is far above what a histogram of this kind can take, in bytes.
const mostEncoded = 1 << 20

// UnmarshalText decodes it, and refuses histograms that could not be added up exactly.
func (h *Histogram) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	if len(text) > mostEncoded {
		return fmt.Errorf("histogram: %d bytes are too long", len(text))
	}
	counts, err := hdrhistogram.Decode(text)
	if err != nil {
		return fmt.Errorf("histogram: %w", err)
	}
	if counts.SignificantFigures() != digits || counts.LowestTrackableValue() != 1 || counts.HighestTrackableValue() > longest.Microseconds() {
		return fmt.Errorf("histogram: want %d digits from 1 µs to %s, got %d digits from %d to %d", digits, longest,
			counts.SignificantFigures(), counts.LowestTrackableValue(), counts.HighestTrackableValue())
	}
	h.counts = counts
	return nil
}
