package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/internal/show"
)

//go:embed report.html.tmpl
var page string

//go:embed parts.html.tmpl
var parts string

// newPage reads a page and the parts that all pages share.
func newPage(text string) (*template.Template, error) {
	t, err := template.New("parts").Funcs(template.FuncMap{"kind": kind, "column": column}).Parse(parts)
	if err != nil {
		return nil, err
	}
	return t.New("page").Parse(text)
}

// htmlView is what the page shows. All its texts are scrubbed.
type htmlView struct {
	*Summary
	Headline      string
	Counts, Times [][]string
	FaultRows     [][]string
	Bars          []barView
	Attempts      [][]string
	Timelines     []timelineView
	MoreTimelines uint64
	Phases        []string
	Troubles      []trouble
	MoreTroubles  uint64
	FlagRows      [][]string
	ActivityRows  [][]string
	OverTime      []plot
	Percentiles   []plot
}

// barView is a bar of a histogram: its share of the longest one, in percent.
type barView struct {
	Label string
	Count string
	Width string
}

// timelineView is a drawn conversation.
type timelineView struct {
	Title  string
	Height int
	Lanes  []laneView
}

type laneView struct {
	Label string
	Y     int // of the top of the bars, in units of the drawing
	Text  int // of the base line of the label
	Spans []spanView
}

// spanView is a bar from X, Width wide, in units of the drawing.
type spanView struct{ Phase, X, Width, Title string }

// The drawing of a conversation: its width is laneLabels for the labels and laneWidth for the time.
const (
	laneLabels = 160
	laneWidth  = 800
	laneHeight = 22
)

// writeHTML writes one file that needs nothing from elsewhere.
func (s *Summary) writeHTML(w io.Writer, d *Details) error {
	t, err := newPage(page)
	if err != nil {
		return err
	}
	v := &htmlView{Summary: s, Headline: s.headline(), Counts: s.countRows(), Times: s.timeRows(), FaultRows: s.faultRows(),
		MoreTimelines: d.moreTimelines, MoreTroubles: d.more, Attempts: attemptRows(d), Bars: barViews(latencyBars(s.Total.Latency.counts())),
		ActivityRows: s.Activity.rows(), OverTime: s.Series.plotsOverTime(s.took()), Percentiles: s.percentilePlots()}
	var lanes []Lane
	for i := range d.timelines {
		v.Timelines = append(v.Timelines, d.timelines[i].view())
		lanes = append(lanes, d.timelines[i].Lanes...)
	}
	v.Phases = newPalette(lanes).phases
	for _, t := range d.troubles {
		t.Why, t.Body, t.Answer = s.scrub(t.Why), s.scrub(t.Body), s.scrub(t.Answer)
		v.Troubles = append(v.Troubles, t)
	}
	v.FlagRows = s.flagRows()
	return t.Execute(w, v)
}

// barViews draws a histogram.
func barViews(bars []bar) (views []barView) {
	longest := int64(1)
	for _, b := range bars {
		longest = max(longest, b.Count)
	}
	for _, b := range bars {
		views = append(views, barView{"below " + b.Below.String(), show.Grouped(uint64(b.Count)), percent(float64(b.Count) / float64(longest))})
	}
	return views
}

// percent is a share as an attribute of a drawing has it.
func percent(share float64) string { return fmt.Sprintf("%.2f%%", 100*share) }

// attemptRows say at which attempt notifications were accepted.
func attemptRows(d *Details) (rows [][]string) {
	for i, n := range d.acceptedAt {
		if n > 0 {
			rows = append(rows, []string{fmt.Sprintf("attempt %d", i+1), show.Grouped(n)})
		}
	}
	return rows
}

// view draws a conversation along its own time.
func (t *timeline) view() timelineView {
	v := timelineView{Title: fmt.Sprintf("Conversation %d", t.Number), Height: laneHeight * (len(t.Lanes) + 1)}
	if t.ID != "" {
		v.Title += " " + t.ID
	}
	a := newAxis(t.Lanes, laneWidth)
	if len(t.Lanes) > 0 {
		v.Title += ", from " + a.from.UTC().Format("2006-01-02 15:04:05.000") + ", " + a.length.Round(time.Millisecond).String()
	}
	for i, lane := range t.Lanes {
		l := laneView{Label: show.Clip(lane.Label, longestLabel), Y: i*laneHeight + 3, Text: i*laneHeight + 15}
		for _, span := range lane.Spans {
			from := laneLabels + laneWidth*span.From.Sub(a.from).Seconds()/a.length.Seconds()
			width := max(1.5, laneWidth*span.To.Sub(span.From).Seconds()/a.length.Seconds())
			l.Spans = append(l.Spans, spanView{Phase: span.Phase, X: fmt.Sprintf("%.1f", from), Width: fmt.Sprintf("%.1f", width),
				Title: fmt.Sprintf("%s: %s for %s", lane.Label, span.Phase, span.To.Sub(span.From).Round(time.Millisecond))})
		}
		v.Lanes = append(v.Lanes, l)
	}
	return v
}

// flagRows are the settings of the run, sorted by name.
func (s *Summary) flagRows() (rows [][]string) {
	for _, name := range sortedKeys(s.Flags) {
		rows = append(rows, []string{"--" + name, s.Flags[name]})
	}
	return rows
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

// bar is a range of times and how many fell into it.
type bar struct {
	Below time.Duration // exclusive
	Count int64
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
	for _, b := range h.Distribution() {
		if b.Count == 0 {
			continue
		}
		for time.Duration(b.From)*time.Microsecond >= bars[len(bars)-1].Below {
			bars = append(bars, bar{Below: 2 * bars[len(bars)-1].Below})
		}
		bars[len(bars)-1].Count += b.Count
	}
	return bars
}
