package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/show"
)

// Outcome is what came of a gate on a comparison.
type Outcome string

// The outcomes.
const (
	Held      Outcome = "held"      // the figures satisfy it
	Broken    Outcome = "failed"    // they do not, and of a relative gate chance does not explain that
	Undecided Outcome = "undecided" // they do not, which may be chance; or the runs cannot be compared
)

// ComparedGate is a condition on B, alone or relative to A, and whether it holds.
type ComparedGate struct {
	Text    string   `json:"gate"`
	Outcome Outcome  `json:"outcome"`
	Was     string   `json:"was"`    // the value or factor, or why there is none
	Sure    string   `json:"sure"`   // of a relative gate, how sure that is, in words
	Factor  *float64 `json:"factor"` // from A to B; null of other gates, and where A is 0 or has no data
	Low     *float64 `json:"low"`    // where the factor lies in 95 of 100 cases; null if the reports do not tell
	High    *float64 `json:"high"`   // null also if nothing bounds it
}

// Line is the gate with all that is said of it.
func (g *ComparedGate) Line() string {
	text := fmt.Sprintf("%s: %s", g.Text, g.Was)
	if g.Sure != "" {
		text += "; " + g.Sure
	}
	return text
}

// Judge evaluates gates: relative ones on the factor from A to B, all others on B alone. No rule of ringback's own applies. What the
// figures say decides; one that they break fails only if the difference is more than chance explains.
func (c *Comparison) Judge(gates []gate.Gate) {
	for _, g := range gates {
		if g.Relative {
			c.Gates = append(c.Gates, c.relative(g))
			continue
		}
		judged := ComparedGate{Text: g.String(), Outcome: Broken}
		if value, none := c.b.value(g); none != "" {
			judged.Was = "there is no data: " + none
		} else {
			judged.Was = "it was " + g.Show(value)
			if g.Holds(value) {
				judged.Outcome = Held
			}
		}
		c.Gates = append(c.Gates, judged)
	}
	c.conclude()
}

// conclude finds the verdict.
func (c *Comparison) conclude() {
	_, unfit := c.Unfit()
	switch {
	case unfit == Invalid:
		c.Verdict = Invalid
	case len(c.With(Broken)) > 0:
		c.Verdict = Failed
	case unfit != "":
		c.Verdict = unfit
	case len(c.With(Undecided)) > 0:
		c.Verdict = Verdict(Undecided)
	case len(c.Gates) > 0:
		c.Verdict = Passed
	}
}

// With lists the gates of an outcome.
func (c *Comparison) With(o Outcome) (all []ComparedGate) {
	for _, g := range c.Gates {
		if g.Outcome == o {
			all = append(all, g)
		}
	}
	return all
}

// measured is a figure of a run for a relative gate: its value, how it is shown, and of a share what it consists of.
type measured struct {
	value float64
	shown string
	part  part
}

// relative judges a gate on the factor.
func (c *Comparison) relative(g gate.Gate) ComparedGate {
	judged := ComparedGate{Text: g.String(), Outcome: Undecided}
	a, none := c.a.measure(g)
	if none != "" {
		judged.Was = "there is no data in A: " + none
		return judged
	}
	b, none := c.b.measure(g)
	if none != "" {
		judged.Was, judged.Outcome = "there is no data in B: "+none, Broken
		return judged
	}
	factor := b.value / a.value
	if a.value == b.value {
		factor = 1 // also where there is nothing in either
	}
	judged.Was = fmt.Sprintf("it was %s (%s in A, %s in B)", g.ShowFactor(factor), a.shown, b.shown)
	if math.IsInf(factor, 1) {
		judged.Was = fmt.Sprintf("it was %s in A, %s in B", a.shown, b.shown)
	}
	judged.Factor = finite(factor)
	if why := c.otherLoad(); why != nil {
		judged.Sure = "the loads cannot be compared: " + strings.Join(why, "; ")
		return judged
	}
	i := c.interval(g, a, b)
	if i.known {
		judged.Low, judged.High = finite(rounded(i.low)), finite(rounded(i.high))
	}
	holds := g.Holds(factor)
	switch {
	case holds:
		judged.Outcome = Held
	case i.settles(g, holds):
		judged.Outcome = Broken
	}
	judged.Sure = sure(g, holds, i)
	return judged
}

// finite is nil for what JSON has no number for.
func finite(v float64) *float64 {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return nil
	}
	return &v
}

// rounded has four digits, which is more than an interval knows.
func rounded(v float64) float64 {
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 4, 64), 64)
	return v
}

// sure says in words what chance may have to do with it.
func sure(g gate.Gate, holds bool, i interval) string {
	if !i.known {
		if holds {
			return "how far chance goes is not known: " + i.how
		}
		return "whether it is chance is not known: " + i.how
	}
	reach := fmt.Sprintf("95%% interval %s to %s, %s", gate.Factor(i.low), gate.Factor(i.high), i.how)
	if math.IsInf(i.high, 1) {
		reach = fmt.Sprintf("95%% interval %s and more, %s", gate.Factor(i.low), i.how)
	}
	switch {
	case i.settles(g, holds) && holds:
		return "surely: " + reach
	case i.settles(g, holds):
		return "not by chance: " + reach
	case holds:
		return "though the data are too few to be sure: " + reach
	}
	return "which may be chance, the data are too few to tell: " + reach
}

// measure is the figure of a relative gate: of counts that are shares of something, the share.
func (s *Summary) measure(g gate.Gate) (m measured, none string) {
	alone := g
	alone.Relative, alone.Value = false, math.NaN()
	if g.Kind != gate.Count {
		value, none := s.value(alone)
		return measured{value: value, shown: alone.Show(value)}, none
	}
	n, none := s.value(alone)
	of, what := s.base(g)
	switch {
	case none != "":
		return m, none
	case g.Figure == gate.Attempts:
		return measured{value: n, shown: show.Grouped(uint64(n))}, ""
	case of == 0:
		return m, fmt.Sprintf("0%% of nothing (%s)", what)
	}
	m.part = part{n, float64(of)}
	m.value, m.shown = m.part.value(), fmt.Sprintf("%s of %s", show.Grouped(uint64(n)), show.Grouped(of))
	return m, ""
}

// base is what a count is a share of when two runs are compared.
func (s *Summary) base(g gate.Gate) (of uint64, what string) {
	switch g.Figure {
	case gate.ChecksFailed:
		return uint64(len(s.Checks)), "all checks"
	case gate.Violations:
		return s.Total.Matched, "all notifications"
	}
	if f, computed := s.figures()[g.Figure]; computed {
		return f.of, g.Of
	}
	return s.Total.Matched, g.Of
}

// interval finds out how far chance goes, by the method that fits the figure.
func (c *Comparison) interval(g gate.Gate, a, b measured) interval {
	switch {
	case g.Figure == gate.Latency:
		return c.spread(g, c.a.Total.Latency, c.b.Total.Latency, func(p *Point) *Spread { return p.Latency })
	case g.Figure == gate.Lateness:
		return c.spread(g, c.a.Total.Lateness, c.b.Total.Lateness, func(p *Point) *Spread { return p.Lateness })
	case g.Figure == gate.OwnLateness:
		return unknown("of this figure the reports have no course over time")
	case g.Figure == gate.Throughput:
		return resampledRate(c.a.Series, c.b.Series, c.inPace(), func(p *Point) (of, per float64) { return float64(p.Accepted), 1 })
	case g.Figure == gate.Attempts:
		return resampledRate(c.a.Series, c.b.Series, c.inPace(), func(p *Point) (of, per float64) { return float64(p.Attempts), float64(p.Offered) })
	case g.Figure == gate.Duration && !c.a.paced(): // it follows from the throughput
		i := c.interval(gate.Gate{Row: gate.Row{Figure: gate.Throughput}}, a, b)
		return interval{1 / i.high, 1 / i.low, i.how, i.known}
	case g.Figure == gate.Duration:
		return unknown("it is a single time of each run")
	case a.part.k == 0 && b.part.k == 0:
		return unknown("there were none in either")
	}
	together := max(c.a.Series.clustering(), c.b.Series.clustering()) // a run without failures says nothing of how they come
	low, high := shareRatio(part{a.part.k / together, a.part.n / together}, part{b.part.k / together, b.part.n / together})
	how := "by a score test"
	if together >= 1.5 {
		how += fmt.Sprintf(", in which %s count as one because failures came together", show.Grouped(uint64(math.Round(together))))
	}
	return interval{low, high, how, true}
}

// inPace reports whether each second of both runs had its part of the plan.
func (c *Comparison) inPace() bool { return c.a.paced() && c.b.paced() }

// spread is the interval of a statistic of times.
func (c *Comparison) spread(g gate.Gate, a, b *Distribution, of func(*Point) *Spread) interval {
	p, is := g.Percentile()
	if g.Statistic == "min" || g.Statistic == "max" || is && p == 100 {
		return unknown("it is a single time of each run")
	}
	if few := min(a.Count, b.Count); is {
		behind := float64(few) * min(p, 100-p) / 100
		if behind < leastBehind {
			return unknown(fmt.Sprintf("of %s, %.2g lie beyond %s; want %d or more", show.Counted(uint64(few), "time"), behind, g.Statistic, leastBehind))
		}
	}
	each := period(c.a.Series, c.b.Series)
	return resampledTimes(newTimes(c.a.Series, each, a, of), newTimes(c.b.Series, each, b, of), c.inPace(), g)
}

// clustering is by how much more failures vary from second to second than if each request failed on its own; at least 1. A consumer
// that is away for two seconds fails a thousand requests at once, which is one event and not a thousand.
func (s *Series) clustering() float64 {
	if s == nil {
		return 1
	}
	attempts, failed := 0.0, 0.0
	for i := range s.Points {
		attempts, failed = attempts+float64(s.Points[i].Attempts), failed+float64(s.Points[i].Failures)
	}
	if failed == 0 || attempts <= failed || len(s.Points) < 2 {
		return 1
	}
	rate, sum := failed/attempts, 0.0
	for i := range s.Points {
		expected := rate * float64(s.Points[i].Attempts)
		if expected > 0 {
			sum += math.Pow(float64(s.Points[i].Failures)-expected, 2) / (expected * (1 - rate))
		}
	}
	return max(1, sum/float64(len(s.Points)-1))
}
