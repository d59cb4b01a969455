package render

import (
	"fmt"
	"math"

	"github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/examine/dimension"
	"github.com/ringback/ringback/internal/show"
)

// together says how much was in flight at the same time, and how sure that makes.
func together(r *examine.Report) string {
	text := fmt.Sprintf("up to %s were in flight together, in %s", show.Counted(uint64(r.Overlap), "notification"), show.Counted(uint64(r.Bursts), "trial"))
	if r.Unreached[dimension.Concurrency] == 0 && r.Bursts >= dimension.Rounds {
		text += fmt.Sprintf("; what goes wrong in every second burst of a kind is missed in one of %d examinations", 1<<dimension.Rounds)
	}
	return text
}

// killed says how often the consumer was killed, and how sure that makes.
func killed(r *examine.Report) string {
	text := fmt.Sprintf("the consumer was killed %s, %d of these before it had answered", show.Counted(uint64(r.Kills), "time"), r.Struck)
	if r.Struck == 0 {
		return text
	}
	often := "more than half of all"
	if missed := math.Pow(1-aTenth, float64(r.Struck)); missed < 0.5 {
		often = fmt.Sprintf("about one of %.0f", 1/missed)
	}
	return text + "; what a kill breaks only in a tenth of the time that an answer takes is missed in " + often + " examinations"
}

// aTenth is the share of an answer's time by which the sureness of kills is told.
const aTenth = 0.1

// waited says what waiting for states has shown.
func waited(r *examine.Report, s *Settings) (notes []string) {
	if r.Behind > 0 {
		notes = append(notes, fmt.Sprintf("the state of %s went on to change until there was no time left, and was not judged", show.Counted(uint64(r.Behind), "trial"))+s.cure(examine.NeedsSettle))
	}
	if r.Repeated > 1 && len(r.Findings) == 0 {
		notes = append(notes, fmt.Sprintf("the trial was played %s and never went wrong: if it still does, then less than about once in %d times",
			show.Counted(uint64(r.Repeated), "time"), max(1, r.Repeated/3)))
	}
	if r.Less > 0 && len(r.Findings) == 0 {
		notes = append(notes, fmt.Sprintf("less was told of a conversation than a moment before, though nothing was sent, %s: the first answer had too much, or another store answered",
			show.Counted(uint64(r.Less), "time")))
	}
	if r.Settled > 0 {
		notes = append(notes, fmt.Sprintf("the state of %s became right only after it had been waited for", show.Counted(uint64(r.Settled), "trial"))+s.cure(examine.NeedsSettle))
	}
	return notes
}
