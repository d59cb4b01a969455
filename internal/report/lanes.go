package report

import (
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ringback/ringback/internal/show"

	"github.com/ringback/ringback/event"
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
	if d.Width == 0 {
		d.Width = defaultWidth
	}
	d.Width = max(d.Width, leastWidth)
	margin := 0
	for _, l := range lanes {
		margin = max(margin, utf8.RuneCountInString(show.Clip(l.Label, longestLabel)))
	}
	p, a := newPalette(lanes), newAxis(lanes, d.Width)
	indent := strings.Repeat(" ", margin)
	var b strings.Builder
	for _, l := range lanes {
		label := show.Clip(l.Label, longestLabel)
		b.WriteString(label + indent[utf8.RuneCountInString(label):] + " │")
		d.bar(&b, p, a.columns(l.Spans))
		b.WriteByte('\n')
	}
	ticks, labels := a.ruler()
	b.WriteString(indent + " └" + ticks + "\n" + indent + "  " + labels + "\n")
	b.WriteString(indent + "  " + d.legend(p) + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// bar draws columns, each the name of a phase or empty, without blanks at the end.
func (d Drawing) bar(b *strings.Builder, p *palette, columns []string) {
	for len(columns) > 0 && columns[len(columns)-1] == "" {
		columns = columns[:len(columns)-1]
	}
	for len(columns) > 0 {
		n := 1
		for n < len(columns) && columns[n] == columns[0] {
			n++
		}
		d.run(b, p, columns[0], n)
		columns = columns[n:]
	}
}

// run draws n columns of one phase.
func (d Drawing) run(b *strings.Builder, p *palette, phase string, n int) {
	if phase == "" {
		b.WriteString(strings.Repeat(" ", n))
		return
	}
	i := slices.Index(p.phases, phase)
	text := strings.Repeat(string(p.marks[i]), n)
	if d.Color {
		text = colors[i%len(colors)] + text + colorOff
	}
	b.WriteString(text)
}

func (d Drawing) legend(p *palette) string {
	var b strings.Builder
	for i, phase := range p.phases {
		if i > 0 {
			b.WriteString("   ")
		}
		d.run(&b, p, phase, 1)
		b.WriteString(" " + phase)
	}
	return b.String()
}

// knownMarks are the marks of a channel's phases, in the order of the legend: the busier, the
// darker.
var knownMarks = [...]struct {
	phase string
	mark  rune
}{
	{"alerting", '·'},
	{"connected", '█'},
	{"held", '▒'},
	{"parked", '░'},
	{"interrupted", '▚'},
	{"wrap", '▄'},
	{"unexpected", '×'},
	{"ended", '▏'},
}

// otherMarks are for other phases, in the order in which they occur.
const otherMarks = "─═≡~+#%@o*abcdefghijklmnopqrstuvwxyz"

var colors = [...]string{"\x1b[33m", "\x1b[32m", "\x1b[35m", "\x1b[34m", "\x1b[36m", "\x1b[31m", "\x1b[37m"}

const colorOff = "\x1b[0m"

// palette gives each phase that occurs a mark of its own.
type palette struct {
	phases []string
	marks  []rune
}

func newPalette(lanes []Lane) *palette {
	var seen []string
	for _, l := range lanes {
		for _, s := range l.Spans {
			if !slices.Contains(seen, s.Phase) {
				seen = append(seen, s.Phase)
			}
		}
	}
	p := new(palette)
	for _, k := range knownMarks {
		if slices.Contains(seen, k.phase) {
			p.add(k.phase, k.mark)
		}
	}
	spare := []rune(otherMarks)
	for _, phase := range seen {
		if slices.Contains(p.phases, phase) {
			continue
		}
		mark := '?' // there are more phases than marks
		if len(spare) > 0 {
			mark, spare = spare[0], spare[1:]
		}
		p.add(phase, mark)
	}
	return p
}

func (p *palette) add(phase string, mark rune) {
	p.phases, p.marks = append(p.phases, phase), append(p.marks, mark)
}
