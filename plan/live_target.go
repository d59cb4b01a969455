package plan

import (
	"fmt"
	"slices"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/story"
	"github.com/ringback/ringback/scenario"
)

// This file is about who is called in to a live conversation: ring, consult, transfer and monitor.

// LiveAction is a step that somebody takes in a live conversation.
type LiveAction struct {
	Step   string // one of LiveSteps
	Party  string // whose channel it is about, where that is not clear; or its agent
	Agent  string // of ring, consult, transfer and monitor: the agent who is rung
	Number string // of consult and transfer: an outside party, who is dialled instead
	Queue  bool   // of transfer: the call goes to a queue instead, and an agent is rung later
	Kind   string // of transfer: one of TransferKinds; empty: the first, but the second to a queue
}

// TransferKinds lists how a live conversation is transferred: the first agent leaves when the target
// connects, or at once. To introduce the caller first is to consult, and then to leave.
func TransferKinds() []string { return []string{"assured-cold", "unassured-cold"} }

// mostNumbers bounds the outside parties of one live conversation.
const mostNumbers = 20

// queued is the target of a transfer to a queue.
const queued = -1

// target finds whom a step calls in, or says why there is nobody. An outside party who is new
// becomes one of the parties.
func (l *Live) target(p *LiveStep, a *LiveAction) (party int, why string) {
	parties := l.play.cast.prog.Parties
	named := slices.IndexFunc(parties, func(p scenario.Party) bool { return p.Name == a.Number })
	switch {
	case a.Kind != "" && !slices.Contains(p.Kinds, a.Kind):
		return 0, fmt.Sprintf("there is no kind %q of %s%s", a.Kind, p.Step, wanted(p.Kinds))
	case a.Number != "" && (a.Agent != "" || a.Queue) || a.Agent != "" && a.Queue:
		return 0, "agent, number and queue are not all meant; name one"
	case a.Queue && (!p.Queue || a.Kind == TransferKinds()[0]):
		return 0, "nobody waits for a queue; transfer at once, or ring an agent"
	case a.Queue:
		return queued, ""
	case a.Number == "":
		if !slices.Contains(p.Agents, a.Agent) {
			return 0, fmt.Sprintf("there is no agent %q who could be rung%s", a.Agent, wanted(p.Agents))
		}
		return slices.IndexFunc(parties, func(p scenario.Party) bool { return p.Name == a.Agent }), ""
	case !p.Number:
		return 0, "only consult and transfer of a call dial a number"
	case named >= 0 && (!l.isOutside(named) || slices.Contains(l.outsiders(), named)):
		return 0, fmt.Sprintf("%q takes part already, or is an agent; want the name of another outside party", a.Number)
	case named < 0 && len(parties) >= l.known+mostNumbers:
		return 0, fmt.Sprintf("more than %d numbers were dialled; dial one of those again", mostNumbers)
	}
	return max(named, len(parties)), ""
}

func wanted(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "; want " + oneOf(names)
}

// enter makes sure that a target is one of the parties.
func (l *Live) enter(party int, name string) {
	c := l.play.cast
	if party < len(c.prog.Parties) {
		return
	}
	c.prog.Parties = append(c.prog.Parties, scenario.Party{Name: name})
	c.number = append(c.number, 0)
	l.play.users = append(l.play.users, event.User{})
	l.play.state.Enter()
}

func (l *Live) isOutside(party int) bool { return l.play.cast.prog.Parties[party].Agent == nil }

// call lets the channel of a target alert.
func (l *Live) call(word string, party int) {
	if l.isOutside(party) {
		l.apply(story.Call, word, party)
		return
	}
	l.apply(story.Alert, word, party)
}

// consult puts a call on hold, unless it is, and calls somebody in. Other work is not held.
func (l *Live) consult(party int, _ *LiveAction) {
	if l.medium != "call" {
		l.begin(story.Hold, "consult", outside)
		l.call("consult", party)
		return
	}
	if l.away == "" {
		l.begin(story.Hold, "hold", l.other())
	}
	l.call("consult", party)
}

func (l *Live) transfer(party int, a *LiveAction) {
	if party != queued && a.Kind != TransferKinds()[1] {
		l.begin(story.Hold, "transfer", l.other())
		l.call("transfer", party)
		return
	}
	agents, _ := l.takesPart()
	l.apply(story.HandOver, "transfer", 0)
	l.answered = len(agents) > 1
	if party != queued {
		l.call("transfer", party)
	}
}

// other is the party who is put on hold where nobody is named.
func (l *Live) other() int { return l.others(l.takesPart())[0] }

// outsiders lists the outside parties who take part, in the order in which their channels began.
func (l *Live) outsiders() []int {
	_, outs := l.takesPart()
	return outs
}

// callingIn adds the steps that call somebody in to what goes on.
func (l *Live) callingIn(agents, outs []int, free []string) (list []possibility) {
	call, first, external := l.medium == "call", "", l.callee == outside
	onHold := l.away == "hold" && (l.isOutside(l.held) || !external)
	if len(agents) > 0 {
		first = l.name(agents[0])
	}
	add := func(s LiveStep, do func(int, *LiveAction)) {
		if s.Agents = free; len(free) > 0 || s.Number || s.Queue {
			list = append(list, possibility{LiveStep: s, whole: true, calls: true, call: do})
		}
	}
	if len(outs) > 1 {
		return nil
	}
	kinds := TransferKinds()
	if !external { // nobody would be left to whom an agent could be offered
		kinds = kinds[:1]
	}
	if len(agents) == 0 || onHold {
		add(LiveStep{Step: "ring"}, func(party int, _ *LiveAction) { l.call("ring", party) })
	}
	if len(agents) > 0 && (l.away == "" || call && onHold) && l.play.cast.rules.May("consult", l.medium) {
		add(LiveStep{Step: "consult", Party: first, Number: call && external}, l.consult)
	}
	if len(agents) > 0 && l.away == "" && l.play.cast.rules.May("transfer", l.medium) {
		add(LiveStep{Step: "transfer", Party: first, Number: call && external, Queue: external, Kinds: kinds}, l.transfer)
	}
	return list
}
