package capacity

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/show"
)

// Headline says in a sentence what was found, or why nothing was.
func (r *Result) Headline() string {
	switch {
	case r.Named && r.Breaks == 0:
		return fmt.Sprintf("the consumer takes at least %s, the highest rate that was asked for", show.PerSecond(r.Holds))
	case r.Named:
		return fmt.Sprintf("the consumer takes %s; %s does not hold: %s", show.PerSecond(r.Holds), show.PerSecond(r.Breaks), r.Why)
	}
	if r.Holds == 0 && r.Whose == Consumer {
		return "no limit can be named: " + r.Reason // which says so
	}
	known := "no rate is known to hold"
	if r.Holds > 0 {
		known = show.PerSecond(r.Holds) + " holds"
	}
	if r.Breaks > 0 {
		known += fmt.Sprintf(", %s does not: %s", show.PerSecond(r.Breaks), r.Why)
	}
	return fmt.Sprintf("no limit can be named: %s; %s", r.Reason, known)
}

// Uncertainty is how far the limit may be above what is named, in percent.
func (r *Result) Uncertainty() float64 {
	if r.Holds == 0 || r.Breaks == 0 {
		return 0
	}
	return 100 * (r.Breaks/r.Holds - 1)
}

// String is a step in a line.
func (s *Step) String() string {
	text := fmt.Sprintf("%-7s  %9s for %3.0fs  p50 %8s  p99 %8s  %9s answered  %s", s.Phase, show.PerSecond(s.Rate), s.Seconds, micros(s.P50), micros(s.P99), show.PerSecond(s.PerSecond), s.Verdict)
	if s.Why != "" {
		text += ": " + s.Why
	} else if !s.Decided {
		text += ", with too few requests to be sure"
	}
	return text
}

// WriteText writes the result for people.
func (r *Result) WriteText(w io.Writer) error {
	var b strings.Builder
	b.WriteString(r.Headline() + "\n")
	if r.Named && r.Breaks > 0 {
		fmt.Fprintf(&b, "uncertain by %.1f %%: between %s, which held for %s, and %s, where %s gave way first\n", r.Uncertainty(), show.PerSecond(r.Holds), r.held(r.Holds), show.PerSecond(r.Breaks), r.Broke)
	}
	b.WriteString("\n")
	for _, row := range r.Rows() {
		for i, cell := range row {
			if i > 0 {
				b.WriteString("  ")
			}
			fmt.Fprintf(&b, "%*s", [...]int{9, 9, 9, 9, 9, 8, 7, 0}[i], cell)
		}
		b.WriteString("\n")
	}
	if l := r.Law; l != nil {
		fmt.Fprintf(&b, "\n%s\n", l)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// held is the longest window in which a rate held.
func (r *Result) held(rate float64) time.Duration {
	most := 0.0
	for _, s := range r.Steps {
		if s.Rate == rate && s.Verdict == Holds {
			most = max(most, s.Seconds)
		}
	}
	return time.Duration(most * float64(time.Second)).Round(time.Second)
}

// Rows are the points of the curve, a row for each window at which something was decided, by rate, with a head.
func (r *Result) Rows() [][]string {
	rows := [][]string{{"rate", "answered", "p50", "p99", "growth", "failed", "phase", "verdict"}}
	for _, s := range r.sorted() {
		failed := show.Number(100*float64(s.Offered-min(s.Answered, s.Offered))/float64(max(s.Offered, 1))) + " %"
		verdict := string(s.Verdict)
		if s.Broke != "" {
			verdict += " by " + string(s.Broke)
		}
		rows = append(rows, []string{show.PerSecond(s.Rate), show.PerSecond(s.PerSecond), micros(s.P50), micros(s.P99), show.PerSecond(s.Growth), failed, string(s.Phase), verdict})
	}
	return rows
}

// sorted are the steps of the curve, by their rates.
func (r *Result) sorted() []Step {
	all := slices.DeleteFunc(slices.Clone(r.Steps), func(s Step) bool { return s.Phase == Recover })
	slices.SortStableFunc(all, func(a, b Step) int {
		switch {
		case a.Rate < b.Rate:
			return -1
		case a.Rate > b.Rate:
			return 1
		}
		return 0
	})
	return all
}

// String says what the law means.
func (l *Law) String() string {
	text := fmt.Sprintf("scalability law (R² %.2f): %s with one request in flight; contention %s %%, coherence %s %%", l.Fit, show.PerSecond(l.Single), show.Number(100*l.Contention), show.Number(100*l.Coherence))
	switch {
	case l.PeakAt > 0:
		return text + fmt.Sprintf("; predicted peak %s, with %.0f requests in flight", show.PerSecond(l.Peak), l.PeakAt)
	case l.Peak > 0:
		return text + fmt.Sprintf("; it tends to %s", show.PerSecond(l.Peak))
	}
	return text
}

// WriteJSON writes the result as an indented JSON object and a new line.
func (r *Result) WriteJSON(w io.Writer) error { return jsontext.WriteIndented(w, r) }
