// Package gate is the small language of conditions on the result of a run.
//
// A text such as "latency p99 < 500ms" comes in, and later the figure's value; what is asked
// and whether it holds come out. It promises that every figure is in one table with its
// unit and a sentence, and that an error names the place and the nearest figure. It never
// measures anything: where a value comes from, only its caller knows.
package gate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Op is a comparison: >=, <=, ==, !=, > or <.
type Op string

type comparison struct {
	op    Op
	holds func(value, bound float64) bool
}

// comparisons, as errors list them.
var comparisons = []comparison{
	{">=", func(value, bound float64) bool { return value >= bound }},
	{"<=", func(value, bound float64) bool { return value <= bound }},
	{"==", func(value, bound float64) bool { return value == bound }},
	{"!=", func(value, bound float64) bool { return value != bound }},
	{">", func(value, bound float64) bool { return value > bound }},
	{"<", func(value, bound float64) bool { return value < bound }},
}

// Gate is one condition. Its zero value is none.
type Gate struct {
	Row
	Statistic string  // of a spread: min, mean, max, or a percentile such as p99.9
	Op        Op      //
	Value     float64 // a number, percents, events a second, or nanoseconds; of a relative gate, a factor
	Share     bool    // the value is a percentage of Row.Of
	Relative  bool    // the value is a factor of the same figure in another run
	asked     string  // the figure and the statistic as they were written
	bound     string  // the value as it was written
}

// String is the gate in its normal form: the words that were written, one blank between them.
func (g Gate) String() string {
	return fmt.Sprintf("%s %s %s", g.asked, g.Op, g.bound)
}

// Percentile is the percentile that the gate asks for, from 0 (exclusive) to 100; ok is
// false if it asks for another statistic, or none.
func (g Gate) Percentile() (p float64, ok bool) {
	text, is := strings.CutPrefix(g.Statistic, "p")
	if !is {
		return 0, false
	}
	p, err := strconv.ParseFloat(text, 64)
	return p, err == nil && p > 0 && p <= 100
}

// Holds reports whether a value, in the unit of Gate.Value, satisfies the gate. For a relative gate it is a factor.
func (g Gate) Holds(value float64) bool {
	i := slices.IndexFunc(comparisons, func(c comparison) bool { return c.op == g.Op })
	return i >= 0 && comparisons[i].holds(value, g.Value)
}

// Show writes a value in the unit of the gate, so that it does not look equal to the bound
// unless it is.
func (g Gate) Show(value float64) string {
	short, exact := g.show(value, 4), g.show(value, -1)
	if value != g.Value && short == g.show(g.Value, 4) {
		return exact
	}
	return short
}

// show writes a value with so many digits; -1 means as many as needed. Counts are whole.
func (g Gate) show(value float64, digits int) string {
	if digits > 0 && (g.Share || g.Kind == Rate) {
		value, _ = strconv.ParseFloat(strconv.FormatFloat(value, 'g', digits, 64), 64)
	}
	number := strconv.FormatFloat(value, 'f', -1, 64)
	switch {
	case g.Share:
		return number + "%"
	case g.Kind == Rate:
		return number + "/s"
	case g.Kind == Time, g.Kind == Spread:
		return duration(value, digits)
	}
	return number
}

// duration writes nanoseconds: whole milliseconds where those say enough.
func duration(ns float64, digits int) string {
	d := time.Duration(ns)
	if digits < 0 {
		return d.String()
	}
	switch {
	case d >= time.Second:
		return d.Round(time.Millisecond).String()
	case d >= 10*time.Millisecond:
		return d.Round(100 * time.Microsecond).String()
	}
	return d.Round(time.Microsecond).String()
}
