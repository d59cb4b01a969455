package report_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/internal/show"
)

var nine = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// lane reads phases with the seconds at which they begin; "-" is the end or a gap.
func lane(label string, phases ...any) report.Lane {
	l := report.Lane{Label: label}
	at := func(i int) time.Time { return nine.Add(time.Duration(phases[i].(float64) * float64(time.Second))) }
	for i := 0; i+3 < len(phases); i += 2 {
		if phases[i] != "-" {
			l.Spans = append(l.Spans, report.Span{Phase: phases[i].(string), From: at(i + 1), To: at(i + 3)})
		}
	}
	return l
}

func TestLanes(t *testing.T) {
	call := []report.Lane{
		lane("customer", "alerting", 0.0, "connected", 0.0, "held", 30.0, "connected", 45.0, "ended", 90.0, "-", 90.0),
		lane("agent 1544", "alerting", 2.0, "unexpected", 12.0, "ended", 12.0, "-", 12.0),
		lane("agent 0150", "alerting", 14.0, "connected", 18.0, "parked", 60.0, "connected", 70.0, "wrap", 90.0, "-", 120.0),
		lane("email", "connected", 0.0, "interrupted", 18.0, "connected", 120.0, "-", 120.0),
		lane("nobody"),
	}
	presence := []report.Lane{
		lane("Bo", "Ready", 0.0, "Lunch", 3600.0*3, "Ready", 3600.0*4, "-", 3600.0*8),
		lane("Cy", "Away", 3600.0, "-", 3600.0*2, "Ready", 3600.0*5, "-", 3600.0*6),
		lane("a name so long that it would take the whole line", "Ready", 0.0, "-", 0.0),
	}
	var crowd []any
	for i := range 9 {
		crowd = append(crowd, []string{"alerting", "connected", "held"}[i%3], 59.999)
	}
	crowded := []report.Lane{lane("crowd", append(append([]any{"held", 0.0}, crowd...), "-", 60.0)...)}
	tests := []struct {
		name    string
		drawing report.Drawing
		lanes   []report.Lane
	}{
		{"call.lanes", report.Drawing{}, call},
		{"narrow.lanes", report.Drawing{Width: 24}, call},
		{"color.lanes", report.Drawing{Width: 24, Color: true}, call[:1]},
		{"presence.lanes", report.Drawing{Width: 60}, presence},
		{"crowd.lanes", report.Drawing{Width: 20}, crowded},
		{"instant.lanes", report.Drawing{Width: 20}, []report.Lane{lane("x", "alerting", 0.0, "ended", 0.0, "-", 0.0)}},
		{"empty.lanes", report.Drawing{Width: 20}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var b strings.Builder
			if err := test.drawing.Write(show.Readable(&b), test.lanes); err != nil {
				t.Fatal(err)
			}
			wantGolden(t, test.name, b.String())
		})
	}
}

// Whatever the lanes are, nothing panics, no bar is longer than the axis, and each phase has
// at least one column as long as there are enough of them.
func TestBarsFitTheAxis(t *testing.T) {
	for n := range 40 {
		for _, width := range []int{0, 1, 10, 33} {
			var phases []any
			for i := range n {
				phases = append(phases, string(rune('A'+i)), float64(i*i*i%7))
			}
			phases = append(phases, "-", 7.0)
			var b strings.Builder
			if err := (report.Drawing{Width: width}).Write(&b, []report.Lane{lane("x", phases...)}); err != nil {
				t.Fatal(err)
			}
			bar, _, _ := strings.Cut(b.String(), "\n")
			columns := max(width, 10)
			if width == 0 {
				columns = 80
			}
			if got := utf8.RuneCountInString(bar) - len("x |"); got > columns {
				t.Errorf("%d phases, width %d: the bar has %d columns", n, width, got)
			}
		}
	}
}
