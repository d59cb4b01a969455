package examine

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
)

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

func TestWhoBecomesSlower(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	noise := func() time.Duration { // a machine that is busy each third time
		if random.IntN(3) == 0 {
			return time.Duration(random.ExpFloat64() * float64(30*time.Millisecond))
		}
		return time.Duration(random.ExpFloat64() * float64(time.Millisecond))
	}
	for name, test := range map[string]struct {
		took func(i int) time.Duration
		want bool
	}{
		"even":                {func(int) time.Duration { return time.Millisecond + noise() }, false},
		"slow from the start": {func(int) time.Duration { return 60*time.Millisecond + noise() }, false},
		"twice as slow":       {func(i int) time.Duration { return time.Duration(3000+i)*time.Microsecond + noise() }, false},
		"a busy second half": {func(i int) time.Duration {
			if i > 1500 {
				return 10*noise() + time.Millisecond
			}
			return noise() + time.Millisecond
		}, false},
		"a slow hour in the middle": {func(i int) time.Duration {
			if i > 1000 && i < 2000 {
				return 40 * time.Millisecond
			}
			return time.Millisecond
		}, false},
		"reads everything each time":    {func(i int) time.Duration { return time.Duration(500+5*i)*time.Microsecond + noise() }, true},
		"a little slower, from nothing": {func(i int) time.Duration { return time.Duration(100+i)*time.Microsecond + noise() }, false},
	} {
		f, is := slower(timed(3000, test.took))
		if is != test.want || is && f.rule != rulebook.Endure {
			t.Errorf("%s: %t %s", name, is, f.text)
		}
	}
	if _, is := slower(timed(500, func(i int) time.Duration { return time.Duration(i) * time.Millisecond })); is {
		t.Error("500 notifications are too few")
	}
}
