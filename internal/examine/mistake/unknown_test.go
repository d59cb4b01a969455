package mistake

import (
	"math/rand/v2"
	"testing"

	"github.com/ringback/ringback/internal/rulebook"
)

// What is missing more and more was taken for duplicates; what is missing all the time was not kept.
func TestHowMuchIsMissingSaysWhy(t *testing.T) {
	long(t)
	for rule, share := range map[rulebook.ID]func(n float64) float64{
		rulebook.NewIDIsNew:        func(n float64) float64 { return n * n },
		rulebook.StoreBeforeAnswer: func(float64) float64 { return 0.5 },
	} {
		all := answered(stateful(t, 1))
		s := told(all)
		random := rand.New(rand.NewPCG(1, 1))
		for i, p := range all {
			for id, state := range p.Told {
				if state != nil && random.Float64() < share(float64(i)/float64(len(all))) {
					delete(p.Told, id)
				}
			}
		}
		causes, most := s.Explain(), Cause{}
		for _, c := range causes { // crashes have their own
			if len(c.Trials) > len(most.Trials) {
				most = c
			}
		}
		if most.Rule != rule {
			t.Errorf("want %s: %.300s", rule, text(all, causes))
		}
	}
}
