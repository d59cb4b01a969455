package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/ringback/ringback/internal/show"
)

// writeMarkdown writes what fits on a page, for the summary of a CI step. Its first line is the cause.
func (r *Result) writeMarkdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## ringback: %s\n\n", show.Markdown(r.Headline()))
	if causes := r.Causes(); len(causes) > 1 {
		items(&b, causes[1:])
	}
	b.WriteString("| level | | rules |\n|---|---|---|\n")
	for _, l := range r.Levels {
		stand := l.stand()
		if l.Broken > 0 {
			stand = "**" + stand + "**"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", l.Name, stand, l.counts())
	}
	b.WriteString("\n")
	for i := range r.Findings {
		r.Findings[i].markdown(&b)
	}
	for _, part := range []struct {
		head  string
		lines []string
	}{{"Told wrongly, over all stories", r.off()}, {"Not tested", r.untested()}, {"Notes", r.remarks()}} {
		if len(part.lines) > 0 {
			b.WriteString("### " + part.head + "\n\n")
			items(&b, part.lines)
		}
	}
	fmt.Fprintf(&b, "%s.\n\n", show.Markdown(r.origin()))
	block(&b, "sh", r.Again)
	_, err := io.WriteString(w, b.String())
	return err
}

func items(b *strings.Builder, lines []string) {
	for _, text := range lines {
		b.WriteString("- " + show.Markdown(text) + "\n")
	}
	b.WriteString("\n")
}

// block is text as it is. Four marks hold three of them.
func block(b *strings.Builder, language, text string) {
	fmt.Fprintf(b, "````%s\n%s\n````\n\n", language, text)
}

// markdown writes a section about a finding.
func (f *Finding) markdown(b *strings.Builder) {
	fmt.Fprintf(b, "### The consumer %s\n\n", show.Markdown(f.Text))
	if f.Waived != "" {
		fmt.Fprintf(b, "Waived %s\n\n", show.Markdown(f.Waived))
	}
	fmt.Fprintf(b, "`%s` (%s): %s.\n\n", f.Rule, f.Level, show.Markdown(f.Demand))
	lines := append([]string{}, f.Seen...)
	lines = append(lines, f.others()...)
	if text := f.shown(); text != "" {
		lines = append(lines, text)
	}
	if len(f.Also) > 0 {
		lines = append(lines, "broken in consequence: "+strings.Join(f.Also, ", "))
	}
	items(b, lines)
	if len(f.Timeline) > 0 {
		block(b, "text", strings.Join(f.Timeline, "\n"))
	}
	fmt.Fprintf(b, "**Mend it:** %s\n\n", show.Markdown(f.Mend))
	if f.Again != "" {
		block(b, "sh", f.Again)
	}
}
