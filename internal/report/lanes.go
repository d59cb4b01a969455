package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/receiver"
)

// Lane is the life of a channel, or of anything else that has phases.
type Lane struct {
	Label string
	Spans []Span // in the order of time
}

// Span is a phase. Its end may be its beginning.
type Span struct {
	Phase    string
	From, To time.Time
}

// Length is how long it lasts, to the millisecond.
func (s Span) Length() time.Duration { return s.To.Sub(s.From).Round(time.Millisecond) }

// ChannelLane is the life of a channel as a receiver has it. A phase that lasts has no
// length.
func ChannelLane(label string, version event.Version, spans []receiver.Span) Lane {
	if version == event.V1 {
		label += " v1"
	}
	lane := Lane{Label: label}
	for _, s := range spans {
		if s.Phase == receiver.Ended {
			continue
		}
		to := s.To
		if to.IsZero() {
			to = s.From
		}
		lane.Spans = append(lane.Spans, Span{Phase: s.Phase.String(), From: s.From, To: to})
	}
	return lane
}

// Drawing says how to draw lanes. The zero value draws 80 columns without colour.
type Drawing struct {
	Width int  // columns of the time axis, at least 10; 0 means 80
	Color bool // use ANSI escape sequences
}

const (
	defaultWidth = 80
	leastWidth   = 10
	longestLabel = 32 // runes; longer labels are cut
)

// Write draws one line per lane above a common time axis, and a legend of the phases. A phase
// of no length takes a column, unless a lane has more phases than there are columns.
func (d Drawing) Write(w io.Writer, lanes []Lane) error {
	d.Width = max(cmp.Or(d.Width, defaultWidth), leastWidth)
	margin := 0
	for _, l := range lanes {
		margin = max(margin, utf8.RuneCountInString(show.Clip(l.Label, longestLabel)))
	}
	p, a := newPalette(lanes), newAxis(lanes, d.Width)
	var b strings.Builder
	for _, l := range lanes {
		fmt.Fprintf(&b, "%-*s │%s\n", margin, show.Clip(l.Label, longestLabel), d.bar(p, a.columns(l.Spans)))
	}
	ticks, labels := a.ruler()
	var legend []string
	for _, phase := range p.phases {
		legend = append(legend, d.run(p, phase, 1)+" "+phase)
	}
	fmt.Fprintf(&b, "%*s └%s\n%*s  %s\n%*s  %s\n", margin, "", ticks, margin, "", labels, margin, "", strings.Join(legend, "   "))
	_, err := io.WriteString(w, b.String())
	return err
}

// bar draws columns, each the name of a phase or empty, without blanks at the end.
func (d Drawing) bar(p *palette, columns []string) (text string) {
	for len(columns) > 0 {
		n := 1
		for n < len(columns) && columns[n] == columns[0] {
			n++
		}
		text += d.run(p, columns[0], n)
		columns = columns[n:]
	}
	return strings.TrimRight(text, " ")
}

// run draws n columns of one phase.
func (d Drawing) run(p *palette, phase string, n int) string {
	if phase == "" {
		return strings.Repeat(" ", n)
	}
	i := slices.Index(p.phases, phase)
	text := strings.Repeat(string(p.marks[i]), n)
	return show.Colours(d.Color).Paint(colors[i%len(colors)], text)
}

// The phases of a channel, in the order of the legend, and their marks: the busier, the darker.
// Other phases follow in the order in which they occur.
var knownPhases = [...]string{"alerting", "connected", "held", "parked", "interrupted", "wrap", "unexpected", "ended"}

const (
	knownMarks = "·█▒░▚▄×▏"
	otherMarks = "─═≡~+#%@o*abcdefghijklmnopqrstuvwxyz?" // the last one for all that are more
)

var colors = [...]string{"33", "32", "35", "34", "36", "31", "37"}

// palette gives each phase that occurs a mark of its own.
type palette struct {
	phases []string
	marks  []rune
}

func newPalette(lanes []Lane) *palette {
	seen := knownPhases[:]
	occurs := map[string]bool{}
	for _, l := range lanes {
		for _, s := range l.Spans {
			if occurs[s.Phase] = true; !slices.Contains(seen, s.Phase) {
				seen = append(seen, s.Phase)
			}
		}
	}
	p, marks := new(palette), []rune(knownMarks+otherMarks)
	for i, phase := range seen {
		if occurs[phase] {
			p.phases = append(p.phases, phase)
			p.marks = append(p.marks, marks[min(i, len(marks)-1)])
		}
	}
	return p
}

// axis maps moments to columns.
type axis struct {
	from   time.Time
	length time.Duration // more than 0
	width  int
}

func newAxis(lanes []Lane, width int) axis {
	var from, to time.Time
	for _, l := range lanes {
		for _, s := range l.Spans {
			if from.IsZero() || s.From.Before(from) {
				from = s.From
			}
			to = latest(to, s.To)
		}
	}
	return axis{from, max(to.Sub(from), time.Millisecond), width}
}

func latest(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }

// column is where moment t is, from 0 to the width.
func (a axis) column(t time.Time) int {
	return int(float64(t.Sub(a.from)) / float64(a.length) * float64(a.width))
}

// columns names the phase of each column. Phases begin at least a column apart, so that the
// short ones show: first each is pushed to the right of the one before it, and then, from the
// right edge, back.
func (a axis) columns(spans []Span) []string {
	starts := make([]int, len(spans))
	for i, s := range spans {
		starts[i] = a.column(s.From)
		if i > 0 {
			starts[i] = max(starts[i], starts[i-1]+1)
		}
	}
	for i := range starts {
		last := a.width - (len(starts) - i)
		starts[i] = max(0, min(starts[i], last))
	}
	columns := make([]string, a.width)
	for i, s := range spans {
		for c := starts[i]; c < max(starts[i]+1, min(a.column(s.To), a.width)); c++ {
			columns[c] = s.Phase
		}
	}
	return columns
}

// steps are distances between ticks.
var steps = [...]time.Duration{
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond,
	10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// step is the smallest distance that leaves space for a label, or as many days as needed.
func (a axis) step() time.Duration {
	const space = 10 // columns
	least := a.length * space / time.Duration(a.width)
	for _, s := range steps {
		if s >= least {
			return s
		}
	}
	const day = 24 * time.Hour
	return (least/day + 1) * day
}

// ruler draws the axis and its labels: the moment at which it begins, then offsets.
func (a axis) ruler() (ticks, labels string) {
	line := []rune(strings.Repeat("─", a.width))
	var text strings.Builder
	step := a.step()
	for at := time.Duration(0); at < a.length; at += step {
		column := a.column(a.from.Add(at))
		label := "+" + show.Brief(at)
		if at == 0 {
			label = a.from.UTC().Format("15:04:05")
		}
		written := text.Len()
		if column < written || column+len(label) > a.width && at > 0 {
			continue
		}
		line[column] = '┴'
		text.WriteString(strings.Repeat(" ", column-written) + label + " ")
	}
	return string(line), strings.TrimRight(text.String(), " ")
}
