package report

import (
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/show"
)

// Stopped is why a run was ended before its plan was: a condition that was given beforehand.
type Stopped struct {
	When  string `json:"when"`     // the condition, such as "refused > 5% for 30s"
	Was   string `json:"was"`      // what was found, such as "it was 12%"
	After int64  `json:"after_us"` // from the beginning of the run, in microseconds
}

// NewStopped is a condition that held some time after the beginning of a run.
func NewStopped(when, was string, after time.Duration) *Stopped {
	return &Stopped{When: when, Was: was, After: after.Microseconds()}
}

// String is a sentence for reports and errors.
func (s *Stopped) String() string {
	return fmt.Sprintf("stopped %s after the beginning: %s: %s", show.Duration(time.Duration(s.After)*time.Microsecond), s.When, s.Was)
}

// Stopper judges conditions that end a run while it goes on. Its zero value has none. It is not safe for concurrent use. It keeps
// figures for each second of the longest window, and of times only what a condition asks for.
type Stopper struct {
	Conditions []gate.Stop

	longest time.Duration
	seen    []second // the last of them within the longest window, and the one before
}

// second is what was known at a moment, and the times since the second before.
type second struct {
	at    time.Time
	total emitter.Counts

	latency, lateness, pacing *hdrhistogram.Histogram // nil unless asked for
	scheduled                 bool
}

// Add adds what happened since the previous snapshot, and returns the first condition that holds now, or nil. It wants a snapshot
// a second. A pause begins all windows anew, for what does not happen in it is nobody's fault. A figure without data, such as a
// share of nothing, holds nothing.
func (s *Stopper) Add(now *emitter.Snapshot) *Stopped {
	if len(s.Conditions) == 0 || now.At.IsZero() || now.Started.IsZero() {
		return nil
	}
	if now.Paused {
		s.seen = nil
	}
	if len(s.seen) == 0 && !now.Paused { // also the beginning of the run
		first := second{at: now.Started}
		if now.At.Sub(now.Started) > 2*lateLook {
			first = second{at: now.At, total: now.Total}
		}
		s.seen = append(s.seen, first)
	}
	if !now.Paused {
		s.keep(now)
	}
	for _, c := range s.Conditions {
		if value, ok := s.value(c, now); ok && c.Holds(value) {
			return NewStopped(c.String(), "it was "+c.Show(value), now.At.Sub(now.Started))
		}
	}
	return nil
}

// lateLook is how far looks once a second may be apart.
const lateLook = time.Second

// keep files a snapshot, and forgets what no window reaches any more.
func (s *Stopper) keep(now *emitter.Snapshot) {
	x := second{at: now.At, total: now.Total, scheduled: now.Speed < emitter.Max}
	for _, c := range s.Conditions {
		switch s.longest = max(s.longest, c.For); c.Figure {
		case gate.Latency:
			x.latency = now.Latency
		case gate.Lateness:
			x.lateness = now.Lateness
		case gate.OwnLateness:
			x.pacing = now.Pacing
		}
	}
	s.seen = append(s.seen, x)
	for len(s.seen) > 2 && now.At.Sub(s.seen[1].at) >= s.longest {
		s.seen[0] = second{}
		s.seen = s.seen[1:]
	}
}

// value is the value of what a condition measures, in its gate's unit; ok is false if there is none, or its window is not over yet.
func (s *Stopper) value(c gate.Stop, now *emitter.Snapshot) (value float64, ok bool) {
	if c.For == 0 {
		return within(c, second{at: now.Started}, second{at: now.At, total: now.Total}, nil)
	}
	const early = 100 * time.Millisecond // looks are not exactly a second apart
	for i := len(s.seen) - 1; i >= 0; i-- {
		if last := s.seen[len(s.seen)-1]; last.at.Sub(s.seen[i].at) >= c.For-early {
			return within(c, s.seen[i], last, s.seen[i+1:])
		}
	}
	return 0, false
}

// within measures between two moments.
func within(c gate.Stop, from, to second, all []second) (value float64, ok bool) {
	part := Summary{Started: from.at, Ended: to.at}
	part.Total.Counts = counted(&from.total, &to.total)
	if c.Kind == gate.Spread {
		return spreadOf(c, all)
	}
	if !c.Share && c.Figure != gate.Refused {
		value, none := part.value(c.Gate)
		return value, none == ""
	}
	n, whole := part.within(c)
	if !c.Share {
		return float64(n), true
	}
	return float64(n*100) / float64(max(whole, 1)), whole > 0
}

// counted is what was counted between two moments of a run, as far as conditions ask for it.
func counted(from, to *emitter.Counts) (d emitter.Counts) {
	d.Add(to)
	for _, n := range [...]struct{ of, before *uint64 }{
		{&d.Matched, &from.Matched}, {&d.Accepted, &from.Accepted}, {&d.GivenUp, &from.GivenUp}, {&d.NotSent, &from.NotSent},
		{&d.Refused, &from.Refused}, {&d.WronglyAccepted, &from.WronglyAccepted}, {&d.Attempts, &from.Attempts}, {&d.Retries, &from.Retries},
		{&d.Retried, &from.Retried}, {&d.NewConnections, &from.NewConnections}, {&d.Stale, &from.Stale},
	} {
		*n.of = since(*n.before, *n.of)
	}
	for status, n := range from.Statuses {
		d.Statuses[status] -= n
	}
	for class, f := range from.Failures {
		f.Count = d.Failures[class].Count - f.Count
		d.Failures[class] = f
	}
	for kind, f := range from.Faults {
		now := d.Faults[kind]
		now.Right, now.Wrong, now.Open = now.Right-f.Right, now.Wrong-f.Wrong, now.Open-f.Open
		now.Accepted, now.WronglyAccepted = now.Accepted-f.Accepted, now.WronglyAccepted-f.WronglyAccepted
		d.Faults[kind] = now
	}
	return d
}

// within is a number of things, and what a share of it is a share of, of a part of a run; see gate.Row.Within.
func (s *Summary) within(c gate.Stop) (n, of uint64) {
	t, all := &s.Total, s.figures()
	switch c.Figure {
	case gate.Accepted:
		return t.Accepted, less(t.Attempts, t.Refused, t.WronglyAccepted)
	case gate.Refused:
		return all[gate.Failures].n + t.Refused, t.Attempts
	case gate.GivenUp:
		return t.GivenUp, t.Accepted + t.GivenUp + t.Refused + t.WronglyAccepted
	}
	if f, computed := all[c.Figure]; computed {
		return f.n, f.of
	}
	n, _ = t.Named(string(c.Figure))
	return n, t.Matched
}

// spreadOf reads a statistic of the times in some seconds.
func spreadOf(c gate.Stop, all []second) (ns float64, ok bool) {
	var sum *hdrhistogram.Histogram
	for _, x := range all {
		h := map[gate.Figure]*hdrhistogram.Histogram{gate.Latency: x.latency, gate.Lateness: x.lateness, gate.OwnLateness: x.pacing}[c.Figure]
		if h == nil || c.Figure != gate.Latency && !x.scheduled {
			continue
		}
		if sum == nil {
			sum = hdrhistogram.New(h.LowestTrackableValue(), h.HighestTrackableValue(), int(h.SignificantFigures()))
		}
		sum.Merge(h)
	}
	if sum == nil || sum.TotalCount() == 0 {
		return 0, false
	}
	return statistic(sum, c.Gate) * float64(time.Microsecond), true
}
