package examine

import (
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// Bodies may come slowly on a busy machine, whoever sends them.
func TestWhatComesSlowlyByItselfIsNoCauseOfItsOwn(t *testing.T) {
	for status, want := range map[int][]rulebook.ID{400: {rulebook.ReadWholeBody}, 413: {rulebook.ReadWholeBody, rulebook.Endure}} {
		all := timed(3000, func(int) time.Duration { return time.Millisecond })
		all[7].Wire.Way = trial.Slow
		for _, i := range []int{7, 2000, 2500} {
			all[i].answer.Status = 400
			if i > 7 {
				all[i].answer.Status = status
				all[i].played.Rules = []rulebook.ID{rulebook.Endure}
			}
		}
		found := ofAllAnswers(all)
		var got []rulebook.ID
		for _, f := range found {
			got = append(got, f.rule)
		}
		if !slices.Equal(got, want) || len(want) == 1 && !slices.Contains(found[0].also, rulebook.Endure) {
			t.Errorf("%d: %v, want %v", status, got, want)
		}
	}
}
