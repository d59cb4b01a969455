package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/ringback/ringback/internal/show"
)

// Two offered rates are the same if they differ by no more: a run counts its last seconds as it comes to them.
const (
	sameRate    = 0.05
	sameSeconds = 2
)

// otherLoad says why the two runs were not offered the same load, so that one's figures say little about the other's, a sentence each.
// Nothing if they were.
func (c *Comparison) otherLoad() (why []string) {
	for _, s := range c.sides() {
		switch {
		case s.Verdict == Invalid || len(s.Invalid) > 0:
			why = append(why, s.Letter+" is invalid: its figures say nothing about the target")
		case s.run.interrupted():
			why = append(why, s.Letter+" was interrupted")
		case s.run.Stop != "" || !s.run.PlanRead:
			why = append(why, s.Letter+" stopped early, before the whole plan was played")
		}
	}
	if !c.SamePlan {
		return append(why, "the two runs played different plans"+c.a.otherPlan(c.b))
	}
	return append(why, c.otherRate()...)
}

// otherRate says how the same plan was offered otherwise.
func (c *Comparison) otherRate() (why []string) {
	const connections = "connections"
	a, b := c.a, c.b
	if a.Total.Matched != b.Total.Matched {
		why = append(why, fmt.Sprintf("A had %s for its targets, B %s", show.Counted(a.Total.Matched, "notification"), show.Grouped(b.Total.Matched)))
	}
	if one, other := a.Flags[connections], b.Flags[connections]; one != other {
		why = append(why, fmt.Sprintf("A had %s connections, B %s", cmp.Or(one, "the usual"), cmp.Or(other, "the usual")))
	}
	switch fast := []bool{!a.paced(), !b.paced()}; {
	case fast[0] && fast[1]: // the rate is what the targets made of it
		return why
	case fast[0] != fast[1]:
		side := []string{"A", "B"}[slices.Index(fast, true)]
		return append(why, fmt.Sprintf("only %s was sent as fast as the target answered", side))
	}
	one, other := a.offeredIn(), b.offeredIn()
	if longer := max(one, other); math.Abs((one - other).Seconds()) > max(sameSeconds, sameRate*longer.Seconds()) {
		why = append(why, fmt.Sprintf("A offered its notifications in %s, B in %s, so at another rate", show.Duration(one), show.Duration(other)))
	}
	return why
}

// offeredIn is the real time until the last notification was due, as far as the report tells.
func (s *Summary) offeredIn() time.Duration {
	if s.Series != nil {
		for _, p := range slices.Backward(s.Series.Points) {
			if p.Offered > 0 {
				return time.Duration(p.At) * time.Second
			}
		}
	}
	return s.took()
}
