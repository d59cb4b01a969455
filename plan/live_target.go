package plan

import (
	"fmt"
	"slices"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/nearest"
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
	Queue  bool   // of consult and transfer: a queue instead, and an agent is rung later
	Kind   string // of transfer: one of TransferKinds; empty: the first, but the last to a queue
}

// TransferKinds lists how a live conversation is transferred: the first agent leaves when the target
// connects; by a step of its own, after a consultation; or at once.
func TransferKinds() []string { return []string{"assured-cold", "warm", atOnce} }

const atOnce = "unassured-cold"

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
	case a.Queue && l.queueing:
		return 0, l.whyQueueing()
	case a.Queue && !p.Queue:
		return 0, "only consult and transfer ask a queue; ring an agent"
	case a.Queue:
		return queued, ""
	case a.Number == "" && a.Agent == "":
		return 0, p.unnamed()
	case a.Number == "":
		if !slices.Contains(p.Agents, a.Agent) {
			return 0, fmt.Sprintf("there is no agent %q who could be rung%s%s", a.Agent, nearest.DidYouMean(a.Agent, p.Agents), wanted(p.Agents))
		}
		return slices.IndexFunc(parties, func(p scenario.Party) bool { return p.Name == a.Agent }), ""
	case a.Number == story.VoicemailParty:
		return 0, fmt.Sprintf("%q is where calls are recorded; want another name", a.Number)
	case !p.Number:
		return 0, "only consult and transfer of a call dial a number"
	case named >= 0 && (!l.isOutside(named) || slices.Contains(l.outsiders(), named)):
		return 0, fmt.Sprintf("%q takes part already, or is an agent; want the name of another outside party", a.Number)
	case named < 0 && len(parties) >= l.known+mostNumbers:
		return 0, fmt.Sprintf("more than %d numbers were dialled; dial one of those again", mostNumbers)
	}
	return max(named, len(parties)), ""
}

// unnamed says whom a step could call in that names nobody.
func (s *LiveStep) unnamed() string {
	switch names := oneOf(s.Agents); {
	case !s.Number && !s.Queue:
		return "name agent: " + names
	case len(s.Agents) == 0 && !s.Number:
		return "name queue"
	case len(s.Agents) == 0 && !s.Queue:
		return "name number"
	case len(s.Agents) == 0:
		return "name number or queue"
	case !s.Queue:
		return "name agent (" + names + ") or number"
	case !s.Number:
		return "name agent (" + names + ") or queue"
	default:
		return "name agent (" + names + "), number or queue"
	}
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

// isOutside reports whether a party is neither an agent nor voicemail.
func (l *Live) isOutside(party int) bool {
	return party == outside || l.play.cast.prog.Parties[party].Agent == nil && party != l.recorder
}

// record connects the call to voicemail.
func (l *Live) record() {
	l.recorder = len(l.play.cast.prog.Parties)
	l.enter(l.recorder, story.VoicemailParty)
	l.apply(story.ToVoicemail, "voicemail", l.recorder)
	l.answered = true
}

// call lets the channel of a target alert.
func (l *Live) call(word string, party int) {
	if l.isOutside(party) {
		l.apply(story.Call, word, party)
		return
	}
	l.apply(story.Alert, word, party)
}

// callOrQueue calls a target, or waits in a queue for one.
func (l *Live) callOrQueue(word string, party int) {
	if l.queueing = party == queued; !l.queueing {
		l.call(word, party)
	}
}

// consult puts a call on hold, unless it is, and calls somebody in. Other work is not held.
func (l *Live) consult(party int, _ *LiveAction) {
	switch {
	case l.medium != "call":
		l.begin(story.Hold, "consult", outside)
	case l.away == "":
		l.begin(story.Hold, "hold", l.other())
	}
	l.callOrQueue("consult", party)
}

func (l *Live) transfer(party int, a *LiveAction) {
	switch {
	case a.Kind == "warm":
		l.consult(party, a)
	case a.Kind == atOnce || a.Kind == "" && party == queued:
		agents, _ := l.takesPart()
		l.apply(story.HandOver, "transfer", 0)
		l.answered = len(agents) > 1
		if party != queued { // else whoever is left waits, as anybody in a queue
			l.call("transfer", party)
		}
	default:
		l.begin(story.Hold, "transfer", l.other())
		l.callOrQueue("transfer", party)
	}
}

// whyQueueing is why an agent who waits in a queue cannot do something else.
func (l *Live) whyQueueing() string {
	agents, _ := l.takesPart()
	return l.name(agents[0]) + " waits in a queue; ring an agent, or retrieve"
}

// ring offers the conversation to an agent, whom a consultation or a transfer may wait for.
func (l *Live) ring(party int, _ *LiveAction) {
	word := "ring"
	if l.queueing && l.away != "hold" {
		word = l.away
	}
	l.call(word, party)
}

// other is the party who is put on hold where nobody is named: the one whose channel began first.
func (l *Live) other() int {
	agents, outs := l.takesPart()
	others := l.others(agents, outs)
	all := l.in(lifecycle.Connected, lifecycle.Interrupted)
	return all[slices.IndexFunc(all, func(party int) bool { return slices.Contains(others, party) && l.isOtherSide(party, agents) })]
}

// outsiders lists the outside parties who take part, in the order in which their channels began.
func (l *Live) outsiders() []int {
	_, outs := l.takesPart()
	return outs
}

// callingIn adds the steps that call somebody in to what goes on.
func (l *Live) callingIn(agents, outs []int, free []string) (list []possibility) {
	call, first, between := l.medium == "call", "", l.callee != outside
	onHold := l.away == "hold" && (l.isOutside(l.held) || between)
	alone := between && len(agents)+len(outs) == 1
	if len(agents) > 0 {
		first = l.name(agents[0])
	}
	add := func(s LiveStep, do func(int, *LiveAction)) {
		if s.Agents = free; len(free) > 0 || s.Number || s.Queue {
			list = append(list, possibility{LiveStep: s, whole: s.Party == "", also: outs, calls: true, call: do})
		}
	}
	if len(outs) > 1 || l.recorder != outside {
		return nil
	}
	if len(agents) == 0 || alone && l.away == "" || onHold || l.queueing && l.away != "hold" {
		add(LiveStep{Step: "ring"}, l.ring)
	}
	if alone || len(agents) == 0 {
		return list
	}
	if (l.away == "" || call && onHold) && l.play.cast.rules.May("consult", l.medium) {
		add(LiveStep{Step: "consult", Party: first, Number: call, Queue: !l.queueing}, l.consult)
	}
	if l.away == "" && l.play.cast.rules.May("transfer", l.medium) {
		add(LiveStep{Step: "transfer", Party: first, Number: call, Queue: true, Kinds: TransferKinds()}, l.transfer)
	}
	return list
}
