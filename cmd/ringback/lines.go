package main

import (
	"bufio"
	"fmt"
	"io"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/fault"
	"github.com/ringback/ringback/plan"
)

// lines prints a line for each attempt. It writes through a buffer, which is flushed when
// there has been time since the last line, so that a fast run is not slowed by its own
// output.
type lines struct {
	w       *bufio.Writer
	colours colours
	flushed time.Time
}

func newLines(w io.Writer, _ *plan.Plan) *lines {
	return &lines{w: bufio.NewWriterSize(w, 64<<10), colours: coloursFor(w)}
}

func (l *lines) attempt(a *emitter.Attempt) {
	n := a.Notification
	fmt.Fprintf(l.w, "%s  %-12s %-26s %s\n", offset(n.At), n.Name, n.Type(), l.outcome(a))
	if now := time.Now(); now.Sub(l.flushed) > 100*time.Millisecond {
		l.flush()
		l.flushed = now
	}
}

// outcome says what became of the attempt, and why.
func (l *lines) outcome(a *emitter.Attempt) string {
	took := a.Latency.Round(10 * time.Microsecond)
	text := l.plain(a, took)
	if a.Fault != fault.None {
		text += "  [" + a.Fault.String() + "]"
	}
	return text
}

func (l *lines) plain(a *emitter.Attempt, took time.Duration) string {
	switch {
	case a.Outcome == emitter.Refused:
		return l.colours.good(fmt.Sprintf("%d refused, as it should be", a.Status)) + fmt.Sprintf(" in %s", took)
	case a.Outcome == emitter.Dropped:
		return "dropped"
	case a.Outcome == emitter.Accepted && a.Number > 1:
		return l.colours.good(fmt.Sprintf("%d accepted at attempt %d", a.Status, a.Number)) + fmt.Sprintf(" in %s", took)
	case a.Outcome == emitter.Accepted:
		return l.colours.good(fmt.Sprintf("%d accepted", a.Status)) + fmt.Sprintf(" in %s", took)
	case a.Closing():
		return l.colours.bad(string(a.Outcome)) + ": " + a.Failure.String()
	}
	return l.colours.bad(string(a.Outcome)) + fmt.Sprintf(" after attempt %d: %s", a.Number, a.Failure)
}

func (l *lines) flush() { _ = l.w.Flush() } // a closed pipe is found out by the summary

// offset is a moment of the story, as minutes and seconds after its start.
func offset(d time.Duration) string {
	ms := d.Milliseconds()
	if h := ms / 3_600_000; h > 0 {
		return fmt.Sprintf("+%d:%02d:%02d.%03d", h, ms/60_000%60, ms/1000%60, ms%1000)
	}
	return fmt.Sprintf("+%02d:%02d.%03d", ms/60_000, ms/1000%60, ms%1000)
}
