package plan

import (
	"github.com/ringback/ringback/internal/story"
)

// What the steps of a live conversation do, in the operations that stories are made of.

func (l *Live) ring(agent int) { l.apply(story.Alert, "ring", agent) }

func (l *Live) transfer(agent int) {
	l.begin(story.Hold, "transfer")
	l.apply(story.Alert, "transfer", agent)
}

func (l *Live) answer(agent int) {
	l.apply(story.Answer, "ring", agent)
	l.answered = true
	if l.away == "transfer" {
		l.apply(story.LeaveFirst, "transfer", 0)
		l.retrieve()
	}
}

func (l *Live) reject(agent int) {
	l.apply(story.Fail, "ring", agent)
	if l.away == "transfer" {
		l.retrieve()
	}
}

// begin begins what keeps the interaction away, until back or retrieve.
func (l *Live) begin(code story.Code, word string) {
	l.apply(code, word, 0)
	l.away = word
}

func (l *Live) back(code story.Code) {
	word := l.away
	l.away = ""
	l.apply(code, word, 0)
}

func (l *Live) retrieve() { l.back(story.Retrieve) }

// hangup is the outside party's. Before anybody has answered, it is an abandon.
func (l *Live) hangup() {
	word := "abandon"
	if l.answered {
		word = "hangup"
	}
	l.apply(story.End, word, outside)
	l.away = ""
}

// leave lets one of the agents go. The last one ends it all. When the first one leaves a call
// that is on hold, a colleague who was consulted has taken it over.
func (l *Live) leave(agent int, agents []int) {
	if len(agents) == 1 {
		l.apply(story.End, "finish", agent)
		l.away = ""
		return
	}
	l.apply(story.Leave, "leave", agent)
	if l.away == "hold" && agent == agents[0] {
		l.retrieve()
	}
}
