package report

import (
	"strings"
	"time"

	"github.com/ringback/ringback/internal/show"
)

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
			if s.To.After(to) {
				to = s.To
			}
		}
	}
	return axis{from, max(to.Sub(from), time.Millisecond), width}
}

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
