package examine_test

import (
	"testing"
	"time"

	"github.com/ringback/ringback/internal/examine"
)

// Another round is the same traffic under identifiers of its own: consumers take it for new.
func TestRoundsHaveIdentifiersOfTheirOwn(t *testing.T) {
	t.Parallel()
	x := &examine.Examination{Seed: 7, Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)}
	seen := map[string]int{}
	for _, round := range []int{0, examine.RoundStep, 2 * examine.RoundStep, 1_000_000 * examine.RoundStep} {
		x.Round = round
		for _, id := range []string{"bytes/plain", "stories/call-with-hold"} {
			whole, err := x.Trial(id)
			if err != nil {
				t.Fatal(err)
			}
			for _, inner := range []int{0, 1, 999} { // as trials are played again
				for _, d := range whole.Renamed(inner).Deliveries {
					for _, name := range []string{d.ID, d.Channel, d.Conversation} {
						key := 1000*round + inner + 1
						if before := seen[name]; before != 0 && before != key {
							t.Fatalf("%s: %s is of two rounds, %d and %d", id, name, before, key)
						}
						seen[name] = key
					}
				}
			}
		}
	}
}

func TestTrialsAreMadeFromTheirIDs(t *testing.T) {
	t.Parallel()
	x := &examine.Examination{Seed: 7, Start: time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)}
	ids := map[string]bool{}
	for _, id := range x.TrialIDs() {
		if ids[id] {
			t.Errorf("%s is there twice", id)
		}
		ids[id] = true
	}
	if len(ids) < 100 {
		t.Errorf("%d trials", len(ids))
	}
	reduced, err := x.Trial("stories/call-with-hold~2-0")
	if err != nil || len(reduced.Deliveries) != 2 || reduced.Deliveries[0].Timestamp < reduced.Deliveries[1].Timestamp {
		t.Errorf("%+v, %v", reduced, err)
	}
	for _, id := range []string{"stories/none", "none/x", "stories/call-with-hold~x", "stories/call-with-hold~99", ""} {
		if _, err := x.Trial(id); err == nil {
			t.Errorf("%q makes a trial", id)
		}
	}
}
