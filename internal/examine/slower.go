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
	if len(single) < parts*fewest {
		return refusal{}, false
	}
	slices.SortStableFunc(single, func(a, b *answered) int { return a.answer.Sent.Compare(b.answer.Sent) })
	var quick [parts]time.Duration // what a tenth of each part took at the most: a busy machine is slow now and then, and not each time
	for i := range quick {
		part := slices.Clone(single[i*len(single)/parts : (i+1)*len(single)/parts])
		slices.SortFunc(part, func(a, b *answered) int { return int(a.answer.Took - b.answer.Took) })
		quick[i] = part[len(part)/10].answer.Took
		if i > 0 && 10*quick[i] < 9*quick[i-1] {
			return refusal{}, false // it goes up and down
		}
	}
	begin, end := quick[0], quick[parts-1]
	if end < atLeast || end < times*begin {
		return refusal{}, false
	}
	return refusal{rule: rulebook.Endure, refused: single[(parts-1)*len(single)/parts:],
		text: fmt.Sprintf("slows down: a notification took %s at first, and %s after %d", begin.Round(100*time.Microsecond), end.Round(time.Millisecond), len(single))}, true
}

// A consumer becomes slower if each of so many parts of an examination takes longer than the one before, and the last one so many times
// as long as the first, and noticeably long.
const (
	parts   = 6
	fewest  = 100 // notifications of a part
	times   = 5
	atLeast = 8 * time.Millisecond
)
