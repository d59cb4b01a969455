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
	both := []rulebook.ID{rulebook.ReadWholeBody, rulebook.Endure}
	for _, test := range []struct {
		status, n, burst int
		want             []rulebook.ID
	}{{400, 2, 0, both[:1]}, {413, 2, 0, both}, {400, 50, 1, both[:1]}, {400, 50, 0, both}, {413, 50, 1, both}} {
		all := timed(3000, func(int) time.Duration { return time.Millisecond })
		all[7].Wire.Way, all[7].answer.Status = trial.Slow, 400
		for _, a := range all[1000:] {
			a.Burst = test.burst
		}
		for i := range test.n {
			a := all[2000+7*i]
			a.answer.Status = test.status
			a.played.Rules = []rulebook.ID{rulebook.Endure}
		}
		found, want := ofAllAnswers(all), test.want
		var got []rulebook.ID
		for _, f := range found {
			got = append(got, f.rule)
		}
		if !slices.Equal(got, want) || len(want) == 1 && !slices.Contains(found[0].also, rulebook.Endure) {
			t.Errorf("%d with %d, burst %d: %v, want %v", test.n, test.status, test.burst, got, want)
		}
	}
}

// timed are single notifications, each of which took as long as the function of its number says.
func timed(n int, took func(i int) time.Duration) (all []*answered) {
	begin := time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)
	for i := range n {
		p := &trial.Played{Trial: &trial.Trial{ID: "bytes/plain", Deliveries: []trial.Delivery{{Note: trial.Note{Usable: true}}}},
			Answers: []trial.Answer{{Status: 204, Attempts: 1, Took: took(i), Sent: begin.Add(time.Duration(i) * time.Millisecond)}}}
		all = append(all, &answered{i, 0, p, &p.Deliveries[0], &p.Answers[0]})
	}
	return all
}
