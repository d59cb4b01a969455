package report

import (
	_ "embed"
	"io"
)

//go:embed compare.html.tmpl
var comparePage string

// compareView is what the page of a comparison shows.
type compareView struct {
	Sides []struct {
		Letter string
		Side
	}
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
		{"Latency", "From the beginning of a request to the end of its answer: how many percent were at most so slow.",
			func(s *Summary) *Distribution { return s.Total.Latency }},
		{"Lateness", "From the planned moment of a request to its beginning: how many percent were at most so late.",
			func(s *Summary) *Distribution { return s.Total.Lateness }},
		{"Own lateness", "The part of the lateness that is ringback's own.", func(s *Summary) *Distribution { return s.Pacing }},
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
