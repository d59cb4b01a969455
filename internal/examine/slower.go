package examine

import (
	"fmt"
	"slices"
	"time"

	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// slower finds out whether answers to single notifications take much longer in the end than at the beginning.
func slower(all []*answered) (refusal, bool) {
	var single []*answered
	for _, a := range all {
		d, _, _ := cutDimension(a.played.ID)
		if a.Burst == 0 && a.answer.Accepted() && a.answer.Attempts == 1 && a.Wire.Way == trial.Whole && len(a.Body) < 2<<10 && d != dimension.Crash {
			single = append(single, a)
		}
	}
	const part = 150
	if len(single) < 4*part {
		return refusal{}, false
	}
	slices.SortStableFunc(single, func(a, b *answered) int { return a.answer.Sent.Compare(b.answer.Sent) })
	took := func(some []*answered, share int) time.Duration {
		some = slices.Clone(some)
		slices.SortFunc(some, func(a, b *answered) int { return int(a.answer.Took - b.answer.Took) })
		return some[len(some)*share/100].answer.Took
	}
	first, last := single[:part], single[len(single)-2*part:]
	begin, end := took(first, 50), took(last, 5) // a busy machine is slow now and then, and not each time
	if end < 25*time.Millisecond || end < 10*begin {
		return refusal{}, false
	}
	return refusal{rule: rulebook.Endure, refused: last,
		text: fmt.Sprintf("slows down: a notification took %s at first, and %s after %d", begin.Round(100*time.Microsecond), end.Round(time.Millisecond), len(single))}, true
}
