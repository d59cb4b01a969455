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
	fmt.Fprintf(&b, "## ringback: %s\n\n", verdictText(s.Verdict))
	for _, text := range s.Invalid {
		b.WriteString("**Invalid:** " + markdownText(text) + "\n\n")
	}
	b.WriteString(markdownText(s.headline()) + "\n\n")
	markdownTable(&b, s.countRows())
	if times := s.timeRows(); len(times) > 1 {
		markdownTable(&b, times)
	}
	if rows := s.Activity.rows(); len(rows) > 0 {
		markdownTable(&b, rows)
	}
	if len(s.Gates) > 0 {
		rows := [][]string{{"gate", "", "value"}}
		for _, g := range s.Gates {
			rows = append(rows, []string{g.Text, mark(g.Passed), g.Was})
		}
		markdownTable(&b, rows)
	}
	if len(s.Checks) > 0 {
		rows := [][]string{{"check", "", "found"}}
		for _, c := range s.Checks {
			rows = append(rows, []string{c.Name, mark(c.Passed), c.Detail})
		}
		markdownTable(&b, rows)
	}
	if rows := s.faultRows(); len(rows) > 1 {
		markdownTable(&b, rows)
	}
	s.markdownTroubles(&b, d)
	for _, line := range s.remarks() {
		b.WriteString("- " + markdownText(line) + "\n")
	}
	fmt.Fprintf(&b, "\nScenarios: %s. Seed %d, start %s, plan `%.12s`, ringback %s.", markdownText(strings.Join(s.Scenarios, ", ")),
		s.Seed, s.PlanStart.Format(moment), s.PlanHash, markdownText(s.Version))
	if s.Waited != "" {
		fmt.Fprintf(&b, " Waited for moments by %s.", markdownText(s.Waited))
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func verdictText(v Verdict) string {
	if v == "" {
		return "a run"
	}
	return string(v)
}

func mark(passed bool) string {
	if passed {
		return "ok"
	}
	return "**failed**"
}

func (s *Summary) markdownTroubles(b *strings.Builder, d *Details) {
	if len(d.troubles) == 0 {
		return
	}
	rows := [][]string{{"notification", "party", "outcome", "why"}}
	for i, t := range d.troubles {
		if i == mostListed {
			break
		}
		rows = append(rows, []string{t.Type + " " + t.ID, t.Party, t.Outcome, s.scrub(t.Why)})
	}
	markdownTable(b, rows)
	if more := uint64(len(d.troubles)) + d.more; more > mostListed {
		fmt.Fprintf(b, "… and %s more\n\n", show.Grouped(more-mostListed))
	}
}

// markdownTable writes rows, of which the first is the head. Marks of ours may be bold.
func markdownTable(b *strings.Builder, rows [][]string) {
	for i, row := range rows {
		b.WriteString("|")
		for _, cell := range row {
			if cell != mark(false) {
				cell = markdownText(cell)
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

// markdownText is text that means itself, in a line and in a cell of a table.
func markdownText(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n' || r == '\r':
			b.WriteString(" ")
			continue
		case r < ' ':
			continue
		case r == '<':
			b.WriteString("&lt;")
			continue
		case strings.ContainsRune("\\`*_[]|#~$", r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
