package report

import (
	_ "embed"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/show"
)

// Comparison holds two runs side by side. It judges neither.
type Comparison struct {
	SchemaVersion int          `json:"schema_version"`
	A             Side         `json:"a"`
	B             Side         `json:"b"`
	SamePlan      bool         `json:"same_plan"`
	Differences   []Difference `json:"differences"`

	a, b *Summary
}

// Side says which run it is, and how it ended.
type Side struct {
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
	c := &Comparison{SchemaVersion: SchemaVersion, A: a.side(), B: b.side(), Differences: []Difference{}, a: a, b: b,
		SamePlan: a.PlanHash != "" && a.PlanHash == b.PlanHash}
	for _, row := range gate.Rows() {
		statistics := []string{""}
		if row.Kind == gate.Spread {
			statistics = []string{"p50", "p90", "p99", "p99.9", "max"}
		}
		for _, statistic := range statistics {
			g := gate.Gate{Row: row, Statistic: statistic}
			d := Difference{Figure: strings.TrimSpace(string(row.Figure) + " " + statistic), Unit: unitOf(row.Kind), A: a.figure(g), B: b.figure(g)}
			if d.A != nil && *d.A != 0 || d.B != nil && *d.B != 0 {
				c.Differences = append(c.Differences, d)
			}
		}
	}
	return c
}

func (s *Summary) side() Side {
	s.clean()
	return Side{Source: s.Source, Verdict: s.Verdict, Invalid: s.Invalid, Headline: s.headline(), Version: s.Version, Seed: s.Seed,
		PlanHash: s.PlanHash, PlanStart: s.PlanStart, Started: s.Started, Scenarios: s.Scenarios}
}

// figure is what a gate measures, or nil without data.
func (s *Summary) figure(g gate.Gate) *float64 {
	value, none := s.value(g)
	if none != "" {
		return nil
	}
	return &value
}

func unitOf(k gate.Kind) string {
	switch k {
	case gate.Rate:
		return "/s"
	case gate.Time, gate.Spread:
		return "ns"
	}
	return ""
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
	by := *d.B - *d.A
	sign, size := "+", by
	if by < 0 {
		sign, size = "-", -by
	}
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

// lettered is a side with its letter.
type lettered struct {
	Letter string
	Side
}

func (c *Comparison) sides() []lettered { return []lettered{{"A", c.A}, {"B", c.B}} }

// warnings say what makes the comparison doubtful.
func (c *Comparison) warnings() (lines []string) {
	for _, s := range c.sides() {
		if s.Verdict == Invalid {
			lines = append(lines, s.Letter+" is invalid: its figures say nothing about the target")
		}
		for _, text := range s.Invalid {
			lines = append(lines, s.Letter+": "+text)
		}
		if s.Verdict == Interrupted {
			lines = append(lines, s.Letter+" was interrupted")
		}
	}
	if !c.SamePlan {
		lines = append(lines, "the two runs played different plans"+c.a.otherPlan(c.b))
	}
	return lines
}

// Invalid reports whether one of the runs is.
func (c *Comparison) Invalid() bool { return c.A.Verdict == Invalid || c.B.Verdict == Invalid }

// WriteText writes the comparison for people.
func (c *Comparison) WriteText(w io.Writer) error {
	var b strings.Builder
	for _, s := range c.sides() {
		fmt.Fprintf(&b, "%s  %s: %s, %s\n", s.Letter, s.Source, verdictText(s.Verdict), s.Headline)
	}
	for _, line := range c.warnings() {
		b.WriteString(line + "\n")
	}
	b.WriteByte('\n')
	writeTable(&b, c.rows())
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteAs writes the comparison as JSON, Markdown or HTML.
func (c *Comparison) WriteAs(w io.Writer, f Format) error {
	switch f {
	case JSON:
		return jsontext.WriteIndented(w, c)
	case Markdown:
		return c.writeMarkdown(w)
	case HTML:
		return c.writeHTML(w)
	}
	return fmt.Errorf("a comparison is written as %s, %s or %s, not as %q", JSON, Markdown, HTML, f)
}

func (c *Comparison) writeMarkdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString("## ringback: two runs\n\n")
	for _, s := range c.sides() {
		fmt.Fprintf(&b, "- %s, %s: %s, %s\n", s.Letter, markdownText(s.Source), verdictText(s.Verdict), markdownText(s.Headline))
	}
	for _, line := range c.warnings() {
		b.WriteString("- " + markdownText(line) + "\n")
	}
	b.WriteByte('\n')
	markdownTable(&b, c.rows())
	_, err := io.WriteString(w, b.String())
	return err
}

//go:embed compare.html.tmpl
var comparePage string

// compareView is what the page of a comparison shows.
type compareView struct {
	Sides       []lettered
	Warnings    []string
	Rows        [][]string
	Percentiles []plot
	FlagRows    [][]string
}

func (c *Comparison) writeHTML(w io.Writer) error {
	t, err := newPage(comparePage)
	if err != nil {
		return err
	}
	return t.Execute(w, &compareView{Sides: c.sides(), Warnings: c.warnings(), Rows: c.rows(), Percentiles: c.percentilePlots(), FlagRows: c.flagRows()})
}

// percentilePlots draw the distributions of both runs over each other.
func (c *Comparison) percentilePlots() (plots []plot) {
	for _, p := range []struct {
		title, about string
		of           func(*Summary) *Distribution
	}{
		{"Latency", "From the beginning of a request to the end of its response: share of the requests with at most this latency.",
			func(s *Summary) *Distribution { return s.Total.Latency }},
		{"Lateness", "From the planned moment of a request to its beginning: share of the requests with at most this lateness.",
			func(s *Summary) *Distribution { return s.Total.Lateness }},
		{"Own lateness", "The part of the lateness that ringback caused.", func(s *Summary) *Distribution { return s.Pacing }},
	} {
		d, ok := percentilePlot(p.title, p.about, []curve{{"A", p.of(c.a).counts()}, {"B", p.of(c.b).counts()}})
		if ok {
			plots = append(plots, d)
		}
	}
	return plots
}

// flagRows are the settings in which the runs differ, with a head.
func (c *Comparison) flagRows() [][]string {
	rows := [][]string{{"setting", "A", "B"}}
	names := map[string]bool{}
	for _, s := range []*Summary{c.a, c.b} {
		for name := range s.Flags {
			names[name] = true
		}
	}
	for _, name := range sortedKeys(names) {
		if a, b := c.a.Flags[name], c.b.Flags[name]; a != b {
			rows = append(rows, []string{"--" + name, a, b})
		}
	}
	return rows
}
