package report

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/internal/show"
)

//go:embed *.html.tmpl
var pages embed.FS

// writePage writes one file that needs nothing from elsewhere.
func writePage(w io.Writer, name string, data any) error { return WritePage(w, pages, name, data) }

// WritePage writes a page in the style of the reports. The template of that name is one of own, which may use head and
// table. What would act on the page unseen, such as a change of the direction of text, stands there as it is escaped.
func WritePage(w io.Writer, own fs.FS, name string, data any) error {
	var page strings.Builder
	t := template.New(name).Option("missingkey=error").Funcs(template.FuncMap{"kind": kind, "column": column, "grouped": show.Grouped})
	if err := template.Must(template.Must(t.ParseFS(pages, "*")).ParseFS(own, name)).Execute(&page, data); err != nil {
		return err
	}
	_, err := io.WriteString(w, show.Visible(page.String()))
	return err
}

// writeHTML writes the report as a page.
func (s *Summary) writeHTML(w io.Writer, d *Details) error {
	var attempts [][]string
	for i, n := range d.acceptedAt {
		if n > 0 {
			attempts = append(attempts, []string{fmt.Sprintf("attempt %d", i+1), show.Grouped(n)})
		}
	}
	var lanes []Lane
	for i := range d.timelines {
		lanes = append(lanes, d.timelines[i].Lanes...)
	}
	return writePage(w, "report.html.tmpl", map[string]any{
		"Summary": s, "Headline": s.headline(), "Counts": s.countRows(), "Times": s.timeRows(), "FaultRows": s.faultRows(), "Bursts": s.burstLines(),
		"Bars": latencyBars(s.Total.Latency.counts()), "Attempts": attempts, "Timelines": d.timelines, "MoreTimelines": d.moreTimelines,
		"Phases": newPalette(lanes).phases, "Troubles": d.troubles, "MoreTroubles": d.more, "FlagRows": settingRows(s),
		"ActivityRows": s.Activity.rows(), "OverTime": s.Series.plotsOverTime(s.took()),
		"Percentiles": percentilePlot("Percentiles", "Share of the requests with at most this latency or lateness.", []curve{
			{"latency", s.Total.Latency.counts()}, {"lateness", s.Total.Lateness.counts()}, {"own lateness", s.Pacing.counts()}}),
	})
}

// numeric is a cell of a table that is a number, a time, or a difference.
var numeric = regexp.MustCompile(`^(=|–|[-+]?([0-9][0-9,.]*( ?(µs|ms|s|m|h|%|/s))?)+( \([-+0-9.]+%\))?)$`)

// kind is the class of a cell of a table: numbers stand to the right.
func kind(cell string) string {
	if numeric.MatchString(cell) {
		return "n"
	}
	return ""
}

// column is the class of the head of a column: the class of the cell below it.
func column(rows [][]string, i int) string {
	if len(rows) < 2 || i >= len(rows[1]) {
		return ""
	}
	return kind(rows[1][i])
}

// bar is a range of times, how many fell into it, and how long it is drawn.
type bar struct {
	Below time.Duration // exclusive
	Count uint64
	Width string // share of the longest bar
}

// latencyBars counts times in ranges whose limits double from 1/16 ms on: from the range of
// the shortest time to that of the longest.
func latencyBars(h *hdrhistogram.Histogram) (bars []bar) {
	if h == nil || h.TotalCount() == 0 {
		return nil
	}
	below := time.Millisecond / 16
	for below <= time.Duration(h.Min())*time.Microsecond {
		below *= 2
	}
	bars = []bar{{Below: below}}
	longest := uint64(0)
	for _, b := range h.Distribution() {
		if b.Count == 0 {
			continue
		}
		for time.Duration(b.From)*time.Microsecond >= bars[len(bars)-1].Below {
			bars = append(bars, bar{Below: 2 * bars[len(bars)-1].Below})
		}
		last := &bars[len(bars)-1]
		last.Count += uint64(b.Count)
		longest = max(longest, last.Count)
	}
	for i := range bars {
		bars[i].Width = fmt.Sprintf("%.2f%%", 100*(float64(bars[i].Count)/float64(longest)))
	}
	return bars
}
