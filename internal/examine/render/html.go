package render

import (
	"embed"
	"io"
	"strings"

	"github.com/ringback/ringback/internal/report"
)

//go:embed *.html.tmpl
var pages embed.FS

// shownFinding is a finding as the page shows it.
type shownFinding struct {
	*Finding
	Shown, Drawn string
	Others       []string
}

// writeHTML writes a page that needs nothing from elsewhere.
func (r *Result) writeHTML(w io.Writer) error {
	var findings []shownFinding
	for i := range r.Findings {
		f := &r.Findings[i]
		findings = append(findings, shownFinding{f, f.shown(), strings.Join(f.Timeline, "\n"), f.others()})
	}
	levels := [][]string{{"level", "verdict", "rules"}}
	for _, l := range r.Levels {
		levels = append(levels, []string{l.Name, l.stand(), l.counts()})
	}
	verdict, _, _ := strings.Cut(r.Headline(), ":")
	return report.WritePage(w, pages, "examined.html.tmpl", map[string]any{"Result": r, "Verdict": verdict, "Headline": r.Headline(), "Findings": findings,
		"Causes": r.Causes(), "Levels": levels, "Off": r.off(), "Untested": r.untested(), "Remarks": r.remarks(), "Origin": r.origin()})
}
