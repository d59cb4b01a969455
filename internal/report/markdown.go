package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/ringback/ringback/internal/show"
)

// mostListed is how many single notifications a Markdown report shows.
const mostListed = 10

// writeMarkdown writes what fits on a page, for the summary of a CI step.
func (s *Summary) writeMarkdown(w io.Writer, d *Details) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## ringback: %s\n\n", show.Markdown(s.Headline()))
	if causes := s.Causes(); len(causes) > 1 {
		for _, text := range causes[1:] {
			b.WriteString("- " + show.Markdown(text) + "\n")
		}
		b.WriteString("\n")
	}
	b.WriteString(show.Markdown(s.headline()) + "\n\n")
	if by := s.JudgedBy(); by != "" {
		b.WriteString("Judged by: " + show.Markdown(by) + "\n\n")
	}
	gates := [][]string{{"gate", "", "value"}}
	for _, g := range s.Gates {
		gates = append(gates, []string{g.Text, mark(g.Passed), g.Was})
	}
	checks := [][]string{{"check", "", "found"}}
	for _, c := range s.Checks {
		checks = append(checks, []string{c.Name, mark(c.Passed), c.Detail})
	}
	troubles := [][]string{{"notification", "party", "outcome", "why"}}
	for _, t := range d.troubles[:min(len(d.troubles), mostListed)] {
		troubles = append(troubles, []string{t.Type + " " + t.ID, t.Party, t.Outcome, t.Why})
	}
	for _, rows := range [][][]string{s.countRows(), s.timeRows(), s.Activity.rows(), gates, checks, s.faultRows(), troubles} {
		markdownTable(&b, rows)
	}
	if all := uint64(len(d.troubles)) + d.more; all > mostListed {
		fmt.Fprintf(&b, "… and %s more\n\n", show.Grouped(all-mostListed))
	}
	for _, line := range append(s.burstLines(), s.remarks()...) {
		b.WriteString("- " + show.Markdown(line) + "\n")
	}
	fmt.Fprintf(&b, "\nScenarios: %s. Seed %d, start %s, plan `%.12s`, ringback %s%s.", show.Markdown(strings.Join(s.Scenarios, ", ")),
		s.Seed, s.PlanStart.Format(moment), s.PlanHash, show.Markdown(s.Version), show.Markdown(show.With(s.Params)))
	if s.Waited != "" {
		fmt.Fprintf(&b, " Waited for moments by %s.", show.Markdown(s.Waited))
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// noVerdict stands for the verdict of a run that has none.
const noVerdict = "a run"

func mark(passed bool) string {
	if passed {
		return "ok"
	}
	return "**failed**"
}

// markdownTable writes rows, of which the first is the head, unless it is alone. Marks of ours may
// be bold.
func markdownTable(b *strings.Builder, rows [][]string) {
	if len(rows) < 2 {
		return
	}
	for i, row := range rows {
		b.WriteString("|")
		for _, cell := range row {
			if cell != mark(false) {
				cell = show.Markdown(cell)
			}
			b.WriteString(" " + cell + " |")
		}
		b.WriteString("\n")
		if i == 0 {
			b.WriteString("|" + strings.Repeat("---|", len(row)) + "\n")
		}
	}
	b.WriteString("\n")
}
