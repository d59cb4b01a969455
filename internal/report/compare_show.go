package report

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/junit"
	"github.com/ringback/ringback/internal/show"
)

// WriteText writes the comparison for people.
func (c *Comparison) WriteText(w io.Writer) error {
	var b strings.Builder
	for _, s := range c.sides() {
		fmt.Fprintf(&b, "%s  %s: %s, %s\n", s.Letter, s.Source, cmp.Or(s.Verdict, noVerdict), s.Headline)
	}
	for _, line := range c.warnings() {
		b.WriteString(line + "\n")
	}
	writeTable(&b, c.rows())
	if len(c.Gates) > 0 {
		b.WriteByte('\n')
		for i := range c.Gates {
			fmt.Fprintf(&b, "%s: %s\n", c.Gates[i].Outcome, c.Gates[i].Line())
		}
		writeLines(&b, c.scope())
		fmt.Fprintf(&b, "\nverdict: %s\n", c.Verdict)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteAs writes the comparison as JSON, Markdown or HTML, and one with gates as JUnit.
func (c *Comparison) WriteAs(w io.Writer, f Format) error {
	switch f {
	case JSON:
		return jsontext.WriteIndented(w, c)
	case Markdown:
		return c.writeMarkdown(w)
	case JUnit:
		if len(c.Gates) > 0 {
			return c.writeJUnit(w)
		}
		return errors.New("a comparison has no cases for JUnit without gates")
	case HTML:
		return writePage(w, "compare.html.tmpl", map[string]any{"Gates": c.Gates, "Scope": c.scope(), "Verdict": c.Verdict, "Sides": c.sides(), "Warnings": c.warnings(), "Rows": c.rows(),
			"Percentiles": c.percentilePlots(), "FlagRows": c.flagRows()})
	}
	return fmt.Errorf("a comparison is written as %s, %s, %s or %s, not as %q", JSON, Markdown, HTML, JUnit, f)
}

func (c *Comparison) writeMarkdown(w io.Writer) error {
	var b strings.Builder
	title := "two runs"
	if c.Verdict != "" {
		title += ", " + string(c.Verdict)
	}
	fmt.Fprintf(&b, "## ringback: %s\n\n", title)
	for _, s := range c.sides() {
		fmt.Fprintf(&b, "- %s, %s: %s, %s\n", s.Letter, show.Markdown(s.Source), cmp.Or(s.Verdict, noVerdict), show.Markdown(s.Headline))
	}
	for _, line := range c.warnings() {
		b.WriteString("- " + show.Markdown(line) + "\n")
	}
	b.WriteByte('\n')
	markdownTable(&b, c.gateRows())
	for _, line := range c.scope() {
		b.WriteString(line + "\n\n")
	}
	markdownTable(&b, c.rows())
	_, err := io.WriteString(w, b.String())
	return err
}

// scope says what intervals do not know, if there are any.
func (c *Comparison) scope() []string {
	if !slices.ContainsFunc(c.Gates, func(g ComparedGate) bool { return g.Low != nil }) {
		return nil
	}
	return []string{"Intervals cover what varies within the two runs, not what differs from day to day or machine to machine."}
}

// gateRows is the table of gates, with its head.
func (c *Comparison) gateRows() [][]string {
	rows := [][]string{{"gate", "", "factor or value", "how sure"}}
	for _, g := range c.Gates {
		outcome := mark(g.Outcome == Held)
		if g.Outcome == Undecided {
			outcome = string(Undecided)
		}
		rows = append(rows, []string{g.Text, outcome, g.Was, g.Sure})
	}
	return rows
}

// writeJUnit writes a suite with a case for each gate. What is undecided is an error, not a failure: it says nothing about the consumer.
func (c *Comparison) writeJUnit(w io.Writer) error {
	suite := &junit.Suite{Name: "comparison", Time: junit.Seconds(c.b.took()), Timestamp: c.B.Started.UTC().Format("2006-01-02T15:04:05"),
		Properties: junit.Properties("a", c.A.Source, "b", c.B.Source, "plan_hash", c.B.PlanHash, "version", c.B.Version,
			"start", c.B.PlanStart.Format(time.RFC3339Nano), "verdict", string(c.Verdict)), Output: strings.Join(append(c.warnings(), c.scope()...), "\n")}
	for i := range c.Gates {
		g := &c.Gates[i]
		one := junit.Case{Name: "gate: " + g.Text}
		switch problem := junit.NewProblem(g.Was, "gate", "gate "+string(g.Outcome)+": "+g.Line()); g.Outcome {
		case Broken:
			one.Failure = problem
		case Undecided:
			one.Error = problem
		}
		suite.Cases = append(suite.Cases, one)
	}
	if why, verdict := c.Unfit(); why != "" {
		text := strings.Join(c.warnings(), "\n")
		suite.Cases = append(suite.Cases, junit.Case{Name: "verdict", Error: junit.NewProblem(why, string(verdict), text)})
	}
	all := &junit.Suites{Name: "ringback", Time: suite.Time, Suites: []*junit.Suite{suite}}
	all.Complete()
	return all.Write(w)
}
