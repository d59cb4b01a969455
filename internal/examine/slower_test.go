package examine

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
)

// alternating are notifications and controls that came alone, each of which took as long as the functions say.
func alternating(n int, accepted, control func() time.Duration) (all []*answered) {
	begin := time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)
	for i := range n {
		p := &trial.Played{Trial: &trial.Trial{Deliveries: []trial.Delivery{{Note: trial.Note{Usable: true}}, {}}}}
		for j, took := range []time.Duration{accepted(), control()} {
			p.Answers = append(p.Answers, trial.Answer{Status: []int{204, 400}[j], Attempts: 1, Took: took, Sent: begin.Add(time.Duration(i) * time.Millisecond)})
			all = append(all, &answered{i, j, p, &p.Deliveries[j], &p.Answers[j]})
		}
	}
	return all
}

func TestWhoBecomesSlower(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	noisy := func(took float64) func() time.Duration { // ms, on a machine that is busy each third time
		return func() time.Duration {
			noise := random.ExpFloat64() / 4
			if random.IntN(3) == 0 {
				noise = 30 * random.ExpFloat64()
			}
			return time.Duration((took + noise*took) * float64(time.Millisecond))
		}
	}
	for name, test := range map[string]struct {
		before, control, after, controlAfter float64
		want                                 bool
	}{
		"even":                           {1, 0.5, 1, 0.5, false},
		"slow from the start":            {60, 1, 60, 1, false},
		"twice as slow":                  {3, 0.5, 6, 0.5, false},
		"a machine that has become busy": {1, 0.5, 12, 6, false},
		"a little slower, from nothing":  {0.1, 0.1, 1.2, 0.1, false},
		"reads everything each time":     {0.5, 0.4, 15, 0.4, true},
		"likewise, on a busy machine":    {0.5, 0.4, 40, 2, true},
	} {
		before, ok := paced(alternating(100, noisy(test.before), noisy(test.control)))
		after, too := paced(alternating(100, noisy(test.after), noisy(test.controlAfter)))
		if got := before.slows(after); got != test.want || !ok || !too {
			t.Errorf("%s: %t, %v and %v", name, got, before, after)
		}
	}
	if _, ok := paced(alternating(4, noisy(1), noisy(1))); ok {
		t.Error("4 notifications are too few")
	}
}
