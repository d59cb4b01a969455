package mistake

import (
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
)

// Right tells whether a state of a conversation of one of the trials is one that a correct consumer tells, after
// the answers that were given. It may be called by several goroutines at once.
func (s *Seen) Right(trials []int) func(conversation string, told *trial.State) bool {
	known := map[string][]*trial.State{}
	for _, h := range habits {
		c := s.simulate(h)
		for _, i := range trials {
			told := c.tell(i)
			for _, id := range s.all[i].Conversations() {
				known[id] = append(known[id], told[id])
			}
		}
	}
	return func(conversation string, told *trial.State) bool {
		for _, want := range known[conversation] {
			if len(differences(told, want, 0, 1)) == 0 {
				return true
			}
		}
		return false
	}
}

// Before compares what two notes say happened: below 0 if the first happened before the second.
// What is about no channel keeps its place by its timestamp.
func Before(a, b *trial.Note) int {
	first, _ := newFact(a, time.Time{})
	second, _ := newFact(b, time.Time{})
	return byTimestamp(&first, &second)
}
