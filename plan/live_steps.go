package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/story"
)

// LiveStep is a step that is possible now. Party is whose channel it is about, and empty for
// ring and monitor. Agents are those of whom ring, consult, transfer and monitor need one.
type LiveStep struct {
	Step   string
	Party  string
	Agents []string
	Number bool     // an outside party may be named instead of an agent
	Queue  bool     // or a queue
	Kinds  []string // of transfer
}

// LiveSteps lists the words of all steps.
func LiveSteps() []string {
	return []string{"ring", "answer", "reject", "hold", "retrieve", "alternate", "park", "unpark", "interrupt", "resume", "consult", "transfer", "hangup", "finish", "monitor", "coach", "join", "callback", "voicemail"}
}

// Forbidden refuses a step that is not possible now. Nothing has happened.
type Forbidden struct{ Step, Why string }

// Error names the step and the reason.
func (e *Forbidden) Error() string { return fmt.Sprintf("%s is not possible now: %s", e.Step, e.Why) }

// possibility is a step that can be taken now.
type possibility struct {
	LiveStep
	whole bool  // it is about all channels, so any of their parties may be named
	also  []int // other parties who may be named as well
	other bool  // only for whoever names its party: not the one that the step is about by itself
	calls bool  // it calls somebody in, by call and not by do
	call  func(party int, a *LiveAction)
	do    func()
}

// Allowed lists the steps that are possible now; none when the conversation is over.
func (l *Live) Allowed() []LiveStep {
	var steps []LiveStep
	for _, p := range l.possible() {
		steps = append(steps, p.LiveStep)
	}
	return steps
}

// Do takes a step, or fails with *Forbidden, without any effect then.
//
// Ring, consult, transfer and monitor call somebody in: see LiveAction. To consult is to put the call on hold
// and to ring; retrieve makes a conference of that, alternate puts the party that it names on hold
// instead, and whoever was consulted keeps the call if the first agent hangs up. During a transfer
// that is assured the call is on hold, too: an answer lets the first agent leave and takes it off
// hold, a reject brings it back. Who asks a queue, waits until an agent is rung who answers, or gives
// up by retrieve. An offer that nobody has answered is withdrawn by hangup of whoever is rung, by
// retrieve, and by hangup or finish of who takes part. Other work is never held. Where two outside parties are left, hangup
// of the only agent leaves them alone; else hangup of the last agent, as finish, ends it all. Finish
// ends an agent's after-work, too, and the channel of whoever rejected, which keeps its agent from
// being rung until then. The other steps may name a party, or its agent, where that is not clear; whoever
// is named is meant. Hangup, hold and alternate without a name are about the outside party, if there is
// one, and else about an agent but the first. In an outbound call, answer and reject
// are the agent's first, and then those of the outside party, or the agent, who is dialled when the
// agent answers. By callback, a caller who waits asks to be called back: then ring begins an outbound
// call, which is queued again if the agent rejects it, and hangup gives the callback up.
func (l *Live) Do(at time.Time, a LiveAction) ([]Notification, error) {
	p, why := l.choose(&a)
	party := 0
	if why == "" && p.calls {
		party, why = l.target(&p.LiveStep, &a)
	}
	if why != "" {
		return nil, &Forbidden{a.Step, why}
	}
	l.moment(at)
	if p.calls {
		l.enter(party, a.Number)
		p.call(party, &a)
	} else {
		p.do()
	}
	return l.take(), nil
}

// choose finds the possibility that is meant, or says why there is none.
func (l *Live) choose(a *LiveAction) (p possibility, why string) {
	step, agent, party := a.Step, a.Agent, a.Party
	list := slices.DeleteFunc(l.possible(), func(p possibility) bool { return p.Step != step })
	if len(list) == 0 {
		return p, l.why(step)
	}
	p = list[0]
	if !p.calls { // then the agent is the party
		if a.Number != "" || a.Queue || a.Kind != "" {
			return p, "number, queue and kind belong to consult and transfer"
		}
		if agent != "" && party != "" && agent != party {
			return p, fmt.Sprintf("the agent %q and the party %q are not the same; name one of them", agent, party)
		}
		if party == "" {
			party = agent
		}
	}
	var whose []string
	for _, p := range list {
		whose = append(whose, p.Party)
	}
	switch known := slices.Index(whose, party); {
	case party == "":
		return l.unnamed(list)
	case known >= 0:
		return list[known], ""
	case !slices.ContainsFunc(l.in(lifecycle.Alerting, lifecycle.Interrupted), func(i int) bool { return l.name(i) == party }):
		return p, fmt.Sprintf("%q takes no part%s", party, nearest.DidYouMean(party, whose))
	case step == "hangup" && !l.hangsUp():
		return p, "nobody hangs up " + map[string]string{"email": "an email", "case": "a case"}[l.medium] + "; finish it, or hang up as " + oneOf(whose)
	case !p.whole && !slices.ContainsFunc(p.also, func(i int) bool { return l.name(i) == party }):
		return p, fmt.Sprintf("it cannot be about %q; want %s", party, oneOf(whose))
	}
	return p, ""
}

// hangsUp reports whether the outside party can end what an agent has taken.
func (l *Live) hangsUp() bool { return l.medium == "call" || l.medium == "chat" }

// unnamed chooses where no party is named.
func (l *Live) unnamed(list []possibility) (p possibility, why string) {
	usual := slices.DeleteFunc(slices.Clone(list), func(p possibility) bool { return p.other })
	switch {
	case len(usual) == 1:
		return usual[0], ""
	case len(usual) > 1:
		list = usual
	case len(list) == 1:
		return list[0], ""
	}
	var whose []string
	for _, p := range list {
		whose = append(whose, p.Party)
	}
	return p, "it could be about several parties; name " + oneOf(whose)
}

func oneOf(names []string) string { return strings.Join(names, " or ") }

// away is a row of the table of what keeps an interaction away from its parties.
type away struct {
	word, state, back string     // the step, what it leads to, and the step that leads out of it
	begin, end        story.Code // what the two do
	ofCalls, ofOthers bool       // the media that have it
}

var aways = [...]away{
	{"hold", "on hold", "retrieve", story.Hold, story.Retrieve, true, false},
	{"park", "parked", "unpark", story.ParkBegin, story.ParkEnd, true, true},
	{"interrupt", "interrupted", "resume", story.InterruptBegin, story.InterruptEnd, false, true},
}

// possible is the one place that decides what can be done, with how it is done.
func (l *Live) possible() (list []possibility) {
	add := func(step string, party int, do func()) *possibility {
		list = append(list, possibility{LiveStep: LiveStep{Step: step, Party: l.name(party)}, do: do})
		return &list[len(list)-1]
	}
	rung, free := l.in(lifecycle.Alerting, lifecycle.Alerting), l.free()
	agents, outs := l.takesPart()
	there := l.there(agents, outs)
	still := there && len(rung) == 0
	if len(rung) > 0 {
		l.offered(rung, agents, outs, add)
	}
	if still && len(agents) > 0 {
		l.awaysNow(agents, outs, add)
	}
	if still {
		list = append(list, l.callingIn(agents, outs, free)...)
	}
	for _, party := range outs {
		if !l.answered || l.hangsUp() { // else only agents end it
			add("hangup", party, func() { l.hangup(party) })
		}
	}
	if l.recorder != outside && len(outs) > 0 {
		add("hangup", l.recorder, func() { l.hangup(outs[0]) }).other = true
	}
	if still {
		l.leavingNow(agents, outs, add)
	}
	if l.waiting && len(rung) == 0 {
		list = append(list, l.callbacks(free)...)
	}
	if still && l.medium == "call" && len(agents) == 0 && len(outs) == 1 && l.recorder == outside {
		if outs[0] == outside {
			add("callback", outside, l.askBack)
		}
		if !l.answered {
			add("voicemail", outs[0], l.record)
		}
	}
	if there && l.medium == "call" {
		list = append(list, l.supervision(agents, free, len(rung) > 0)...)
	}
	for i, phase := range l.phases {
		if phase == lifecycle.Wrap || phase == lifecycle.Unexpected {
			add("finish", int(l.play.channels[i].party), func() { l.play.state.FinishWrap(i, l.move) })
		}
	}
	return list
}

// awaysNow adds what begins, changes and ends a time away from the parties.
func (l *Live) awaysNow(agents, outs []int, add adding) {
	call := l.medium == "call"
	others := l.others(agents, outs)
	if len(agents) > 1 {
		others = append(others, agents[0])
	}
	for _, a := range aways {
		whose := agents[:1]
		if a.word == "hold" {
			whose = others
		}
		if l.away == a.word && a.word == "hold" {
			whose = []int{l.held}
		}
		for _, party := range whose {
			if l.away == a.word {
				p := add(a.back, party, func() { l.back(a.end) })
				p.whole, p.also = a.word != "hold", l.in(lifecycle.Held, lifecycle.Held)
			} else if l.away == "" && (call && a.ofCalls || !call && a.ofOthers) {
				p := add(a.word, party, func() { l.begin(a.begin, a.word, party) })
				p.whole, p.other = a.word != "hold", a.word == "hold" && !l.isOtherSide(party, agents)
			}
		}
	}
	if l.queueing && l.away != "hold" {
		add("retrieve", l.held, func() { l.back(story.Retrieve) }).whole = true
	}
	for _, party := range others {
		if l.away == "hold" && party != l.held {
			add("alternate", party, func() { l.alternate(party) }).other = party == agents[0]
		}
	}
}

// isOtherSide reports whether a party is who goes on hold where nobody is named: an outside party,
// or in a call between agents, any but the first.
func (l *Live) isOtherSide(party int, agents []int) bool {
	return l.isOutside(party) || l.callee != outside && party != agents[0]
}

// leavingNow adds how agents leave, or end it all.
func (l *Live) leavingNow(agents, outs []int, add adding) {
	absent := l.away == "park" || l.away == "interrupt"
	for i, party := range agents {
		if i == 0 && len(agents) > 1 && l.away == "consult" && !l.play.cast.rules.May("transfer", l.medium) {
			continue // the colleague would keep it
		}
		if absent && l.isLast(agents, outs) {
			continue
		}
		leave := func() { l.leave(party, agents) }
		add("hangup", party, leave).other = len(agents)+len(outs) > 1
		if len(agents) == 1 && absent {
			continue
		}
		if len(agents) == 1 {
			leave = func() { l.finish(party) }
		}
		add("finish", party, leave)
	}
}

// there reports whether the conversation goes on: with an outside party, or between agents, of whom
// one may be left alone.
func (l *Live) there(agents, outs []int) bool {
	return len(outs) > 0 || l.callee != outside && !l.dialling && len(agents) > 0
}

// free lists the agents who have no channel that goes on.
func (l *Live) free() (names []string) {
	engaged := l.in(lifecycle.Alerting, lifecycle.Wrap)
	for party := outside + 1; party < len(l.play.cast.prog.Parties); party++ {
		if !l.isOutside(party) && !slices.Contains(engaged, party) {
			names = append(names, l.name(party))
		}
	}
	return names
}
