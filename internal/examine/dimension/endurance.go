package dimension

import (
	"fmt"

	"github.com/ringback/ringback/internal/rulebook"
)

// together is how many notifications of different conversations are released together, where only their number
// matters: a consumer that takes 5 ms for each is through with 10,000 after some seconds.
const together = 16

// anew is how many notifications have connections of their own, which may run dry. The others are through sooner.
const anew = 500

// enduranceRecipes send thousands of short conversations, and a call before and behind them: its second time, it must
// count no more.
func enduranceRecipes(*Planner) (all []recipe) {
	for _, others := range []int{1000, 10_000} {
		all = append(all, recipe{id: fmt.Sprintf("after-%d", others), story: fmt.Sprintf("A call comes again after %d other notifications.", others),
			rules: []rulebook.ID{rulebook.Endure, rulebook.RememberLong}, make: func(m *maker) {
				m.late(others, together)
				for i := range m.Deliveries {
					m.Deliveries[i].Kept = i >= anew && m.Deliveries[i].Burst != 0
				}
			}})
	}
	return all
}

// asked is the share of the other conversations whose state is asked for.
const asked = 100

// others sends notifications of short conversations, so many of them released at a time, each of another
// conversation.
func (m *maker) others(count, atOnce int) {
	for sent := 0; sent < count && m.err == nil; {
		calls := make([][]note, atOnce)
		most := 0
		for i := range calls {
			calls[i] = m.play("abandoned", how{})
			if most = max(most, len(calls[i])); len(calls[i]) > 0 && (sent/4+i)%asked == 0 {
				m.Ask = append(m.Ask, calls[i][0].Conversation)
			}
		}
		if most == 0 {
			return // none of it is claimed
		}
		for i := range most {
			var all []note
			for _, c := range calls {
				if i < len(c) && sent < count {
					all = append(all, c[i])
					sent++
				}
			}
			if atOnce == 1 {
				m.send(all...)
			} else {
				m.burst(all...)
			}
		}
	}
}
