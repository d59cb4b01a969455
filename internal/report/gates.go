package report

import (
	"fmt"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/scenario/fault"
)

// Judge evaluates gates on what the summary holds: the built-in receiver's verdict and the
// checks must be there already. A gate on a figure without data fails.
func (s *Summary) Judge(gates []gate.Gate) {
	f := &figures{summary: s, total: &s.Total}
	for _, g := range gates {
		value, none := f.read(g)
		if none != "" {
			s.Gates = append(s.Gates, Gate{Text: g.String(), Was: "there is no data: " + none})
			continue
		}
		s.Gates = append(s.Gates, Gate{Text: g.String(), Passed: g.Holds(value), Was: "it was " + g.Show(value)})
	}
}

// FailedGates lists the gates that do not hold.
func (s *Summary) FailedGates() (failed []Gate) {
	for _, g := range s.Gates {
		if !g.Passed {
			failed = append(failed, g)
		}
	}
	return failed
}

// figures reads the values of figures from what is known of a run.
type figures struct {
	summary *Summary
	total   *Counts
}

// read is the value of what a gate measures, in the gate's unit, or why there is none.
func (f *figures) read(g gate.Gate) (value float64, none string) {
	switch g.Kind {
	case gate.Spread:
		return f.spread(g)
	case gate.Time:
		return float64(f.summary.took()), ""
	case gate.Rate:
		took := f.summary.took().Seconds()
		if took <= 0 {
			return 0, "the run took no time"
		}
		return float64(f.total.Accepted) / took, ""
	}
	n, of, none := f.count(g.Figure)
	switch {
	case none != "":
		return 0, none
	case !g.Share:
		return float64(n), ""
	case of == 0:
		return 0, fmt.Sprintf("0%% of nothing (%s)", g.Of)
	}
	return float64(n*100) / float64(of), "" // one rounding, as in reading 99.9
}

// spread reads a statistic from a histogram of microseconds.
func (f *figures) spread(g gate.Gate) (ns float64, none string) {
	d, why := f.total.Latency, "no request was answered"
	if g.Figure != gate.Answer {
		d, why = f.total.Lateness, "no request was made"
		if g.Figure == gate.OwnLateness {
			d = f.summary.Pacing
		}
		if f.summary.Pacing == nil {
			return 0, "at speed max nothing has a planned moment"
		}
	}
	if d.counts() == nil {
		return 0, why
	}
	return statistic(d.counts(), g) * 1000, ""
}

func statistic(h *hdrhistogram.Histogram, g gate.Gate) float64 {
	if p, ok := g.Percentile(); ok {
		return float64(h.ValueAtPercentile(p))
	}
	switch g.Statistic {
	case "min":
		return float64(h.Min())
	case "mean":
		return h.Mean()
	}
	return float64(h.Max())
}

// count is a number of things, what a share of it is a share of, or why there is none.
func (f *figures) count(figure gate.Figure) (n, of uint64, none string) {
	t := f.total
	switch figure {
	case gate.Accepted:
		return t.Accepted, t.Matched - f.faults(anyFault, notToAccept), ""
	case gate.Notifications:
		return t.Matched, 0, ""
	case gate.Violations:
		if f.summary.Receiver == nil {
			return 0, 0, "the consumer is not the built-in receiver"
		}
		return uint64(f.summary.Receiver.Violated), 0, ""
	case gate.ChecksFailed:
		return f.checksFailed()
	case gate.Attempts, gate.Retries, gate.Connections, gate.Timeouts,
		gate.Answers2xx, gate.Answers3xx, gate.Answers4xx, gate.Answers5xx, gate.NoAnswer:
		return f.attempts(figure), t.Attempts, ""
	}
	if n, ok := t.Named(string(figure)); ok {
		return n, t.Matched, ""
	}
	n, of = f.faulty(figure)
	return n, of, ""
}

func (f *figures) checksFailed() (n, of uint64, none string) {
	if len(f.summary.Checks) == 0 {
		return 0, 0, "there are no checks"
	}
	for _, c := range f.summary.Checks {
		if !c.Passed {
			n++
		}
	}
	return n, 0, ""
}

// attempts reads the figures that are about single requests.
func (f *figures) attempts(figure gate.Figure) (n uint64) {
	t := f.total
	hundreds := 0
	switch figure {
	case gate.Attempts:
		return t.Attempts
	case gate.Retries:
		return t.Retries
	case gate.Connections:
		return t.NewConnections
	case gate.Timeouts:
		return t.Failures[emitter.ClassTimeout].Count
	case gate.NoAnswer:
		n = t.Attempts
		for _, of := range t.Statuses {
			n -= of
		}
		return n
	case gate.Answers2xx:
		hundreds = 2
	case gate.Answers3xx:
		hundreds = 3
	case gate.Answers4xx:
		hundreds = 4
	case gate.Answers5xx:
		hundreds = 5
	}
	for status, of := range t.Statuses {
		if status/100 == hundreds {
			n += of
		}
	}
	return n
}

// faulty reads the figures that are about faults.
func (f *figures) faulty(figure gate.Figure) (n, of uint64) {
	switch figure {
	case gate.Faults:
		return f.faults(anyFault, final), f.total.Matched
	case gate.FaultsWrong:
		return f.faults(anyFault, wrong), f.faults(anyFault, final)
	case gate.Duplicates:
		return f.faults(duplicates, final), f.total.Matched
	case gate.DuplicatesWrong:
		return f.faults(duplicates, wrong), f.faults(duplicates, final)
	case gate.Forgeries:
		return f.faults(forgeries, final), f.total.Matched
	case gate.ForgeriesAccepted:
		return f.faults(forgeries, wronglyAccepted), f.faults(forgeries, final)
	case gate.ForgeriesRefused:
		return f.faults(forgeries, right), f.faults(forgeries, final)
	case gate.BadBodies:
		return f.faults(badBodies, final), f.total.Matched
	case gate.BadBodiesAccepted:
		return f.faults(badBodies, wronglyAccepted), f.faults(badBodies, final)
	case gate.BadBodiesRefused:
		return f.faults(badBodies, right), f.faults(badBodies, final)
	}
	return 0, 0
}

// Which kinds of faults are counted, and which of their outcomes.
func anyFault(fault.Kind) bool     { return true }
func duplicates(k fault.Kind) bool { return k == fault.Duplicate }
func forgeries(k fault.Kind) bool  { return k.Row().Class == fault.Forgery }
func badBodies(k fault.Kind) bool  { return k.Row().Want == fault.RefuseBody }

func final(_ fault.Kind, o emitter.FaultsOfKind) uint64           { return o.Right + o.Wrong + o.Open }
func right(_ fault.Kind, o emitter.FaultsOfKind) uint64           { return o.Right }
func wrong(_ fault.Kind, o emitter.FaultsOfKind) uint64           { return o.Wrong }
func wronglyAccepted(_ fault.Kind, o emitter.FaultsOfKind) uint64 { return o.WronglyAccepted }

// notToAccept counts those that a correct consumer refuses or is never asked about.
func notToAccept(k fault.Kind, o emitter.FaultsOfKind) uint64 {
	if k.Row().Want == fault.Accept {
		return 0
	}
	return o.Right + o.Wrong + o.Open
}

func (f *figures) faults(which func(fault.Kind) bool, count func(fault.Kind, emitter.FaultsOfKind) uint64) (n uint64) {
	for _, kind := range fault.Kinds() {
		if which(kind) {
			n += count(kind, f.total.Faults[kind])
		}
	}
	return n
}
