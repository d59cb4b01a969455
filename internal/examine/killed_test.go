package examine

import (
	"testing"

	"github.com/ringback/ringback/internal/examine/mistake"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

// What is lost without a crash is lost, whether or not one was seen elsewhere.
func TestALossWithoutACrashIsNoMatterOfCrashes(t *testing.T) {
	t.Parallel()
	crash := trial.Delivery{Crash: trial.Crash{When: trial.Behind}}
	r := &run{unkilled: true, rounds: aside, all: []*trial.Played{
		{Trial: &trial.Trial{Deliveries: []trial.Delivery{{}}}}, {Trial: &trial.Trial{Deliveries: []trial.Delivery{crash}}},
	}}
	for _, c := range []struct {
		trials []int
		want   bool
	}{{[]int{0}, false}, {[]int{0, 1}, false}, {[]int{1}, true}} {
		if got := r.ofNoCrash(t.Context(), &mistake.Cause{Rule: rulebook.StoreBeforeAnswer, Trials: c.trials}); got != c.want {
			t.Errorf("of %v: %v, want %v", c.trials, got, c.want)
		}
	}
}

// A kill that comes behind the answer, or for which there was no time, did not meet the consumer at work.
func TestKillsThatMetTheConsumerAtWorkAreCounted(t *testing.T) {
	t.Parallel()
	p := &trial.Played{Trial: &trial.Trial{}}
	for _, d := range []struct {
		when            trial.Moment
		first, attempts int
	}{
		{trial.Never, 204, 1},
		{trial.Behind, 204, 1},
		{trial.Within, 204, 1}, // the answer was quicker
		{trial.Within, 0, 2},
		{trial.Within, 502, 2}, // by what stands in between
		{trial.Within, 0, 0},   // it was not sent any more
	} {
		p.Deliveries = append(p.Deliveries, trial.Delivery{Crash: trial.Crash{When: d.when}})
		p.Answers = append(p.Answers, trial.Answer{First: d.first, Attempts: d.attempts})
	}
	p.Answers = append(p.Answers, trial.Answer{Attempts: 1}) // of what comes later
	if kills, struck := killed(p); kills != 4 || struck != 2 {
		t.Errorf("%d kills, %d of them met it at work; want 4 and 2", kills, struck)
	}
}
