package plan

import (
	"time"

	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/story"
	"github.com/ringback/ringback/scenario"
)

// supervision is what supervisors can do in a call that goes on.
func (l *Live) supervision(agents []int, free []string) (list []possibility) {
	parked := l.away == "park"
	if len(agents) > 0 && len(free) > 0 && !parked {
		list = append(list, possibility{LiveStep: LiveStep{Step: "monitor", Agents: free}, whole: true, calls: true, call: func(party int, _ *LiveAction) { l.monitor(party) }})
	}
	for _, party := range l.in(lifecycle.Connected, lifecycle.Connected) {
		add := func(step string, do func()) {
			list = append(list, possibility{LiveStep: LiveStep{Step: step, Party: l.name(party)}, do: do})
		}
		switch word := l.watching[party]; {
		case word == "":
		case parked:
			add("hangup", func() { l.unwatch(story.Leave, party) })
		case word == "monitor":
			add("coach", func() { l.speak(story.Coach, "coach", party) })
			fallthrough
		case word == "coach":
			add("join", func() { l.speak(story.JoinIn, "join", party) })
			fallthrough
		default:
			add("hangup", func() { l.unwatch(story.Leave, party) })
		}
	}
	return list
}

// monitor rings a supervisor.
func (l *Live) monitor(party int) {
	l.watching[party] = "monitor"
	l.applyStep(story.Join, &scenario.Step{Word: "monitor", Time: scenario.Constant(time.Second)}, party)
}

// speak lets a supervisor coach or join.
func (l *Live) speak(code story.Code, word string, party int) {
	l.watching[party] = word
	l.apply(code, word, party)
}

// unwatch lets a supervisor go.
func (l *Live) unwatch(code story.Code, party int) {
	delete(l.watching, party)
	l.apply(code, "leave", party)
}
