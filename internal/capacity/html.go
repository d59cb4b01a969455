package capacity

import (
	"embed"
	"fmt"
	"io"

	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/show"
)

//go:embed *.html.tmpl
var pages embed.FS

// WriteHTML writes a page that needs nothing from elsewhere.
func (r *Result) WriteHTML(w io.Writer) error {
	law := ""
	if r.Law != nil {
		law = r.Law.String()
	}
	steps := [][]string{{"phase", "rate", "seconds", "answered", "p50", "p99", "verdict"}}
	for _, s := range r.Steps {
		verdict := string(s.Verdict)
		if s.Why != "" {
			verdict += ": " + s.Why
		}
		steps = append(steps, []string{string(s.Phase), show.PerSecond(s.Rate), fmt.Sprintf("%.0f", s.Seconds), show.PerSecond(s.PerSecond), micros(s.P50), micros(s.P99), verdict})
	}
	return report.WritePage(w, pages, "capacity.html.tmpl", map[string]any{"Result": r, "Headline": r.Headline(), "Law": law, "Rows": r.Rows(), "Steps": steps, "Plot": r.curve()})
}

// curve draws latencies over the rates that were offered.
func (r *Result) curve() any {
	var lines [2][][2]float64
	for _, s := range r.sorted() {
		if s.P50 > 0 {
			lines[0] = append(lines[0], [2]float64{s.Rate, float64(s.P50)})
			lines[1] = append(lines[1], [2]float64{s.Rate, float64(s.P99)})
		}
	}
	return report.Curve("Latency by rate", "The median and the 99th percentile of the latency, over the notifications offered each second.", []string{"p50", "p99"}, lines[:], r.Rows())
}
