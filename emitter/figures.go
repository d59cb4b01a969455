package emitter

import (
	"cmp"
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/emitter/internal/wire"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/scenario/fault"
)

// longestTracked is the most that a histogram tells apart from more.
const longestTracked = 24 * time.Hour

// newHistogram returns one of 3 digits for a run, in 220 KB, or of 2 for a second, in 28 KB, so
// that looking at a run does not disturb it.
func newHistogram(digits int) *hdrhistogram.Histogram {
	return hdrhistogram.New(1, longestTracked.Microseconds(), digits)
}

// record files d, cut to what the histogram can hold, so that there is no error.
func record(h *hdrhistogram.Histogram, d time.Duration) {
	h.RecordValue(min(max(d, 0), longestTracked).Microseconds())
}

func newFigures() Figures {
	t := Figures{Lateness: newHistogram(3), Latency: newHistogram(3)}
	t.Add(new(Counts)) // makes the maps
	return t
}

// Record counts a row that was kept elsewhere as a run counts its own. One without Due tells nothing of lateness. Matched is for the
// caller to count.
func (t *Figures) Record(a *Attempt) {
	if t.Latency == nil {
		counted := t.Counts
		*t = newFigures()
		t.Counts.Add(&counted)
	}
	t.add(a)
}

// add counts a row.
func (t *Figures) add(a *Attempt) {
	if a.Failure.Class == ClassStale {
		t.Stale++
		t.stale = cmp.Or(t.stale, a.Failure.Text)
		return
	}
	for i := range counters {
		if k := &counters[i]; k.outcome == a.Outcome {
			*k.in(&t.Counts)++
		}
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
	if a.Fault.Row().Want == fault.Finish {
		t.unusable[a.Status]++
	} else if a.Outcome == Refused {
		t.rightly[a.Status]++
	}
	if a.crowded {
		t.Crowded++
		if a.Lateness > latestOfAll {
			t.CrowdedLate++
		}
	}
	if a.limited {
		t.FileLimited++
	}
	t.time(a)
}

// time records how long an attempt took, and how late it was.
func (t *Figures) time(a *Attempt) {
	if (a.Status != 0 || a.Failure.Class == ClassTimeout) && a.Fault != fault.SlowBody { // which takes time by itself
		record(t.Latency, a.Latency)
	}
	if !a.Due.IsZero() {
		record(t.Lateness, a.Lateness)
	}
}

// judge counts a final row for the fault that it is about.
func (t *Figures) judge(a *Attempt) {
	if a.Fault == fault.None || a.Outcome == Retrying {
		return
	}
	f := t.Faults[a.Fault]
	switch a.Outcome {
	case Accepted:
		f.Accepted++
		f.Right++
	case Refused, Dropped:
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

func (t *Figures) addFailure(a *Attempt) {
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
