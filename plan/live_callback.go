package plan

import (
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/story"
)

// askBack lets the outside party ask to be called back, and leave the line.
func (l *Live) askBack() {
	l.apply(story.End, "call", outside)
	l.apply(story.Requeue, "call", outside)
	clear(l.watching)
	l.waiting = true
}

// callbacks is what can be done while the outside party waits to be called back.
func (l *Live) callbacks(free []string) (list []possibility) {
	if len(free) > 0 {
		list = append(list, possibility{LiveStep: LiveStep{Step: "ring", Agents: free}, whole: true, calls: true,
			call: func(agent int, _ *LiveAction) { l.callBack(agent) }})
	}
	return append(list, possibility{LiveStep: LiveStep{Step: "hangup", Party: l.name(outside)}, do: func() {
		l.apply(story.End, "abandon", outside)
		l.waiting = false
	}})
}

// callBack rings an agent who is to call the outside party back.
func (l *Live) callBack(agent int) {
	l.apply(story.Alert, "callback", agent)
	if l.phases[len(l.phases)-1] == lifecycle.Connected { // by the assumption agent-leg
		l.answer(agent)
	}
}
