package report

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/show"
)

// Comparison holds two runs side by side. It judges neither, but for what gates say of B.
type Comparison struct {
	SchemaVersion int            `json:"schema_version"`
	A             Side           `json:"a"`
	B             Side           `json:"b"`
	SamePlan      bool           `json:"same_plan"`
	Comparable    bool           `json:"comparable"` // both were offered the same load
	Verdict       Verdict        `json:"verdict"`    // passed, failed, undecided, invalid or interrupted; empty without gates, unless a run is invalid or was interrupted
	Gates         []ComparedGate `json:"gates"`
	Differences   []Difference   `json:"differences"`

	a, b *Summary
}

// Side says which run it is, and how it ended.
type Side struct {
	Letter    string    `json:"-"` // A or B
	Source    string    `json:"source"`
	Verdict   Verdict   `json:"verdict"`
	Invalid   []string  `json:"invalid"`
	Headline  string    `json:"headline"`
	Version   string    `json:"version"`
	Seed      uint64    `json:"seed"`
	PlanHash  string    `json:"plan_hash"`
	PlanStart time.Time `json:"plan_start"`
	Started   time.Time `json:"started"`
	Scenarios []string  `json:"scenarios"`

	run *Summary
}

// Difference is a figure of both runs, in the words and units of gates.
type Difference struct {
	Figure string   `json:"figure"`
	Unit   string   `json:"unit"` // "", "/s" or "ns"
	A      *float64 `json:"a"`    // null if there is no data
	B      *float64 `json:"b"`
}

// Compare compares two runs. Figures that are 0 or without data in both are left out.
func Compare(a, b *Summary) *Comparison {
	c := &Comparison{SchemaVersion: SchemaVersion, A: a.side("A"), B: b.side("B"), Differences: []Difference{}, Gates: []ComparedGate{}, a: a, b: b,
		SamePlan: a.PlanHash != "" && a.PlanHash == b.PlanHash}
	c.Comparable = c.otherLoad() == nil
	c.conclude()
	units := map[gate.Kind]string{gate.Rate: "/s", gate.Time: "ns", gate.Spread: "ns"}
	for _, row := range gate.Rows() {
		statistics := []string{""}
		if row.Kind == gate.Spread {
			statistics = []string{"p50", "p90", "p99", "p99.9", "max"}
		}
		for _, statistic := range statistics {
			g := gate.Gate{Row: row, Statistic: statistic}
			d := Difference{Figure: strings.TrimSpace(string(row.Figure) + " " + statistic), Unit: units[row.Kind], A: a.figure(g), B: b.figure(g)}
			if d.A != nil && *d.A != 0 || d.B != nil && *d.B != 0 {
				c.Differences = append(c.Differences, d)
			}
		}
	}
	return c
}

func (s *Summary) side(letter string) Side {
	return Side{Letter: letter, Source: s.Source, Verdict: s.Verdict, Invalid: append([]string{}, s.Invalid...), Headline: s.headline(), Version: s.Version, Seed: s.Seed,
		PlanHash: s.PlanHash, PlanStart: s.PlanStart, Started: s.Started, Scenarios: s.Scenarios, run: s}
}

// figure is what a gate measures, or nil without data.
func (s *Summary) figure(g gate.Gate) *float64 {
	value, none := s.value(g)
	if none != "" {
		return nil
	}
	return &value
}

// show writes a value of the figure.
func (d *Difference) show(v *float64) string {
	if v == nil {
		return "–"
	}
	switch d.Unit {
	case "/s":
		return number(*v) + "/s"
	case "ns":
		return show.Duration(time.Duration(*v))
	}
	return show.Grouped(uint64(*v))
}

// change says how far B is from A: in percent, and for counts also in numbers.
func (d *Difference) change() string {
	if d.A == nil || d.B == nil {
		return ""
	}
	by, sign := *d.B-*d.A, "+"
	if by < 0 {
		sign = "-"
	}
	size := math.Abs(by)
	switch {
	case by == 0:
		return "="
	case *d.A == 0:
		return sign + d.show(&size)
	}
	percent := fmt.Sprintf("%s%.1f%%", sign, 100*size / *d.A)
	if d.Unit == "" {
		return fmt.Sprintf("%s%s (%s)", sign, d.show(&size), percent)
	}
	return percent
}

// rows is the table of figures, with its head.
func (c *Comparison) rows() [][]string {
	rows := [][]string{{"figure", "A", "B", "difference"}}
	for i := range c.Differences {
		d := &c.Differences[i]
		rows = append(rows, []string{d.Figure, d.show(d.A), d.show(d.B), d.change()})
	}
	return rows
}

func (c *Comparison) sides() []Side { return []Side{c.A, c.B} }

// warnings say what makes the comparison doubtful, or empty.
func (c *Comparison) warnings() (lines []string) {
	lines = c.otherLoad()
	for _, s := range c.sides() {
		for _, text := range s.Invalid {
			lines = append(lines, s.Letter+": "+text)
		}
	}
	if len(c.Differences) == 0 {
		lines = append(lines, "there are no figures: neither run did anything")
	}
	return lines
}

// Unfit says why nothing can be said of the runs, and what that makes of the comparison: one is invalid, or was interrupted. It is empty if they are fit.
func (c *Comparison) Unfit() (why string, verdict Verdict) {
	for _, s := range c.sides() {
		if s.Verdict == Invalid || len(s.Invalid) > 0 {
			return "one of the runs is invalid, so they cannot be compared", Invalid
		}
	}
	for _, s := range c.sides() {
		if s.Verdict == Interrupted {
			return s.Letter + " was interrupted: its figures are those of a part of the run", Interrupted
		}
	}
	return "", ""
}

// percentilePlots draw the distributions of both runs over each other.
func (c *Comparison) percentilePlots() []plot {
	curves := func(a, b *Distribution) []curve { return []curve{{"A", a.counts()}, {"B", b.counts()}} }
	a, b := &c.a.Total, &c.b.Total
	return slices.Concat(
		percentilePlot("Latency", "From the beginning of a request to the end of its response: share of the requests with at most this latency.",
			curves(a.Latency, b.Latency)),
		percentilePlot("Lateness", "From the planned moment of a request to its beginning: share of the requests with at most this lateness.",
			curves(a.Lateness, b.Lateness)),
		percentilePlot("Own lateness", "The part of the lateness that ringback caused.", curves(c.a.Pacing, c.b.Pacing)))
}

// flagRows are the settings in which the runs differ, with a head.
func (c *Comparison) flagRows() [][]string {
	differ := slices.DeleteFunc(settingRows(c.a, c.b), func(row []string) bool { return row[1] == row[2] })
	return append([][]string{{"setting", "A", "B"}}, differ...)
}

// settingRows are the settings of runs by flag, then those by parameter, a column for each run.
func settingRows(runs ...*Summary) (rows [][]string) {
	names, values := map[string]string{}, make([]map[string]string, len(runs))
	for i, s := range runs {
		values[i] = map[string]string{}
		for name, value := range s.Flags {
			values[i]["--"+name] = value
		}
		for _, p := range s.Params { // two, where scenarios read different variables
			before := values[i]["$"+p.Name]
			values[i]["$"+p.Name] = strings.TrimPrefix(before+", "+p.Value+" from "+p.From, ", ")
		}
		maps.Copy(names, values[i])
	}
	for _, name := range sortedKeys(names) {
		row := []string{name}
		for _, of := range values {
			row = append(row, of[name])
		}
		rows = append(rows, row)
	}
	return rows
}
