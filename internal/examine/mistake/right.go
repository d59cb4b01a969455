package mistake

import (
	"slices"
	"strings"
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
			if len(s.differences(told, want, 0, 1)) == 0 {
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

// Impossible lists the deliveries of a trial that tell what cannot have happened, since something is missing that must have gone before. What a
// correct consumer makes of them is its own affair.
func Impossible(t *trial.Trial) (all []int) {
	of := map[string][]fact{}
	for i := range t.Deliveries {
		d := &t.Deliveries[i]
		if f, ok := newFact(&d.Note, time.Time{}); ok && (d.Want() == trial.Accept || d.Want() == trial.Either) {
			f.nth = i
			id := strings.ToLower(d.Channel)
			of[id] = append(of[id], f)
		}
	}
	for _, facts := range of {
		for left := len(facts) + 1; len(facts) < left; { // what is left may be in another order
			left = len(facts)
			var cannot []int
			facts, cannot = possible(correct().sorted(facts))
			all = append(all, cannot...)
		}
	}
	return all
}

// possible keeps, of what happened to a channel in this order, what may have, and lists the places in the trial of the others.
func possible(facts []fact) (kept []fact, cannot []int) {
	phase := ""
	for _, f := range facts {
		again := slices.ContainsFunc(kept, func(o fact) bool { return o.kind == f.kind && o.at.Equal(f.at) })
		first := phase == "" && f.kind != "channel.alerted"
		if !again && phase != "ended" && (first || !slices.Contains(strings.Fields(follow[phase]), f.kind)) {
			cannot = append(cannot, f.nth)
			continue
		}
		kept = append(kept, f)
		if next, any := begins(f.kind); any {
			phase = next
		}
	}
	return kept, cannot
}

// AtOnce are the phases of a channel that begin at an instant at which another one begins as well: those of no length, and those behind them.
func AtOnce(t *trial.Trial, channel string) map[string]bool {
	begun, all := map[time.Time]string{}, map[string]bool{}
	for i := range t.Deliveries {
		n := &t.Deliveries[i].Note
		f, known := newFact(n, time.Time{})
		phase, any := begins(f.kind)
		if !known || !any || !strings.EqualFold(n.Channel, channel) {
			continue
		}
		if other := begun[f.at]; other != "" && other != phase {
			all[other], all[phase] = true, true
		}
		begun[f.at] = phase
	}
	return all
}
