package report

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/scenario/fault"
)

// WriteText writes the summary for people: a sentence, the counts and the times of each
// target, and a line for each class of failures.
func (s *Summary) WriteText(w io.Writer) error {
	var b strings.Builder
	for _, text := range s.Invalid {
		b.WriteString("invalid: " + text + "\n")
	}
	for _, text := range s.Overloaded {
		b.WriteString("overloaded: " + text + "\n")
	}
	b.WriteString(s.sentence() + "\n")
	writeTable(&b, s.countRows())
	writeTable(&b, s.timeRows())
	if s.Activity != nil && s.Activity.Agents > 0 { // without a pool it says little
		rows := s.Activity.rows()
		b.WriteByte('\n')
		for _, row := range rows {
			fmt.Fprintf(&b, "%-*s  %s\n", columnWidth(rows, 0), row[0], row[1])
		}
	}
	faults := s.faultRows()
	for i, row := range faults {
		faults[i] = row[:len(row)-1] // why is below, target by target
	}
	writeTable(&b, faults)
	writeLines(&b, s.wrongFaults())
	if n := len(s.Gates); n > 0 {
		fmt.Fprintf(&b, "\n%d of %s passed\n", n-len(s.FailedGates()), show.Counted(uint64(n), "gate"))
	}
	if by := s.JudgedBy(); by != "" {
		writeLines(&b, []string{"verdict: " + s.Headline(), "judged by: " + by})
	}
	writeLines(&b, s.burstLines())
	writeLines(&b, s.remarks())
	_, err := io.WriteString(w, b.String())
	return err
}

// headline is how the run ended, in a sentence.
func (s *Summary) headline() string {
	text := s.sentence()
	if n := len(s.FailedGates()); n > 0 {
		text += "; " + show.Counted(uint64(n), "gate") + " failed"
	}
	if n := s.failedChecks(); n > 0 {
		text += "; " + show.Counted(n, "check") + " failed"
	}
	return text
}

// sentence says how it went, and whether a part of the plan is missing.
func (s *Summary) sentence() string {
	c := &s.Total
	all, took := show.Counted(c.Matched, "notification"), show.Duration(s.took())
	text := fmt.Sprintf("%s of %s accepted in %s", show.Grouped(c.Accepted), all, took)
	if c.Refused+c.WronglyAccepted+c.Dropped > 0 { // so that the number of accepted ones is not enough
		text = fmt.Sprintf("%s of %s handled correctly in %s: %s accepted", show.Grouped(c.Accepted+c.Refused+c.Dropped), all, took, show.Grouped(c.Accepted))
	}
	for _, name := range []string{"refused", "dropped", "wrongly accepted", "retried", "given up", "undelivered", "not sent"} {
		if n, _ := c.Named(name); n > 0 {
			text += fmt.Sprintf(", %s %s", show.Grouped(n), name)
		}
	}
	switch {
	case s.Stopped != nil:
		text += "; the run was stopped by a condition"
	case s.Stop == emitter.StopDrained:
		text += "; the run was interrupted"
	case s.Stop == emitter.StopCancelled:
		text += "; the run was cut off"
	case s.Stop == emitter.StopFailed:
		text += "; the run failed"
	}
	if s.CutOff {
		text += "; cut off at the end of the traffic"
	}
	if !s.PlanRead {
		text += fmt.Sprintf("; stopped early: only the first %s of the plan were started", show.Counted(s.Planned, "notification"))
	}
	return text
}

// wrongFaults says of each kind of faults that a target answered wrongly how many, and why.
func (s *Summary) wrongFaults() (lines []string) {
	for _, t := range s.Targets {
		for _, kind := range fault.Kinds() {
			if f := t.Faults[kind]; f.Wrong > 0 {
				lines = append(lines, fmt.Sprintf("%s: %s, %s of %s wrong: %s", t.Name, kind, show.Grouped(f.Wrong), show.Grouped(f.Right+f.Wrong), f.Example))
			}
		}
	}
	return lines
}

// remarks are the diagnoses of all targets, and then the notes.
func (s *Summary) remarks() (lines []string) {
	if s.Shard != nil {
		lines = append(lines, fmt.Sprintf("this is only shard %s of the plan", s.Shard))
	}
	for _, t := range s.Targets {
		lines = append(lines, t.Diagnoses...)
	}
	return append(lines, s.Notes...)
}

// burstLines says of each target what was in flight together, if the plan has no order.
func (s *Summary) burstLines() (lines []string) {
	for i := range s.Targets {
		t := &s.Targets[i]
		if t.Bursts == nil {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s: %s; most in flight together of one conversation: %d, of one channel: %d", t.Name,
			show.Counted(t.Bursts.Released, "burst"), t.Bursts.MostOfStory, t.Bursts.MostOfChannel))
	}
	return lines
}

func (s *Summary) countRows() [][]string {
	rows := [][]string{{"target", "planned", "accepted", "retried", "given up", "undelivered", "not sent", "attempts", "connections"}}
	add := func(name string, c *Counts) {
		row := []string{name}
		for _, n := range []uint64{c.Matched, c.Accepted, c.Retried, c.GivenUp, c.Undelivered, c.NotSent, c.Attempts, c.NewConnections} {
			row = append(row, show.Grouped(n))
		}
		rows = append(rows, row)
	}
	for i := range s.Targets {
		add(s.Targets[i].Name, &s.Targets[i].Counts)
	}
	if len(s.Targets) > 1 {
		add("total", &s.Total)
	}
	return rows
}

func (s *Summary) timeRows() [][]string {
	rows := [][]string{{"time", "p50", "p90", "p99", "max"}}
	add := func(name string, d *Distribution) {
		if d == nil {
			return
		}
		row := []string{name}
		for _, us := range []int64{d.P50, d.P90, d.P99, d.Max} {
			row = append(row, show.Duration(time.Duration(us)*time.Microsecond))
		}
		rows = append(rows, row)
	}
	for i := range s.Targets {
		name := ""
		if len(s.Targets) > 1 {
			name = " of " + s.Targets[i].Name
		}
		add("latency"+name, s.Targets[i].Latency)
		add("lateness"+name, s.Targets[i].Lateness)
	}
	add("own lateness", s.Pacing)
	return rows
}

// faultRows is a table of the injected faults, with its head. Its last column is why the first
// wrong one was wrong.
func (s *Summary) faultRows() [][]string {
	rows := [][]string{{"fault", "expected", "right", "wrong", "why"}}
	for _, kind := range fault.Kinds() {
		if f, there := s.Total.Faults[kind]; there {
			rows = append(rows, []string{kind.String(), f.Want, show.Grouped(f.Right), show.Grouped(f.Wrong), f.Example})
		}
	}
	return rows
}

// writeLines writes lines behind an empty one.
func writeLines(b *strings.Builder, lines []string) {
	if len(lines) > 0 {
		b.WriteString("\n" + strings.Join(lines, "\n") + "\n")
	}
}

// writeTable writes a table with a head behind an empty line, unless it is a head alone. It
// aligns the first column to the left and the others to the right.
func writeTable(b *strings.Builder, rows [][]string) {
	if len(rows) < 2 {
		return
	}
	b.WriteByte('\n')
	for _, row := range rows {
		fmt.Fprintf(b, "%-*s", columnWidth(rows, 0), row[0])
		for i, cell := range row[1:] {
			fmt.Fprintf(b, "  %*s", columnWidth(rows, i+1), cell)
		}
		b.WriteByte('\n')
	}
}

// columnWidth is the length of the longest cell of a column, in characters.
func columnWidth(rows [][]string, i int) (width int) {
	for _, row := range rows {
		width = max(width, utf8.RuneCountInString(row[i]))
	}
	return width
}
