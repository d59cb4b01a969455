package report

import (
	"fmt"

	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/scenario/fault"
)

// faultRows is a table of the injected faults, with its head, which stands alone if there were
// none. Its last column is why the first wrong one was wrong.
func (s *Summary) faultRows() [][]string {
	rows := [][]string{{"fault", "expected", "right", "wrong", "why"}}
	for _, kind := range fault.Kinds() {
		f, there := s.Total.Faults[kind]
		if !there {
			continue
		}
		rows = append(rows, []string{kind.String(), f.Want, show.Grouped(f.Right), show.Grouped(f.Wrong), f.Example})
	}
	return rows
}

// judged reports whether a notification was to be refused, or never to be sent, so that the
// number of accepted ones is not enough.
func (c *Counts) judged() bool { return c.Refused+c.WronglyAccepted+c.Dropped > 0 }

// judgement says how many notifications were handled correctly, and how.
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
