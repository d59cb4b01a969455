package report

import (
	"fmt"
	"strings"

	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/scenario/fault"
)

// faultRows is a table of the faults that were asked for, with its head; nothing else if
// there were none. Its last column is why the first wrong one was wrong.
func (s *Summary) faultRows() [][]string {
	rows := [][]string{{"fault", "right answer", "right", "wrong", "why"}}
	for _, kind := range fault.Kinds() {
		f, there := s.Total.Faults[kind]
		if !there {
			continue
		}
		rows = append(rows, []string{kind.String(), f.Want, show.Grouped(f.Right), show.Grouped(f.Wrong), f.Example})
	}
	return rows
}

// writeFaults writes the table, and a line for each kind that a target answered wrongly.
func (s *Summary) writeFaults(b *strings.Builder) {
	rows := s.faultRows()
	if len(rows) == 1 {
		return
	}
	for i := range rows {
		rows[i] = rows[i][:len(rows[i])-1]
	}
	b.WriteByte('\n')
	writeTable(b, rows)
	separator := "\n"
	for _, t := range s.Targets {
		for _, kind := range fault.Kinds() {
			if f := t.Faults[kind]; f.Wrong > 0 {
				fmt.Fprintf(b, "%s%s: %s, %s of %s wrong: %s\n", separator, t.Name, kind, show.Grouped(f.Wrong), show.Grouped(f.Right+f.Wrong), f.Example)
				separator = ""
			}
		}
	}
}

// judged tells whether acceptance alone does not say how it went: something was to be
// refused, or never to be sent.
func (c *Counts) judged() bool { return c.Refused+c.WronglyAccepted+c.Dropped > 0 }

// judgement says how many notifications became what they should, and what that was.
func (c *Counts) judgement(took string) string {
	text := fmt.Sprintf("%s of %s handled correctly in %s: %s accepted", show.Grouped(c.Accepted+c.Refused+c.Dropped),
		show.Counted(c.Matched, "notification"), took, show.Grouped(c.Accepted))
	for _, part := range []struct {
		n    uint64
		text string
	}{{c.Refused, "refused"}, {c.Dropped, "dropped"}, {c.WronglyAccepted, "wrongly accepted"}} {
		if part.n > 0 {
			text += fmt.Sprintf(", %s %s", show.Grouped(part.n), part.text)
		}
	}
	return text
}
