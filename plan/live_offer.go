package plan

import (
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/story"
)

// adding adds a possible step.
type adding func(step string, party int, do func()) *possibility

// offered adds what ends an offer that nobody has answered: answer, reject, hangup of whoever is rung,
// and all that lets those go on without it who take part: retrieve, or that one of them leaves.
func (l *Live) offered(rung, agents, outs []int, add adding) {
	for _, party := range rung {
		add("answer", party, func() { l.answer(party) })
		add("reject", party, func() { l.untaken(story.Fail, party) })
		add("hangup", party, func() { l.untaken(story.Withdraw, party) }).other = len(agents)+len(outs) > 0
	}
	if l.dialling && len(agents) == 1 && len(outs) == 0 {
		add("hangup", agents[0], func() { l.finish(agents[0]) })
	}
	if !l.there(agents, outs) || len(agents) == 0 {
		return
	}
	without := func(step string, party int, do func()) *possibility {
		return add(step, party, func() {
			for _, other := range rung {
				if l.watching[other] == "" {
					l.untaken(story.Withdraw, other)
				}
			}
			do()
		})
	}
	if l.away == "hold" || l.away == "consult" || l.away == "transfer" {
		p := without("retrieve", l.held, func() {
			if l.away != "" { // a consultation or transfer is over with its offer
				l.back(story.Retrieve)
			}
		})
		p.whole, p.also = l.away != "hold", l.in(lifecycle.Held, lifecycle.Held)
	}
	l.leavingNow(agents, outs, without)
}

// untaken ends the offer to a party who does not take it, or from whom it is withdrawn.
func (l *Live) untaken(code story.Code, party int) {
	switch {
	case l.watching[party] != "":
		l.unwatch(code, party)
		return
	case l.dialling && code == story.Withdraw && l.answered:
		l.finish(party)
		return
	case l.dialling && code == story.Withdraw:
		l.apply(story.End, "abandon", party)
		return
	case l.dialling:
		l.apply(story.DialFail, l.dials(), party)
		return
	}
	l.apply(code, "ring", party)
	if !l.queueing && (l.away == "transfer" || l.away == "consult") { // else the next agent is rung
		l.back(story.Retrieve)
	}
}
