package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/scenario/fault"
)

// Judge evaluates gates on what the summary holds, and then what is demanded unasked, and finds
// the verdict: the built-in receiver's verdict and the checks must be there already. A gate on a
// figure without data fails. What a gate speaks of, it decides: no rule of ringback's own does.
func (s *Summary) Judge(gates []gate.Gate) {
	defer s.conclude()
	s.judgeRules(gates)
	for _, g := range gates {
		value, none := s.value(g)
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

// value is the value of what a gate measures, in the gate's unit, or why there is none.
func (s *Summary) value(g gate.Gate) (value float64, none string) {
	if slices.Contains(s.Unrecorded, g.Figure) {
		return 0, "it was not recorded"
	}
	switch g.Kind {
	case gate.Spread:
		return s.spread(g)
	case gate.Time:
		return float64(s.took()), ""
	case gate.Rate:
		took := s.took().Seconds()
		if took <= 0 {
			return 0, "the run took no time"
		}
		return float64(s.Total.Accepted) / took, ""
	}
	switch {
	case g.Figure == gate.Violations && s.Receiver == nil:
		return 0, "the consumer is not the built-in receiver"
	case g.Figure == gate.ChecksFailed && len(s.Checks) == 0:
		return 0, "there are no checks"
	}
	c, computed := s.figures()[g.Figure]
	if !computed {
		c.n, _ = s.Total.Named(string(g.Figure))
		c.of = s.Total.Matched
	}
	switch {
	case !g.Share:
		return float64(c.n), ""
	case c.of == 0:
		return 0, fmt.Sprintf("0%% of nothing (%s)", g.Of)
	}
	return float64(c.n*100) / float64(c.of), "" // one rounding, as in reading 99.9
}

// spread reads a statistic from a histogram of microseconds.
func (s *Summary) spread(g gate.Gate) (ns float64, none string) {
	d, why := s.Total.Latency, "no request was answered"
	if g.Figure != gate.Latency {
		d, why = s.Total.Lateness, "no request was made"
		if g.Figure == gate.OwnLateness {
			d = s.Pacing
		}
		if !s.paced() {
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

// figure is a number of things, and the number that a share of it is a share of.
type figure struct{ n, of uint64 }

// noRequest are classes of rows that are not about a failed request: nothing was sent, the
// connection was cut on purpose, or the response was a success.
var noRequest = []emitter.Class{emitter.ClassSilent, emitter.ClassFull, emitter.ClassStopped, emitter.ClassCut, emitter.ClassWronglyAccepted}

// figures computes the counts that are not simply a named number of notifications.
func (s *Summary) figures() map[gate.Figure]figure {
	t := &s.Total
	faults := s.faults(func(fault.Kind) bool { return true })
	duplicates, forgeries, bodies, unwanted := s.faults(isDuplicate), s.faults(isForgery), s.faults(isBadBody), s.faults(isUnwanted)
	var answers [6]uint64 // by hundreds of the status; 0: none
	answers[0] = t.Attempts
	for status, n := range t.Statuses {
		answers[0] -= n
		if hundreds := status / 100; hundreds >= 2 && hundreds <= 5 {
			answers[hundreds] += n
		}
	}
	failed := uint64(0)
	for class, f := range t.Failures {
		if !slices.Contains(noRequest, class) {
			failed += f.Count
		}
	}
	all := map[gate.Figure]figure{
		gate.Notifications: {t.Matched, 0},
		gate.Accepted:      {t.Accepted, t.Matched - final(unwanted) + bodies.Accepted},
		gate.Refused:       {t.GivenUp + t.Refused, t.Matched},

		gate.WronglyAccepted: {t.WronglyAccepted, final(forgeries)},

		gate.Attempts:    {t.Attempts, t.Attempts},
		gate.Retries:     {t.Retries, t.Attempts},
		gate.Connections: {t.NewConnections, t.Attempts},
		gate.Stale:       {t.Stale, t.Attempts},
		gate.Failures:    {failed, t.Attempts},
		gate.Timeouts:    {t.Failures[emitter.ClassTimeout].Count, t.Attempts},
		gate.NoAnswer:    {answers[0], t.Attempts},
		gate.Answers2xx:  {answers[2], t.Attempts},
		gate.Answers3xx:  {answers[3], t.Attempts},
		gate.Answers4xx:  {answers[4], t.Attempts},
		gate.Answers5xx:  {answers[5], t.Attempts},

		gate.Faults:            {final(faults), t.Matched},
		gate.FaultsWrong:       {faults.Wrong, final(faults)},
		gate.Duplicates:        {final(duplicates), t.Matched},
		gate.DuplicatesWrong:   {duplicates.Wrong, final(duplicates)},
		gate.Forgeries:         {final(forgeries), t.Matched},
		gate.ForgeriesAccepted: {forgeries.WronglyAccepted, final(forgeries)},
		gate.ForgeriesRefused:  {forgeries.Right, final(forgeries)},
		gate.BadBodies:         {final(bodies), t.Matched},
		gate.BadBodiesAccepted: {bodies.Accepted, final(bodies)},
		gate.BadBodiesRefused:  {bodies.Right - bodies.Accepted, final(bodies)},

		gate.ChecksFailed: {s.failedChecks(), 0},
	}
	if s.Receiver != nil {
		all[gate.Violations] = figure{uint64(s.Receiver.Violated), 0}
	}
	return all
}

// failedChecks is the number of checks that failed.
func (s *Summary) failedChecks() (n uint64) {
	for _, c := range s.Checks {
		if !c.Passed {
			n++
		}
	}
	return n
}

// faults adds up the faults of some kinds.
func (s *Summary) faults(which func(fault.Kind) bool) (sum emitter.FaultsOfKind) {
	for _, kind := range fault.Kinds() {
		if f := s.Total.Faults[kind]; which(kind) {
			sum.Right, sum.Wrong, sum.Open = sum.Right+f.Right, sum.Wrong+f.Wrong, sum.Open+f.Open
			sum.Accepted, sum.WronglyAccepted = sum.Accepted+f.Accepted, sum.WronglyAccepted+f.WronglyAccepted
			if sum.Example == "" && f.Example != "" {
				accepted := false // which names the kind itself
				if sum.Example, accepted = strings.CutPrefix(f.Example, string(emitter.ClassWronglyAccepted)+": "); !accepted {
					sum.Example = kind.String() + ": " + f.Example
				}
			}
		}
	}
	return sum
}

// final is the number of faults.
func final(f emitter.FaultsOfKind) uint64 { return f.Right + f.Wrong + f.Open }
