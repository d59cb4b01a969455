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
