package emitter

import (
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/emitter/internal/wire"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/scenario/fault"
)

// longestTracked is the most that a histogram tells apart from more; 220 KB hold it to
// three digits.
const longestTracked = 24 * time.Hour

func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, longestTracked.Microseconds(), 3)
}

// record files d, cut to what the histogram can hold, so that there is no error.
func record(h *hdrhistogram.Histogram, d time.Duration) {
	h.RecordValue(min(max(d, 0), longestTracked).Microseconds())
}

func newTally() Tally {
	t := newCounts()
	t.Lateness, t.Latency = newHistogram(), newHistogram()
	return t
}

// newCounts is a tally without histograms.
func newCounts() Tally {
	return Tally{
		Statuses: make(map[int]uint64),
		Failures: make(map[Class]FailuresOfClass),
		Faults:   make(map[fault.Kind]FaultsOfKind),
		rightly:  make(map[int]uint64),
	}
}

// add counts a row.
func (t *Tally) add(a *Attempt) {
	switch a.Outcome {
	case Accepted:
		t.Accepted++
	case GivenUp:
		t.GivenUp++
	case Undelivered:
		t.Undelivered++
	case NotSent:
		t.NotSent++
	case Refused:
		t.Refused++
	case WronglyAccepted:
		t.WronglyAccepted++
	case Dropped:
		t.Dropped++
	}
	t.judge(a)
	if a.Failure.Class != "" {
		t.addFailure(a)
	}
	if a.Closing() {
		return
	}
	t.Attempts++
	if a.Number > 1 {
		t.Retries++
	}
	if a.Number == 2 {
		t.Retried++
	}
	if a.Status != 0 {
		t.Statuses[a.Status]++
	}
	if a.Outcome == Refused {
		t.rightly[a.Status]++
	}
	if a.crowded {
		t.Crowded++
		if a.Lateness > latestOfAll {
			t.CrowdedLate++
		}
	}
	if a.timed() {
		record(t.Latency, a.Latency)
	}
	record(t.Lateness, a.Lateness)
}

// judge counts a final row for the fault that it is about.
func (t *Tally) judge(a *Attempt) {
	if a.Fault == fault.None || a.Outcome == Retrying {
		return
	}
	f := t.Faults[a.Fault]
	switch a.Outcome {
	case Accepted, Refused, Dropped:
		f.Right++
	case Undelivered, NotSent:
		f.Open++
	case WronglyAccepted:
		f.WronglyAccepted++
		fallthrough
	default:
		if f.Wrong++; f.Example == "" {
			f.Example = a.Failure.String()
		}
	}
	t.Faults[a.Fault] = f
}

func (t *Tally) addFailure(a *Attempt) {
	f, known := t.Failures[a.Failure.Class]
	f.Count++
	if !known {
		f.Example = a.Failure.Text
		if len(a.Excerpt) > 0 {
			f.Example += fmt.Sprintf(" %q", show.Line(string(a.Excerpt), wire.MaxText))
		}
	}
	t.Failures[a.Failure.Class] = f
}

// merge adds what another tally counted.
func (t *Tally) merge(o *Tally) {
	t.Matched += o.Matched
	t.Accepted += o.Accepted
	t.GivenUp += o.GivenUp
	t.Undelivered += o.Undelivered
	t.NotSent += o.NotSent
	t.Refused += o.Refused
	t.WronglyAccepted += o.WronglyAccepted
	t.Dropped += o.Dropped
	t.Attempts += o.Attempts
	t.Retries += o.Retries
	t.Retried += o.Retried
	t.NoRoom += o.NoRoom
	t.NewConnections += o.NewConnections
	t.Crowded += o.Crowded
	t.CrowdedLate += o.CrowdedLate
	t.Silent = t.Silent || o.Silent
	for status, n := range o.Statuses {
		t.Statuses[status] += n
	}
	for status, n := range o.rightly {
		t.rightly[status] += n
	}
	for class, f := range o.Failures {
		sum, known := t.Failures[class]
		if !known {
			sum.Example = f.Example
		}
		sum.Count += f.Count
		t.Failures[class] = sum
	}
	for kind, f := range o.Faults {
		sum := t.Faults[kind]
		if sum.Example == "" {
			sum.Example = f.Example
		}
		sum.Right += f.Right
		sum.Wrong += f.Wrong
		sum.Open += f.Open
		sum.WronglyAccepted += f.WronglyAccepted
		t.Faults[kind] = sum
	}
	if o.Lateness != nil {
		t.Lateness.Merge(o.Lateness)
		t.Latency.Merge(o.Latency)
	}
}
