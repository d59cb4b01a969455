package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/lifecycle"
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
	return []string{"ring", "answer", "reject", "hold", "retrieve", "alternate", "park", "unpark", "interrupt", "resume", "consult", "transfer", "hangup", "finish", "monitor", "coach", "join", "callback"}
}

// Forbidden refuses a step that is not possible now. Nothing has happened.
type Forbidden struct{ Step, Why string }

// Error names the step and the reason.
func (e *Forbidden) Error() string { return fmt.Sprintf("%s is not possible now: %s", e.Step, e.Why) }

// possibility is a step that can be taken now.
type possibility struct {
	LiveStep
	whole bool // it is about all channels, so any of their parties may be named
	calls bool // it calls somebody in, by call and not by do
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
// hold, a reject brings it back. Other work is never held. Where two outside parties are left, hangup
// of the only agent leaves them alone; else hangup of the last agent, as finish, ends it all. Finish
// ends an agent's after-work, too, and the channel of whoever rejected, which keeps its agent from
// being rung until then. The other steps may name a party, or its agent, where that is not clear;
// hangup and hold without a name are about the outside party. In an outbound call, answer and reject
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
	case party == "" && len(list) > 1 && step != "hangup" && step != "hold":
		return p, "it could be about several parties; name " + oneOf(whose)
	case party == "":
	case known >= 0:
		p = list[known]
	case !p.whole:
		return p, fmt.Sprintf("%q cannot; want %s", party, oneOf(whose))
	case !slices.ContainsFunc(l.in(lifecycle.Connected, lifecycle.Interrupted), func(i int) bool { return l.name(i) == party }):
		return p, fmt.Sprintf("%q takes no part", party)
	}
	return p, ""
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
	for _, party := range rung {
		add("answer", party, func() { l.answer(party) })
		add("reject", party, func() { l.reject(party) })
	}
	if still && len(agents) > 0 {
		l.awaysNow(agents, outs, add)
	}
	if still {
		list = append(list, l.callingIn(agents, outs, free)...)
	}
	for _, party := range outs {
		add("hangup", party, func() { l.hangup(party) })
	}
	if !there && len(rung) > 0 && len(agents) > 0 { // who dials
		add("hangup", agents[0], func() { l.leave(agents[0], agents) })
	}
	if still && l.away != "park" && l.away != "interrupt" {
		l.leavingNow(agents, add)
	}
	if l.waiting && len(rung) == 0 {
		list = append(list, l.callbacks(free)...)
	}
	if still && l.medium == "call" && len(agents) == 0 && slices.Equal(outs, []int{outside}) {
		add("callback", outside, l.askBack)
	}
	if still && l.medium == "call" && len(agents) > 0 && l.away != "park" {
		list = append(list, l.supervision(free)...)
	}
	for i, phase := range l.phases {
		if phase == lifecycle.Wrap || phase == lifecycle.Unexpected {
			add("finish", int(l.play.channels[i].party), func() { l.play.state.FinishWrap(i, l.move) })
		}
	}
	return list
}

// awaysNow adds what begins, changes and ends a time away from the parties.
func (l *Live) awaysNow(agents, outs []int, add func(step string, party int, do func()) *possibility) {
	call := l.medium == "call"
	others := l.others(agents, outs) // whom the first agent may put on hold
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
				add(a.back, party, func() { l.back(a.end) }).whole = true
			} else if l.away == "" && (call && a.ofCalls || !call && a.ofOthers) {
				add(a.word, party, func() { l.begin(a.begin, a.word, party) }).whole = true
			}
		}
	}
	for _, party := range others {
		if l.away == "hold" && party != l.held {
			add("alternate", party, func() { l.alternate(party) })
		}
	}
}

// leavingNow adds how agents leave, or end it all.
func (l *Live) leavingNow(agents []int, add func(step string, party int, do func()) *possibility) {
	for i, party := range agents {
		if i == 0 && l.away == "consult" && !l.play.cast.rules.May("transfer", l.medium) {
			continue // the colleague would keep it
		}
		leave := func() { l.leave(party, agents) }
		add("hangup", party, leave)
		if len(agents) == 1 {
			leave = func() { l.finish(party) }
		}
		add("finish", party, leave)
	}
}

// there reports whether the other side, an outside party or a second agent, takes part.
func (l *Live) there(agents, outs []int) bool {
	return len(outs) > 0 || l.callee != outside && len(agents) > 1
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

// why says why no party can take a step now.
func (l *Live) why(step string) string {
	rung := l.in(lifecycle.Alerting, lifecycle.Alerting)
	agents, outs := l.takesPart()
	there := l.there(agents, outs)
	switch {
	case !slices.Contains(LiveSteps(), step):
		return "there is no such step; want " + oneOf(LiveSteps())
	case l.Over():
		return "the conversation is over"
	case l.waiting && len(rung) == 0:
		return l.name(outside) + " waits to be called back; ring an agent for that"
	case len(rung) > 0: // to answer or reject would be possible
		return l.names(rung) + " is being rung; answer or reject first"
	case !there:
		return "the " + l.medium + " has ended; what is left is to finish the " + l.left()
	case step == "answer" || step == "reject":
		return "nobody is being rung"
	}
	for _, a := range aways {
		if a.back == step { // else it would be possible
			return "the " + l.medium + " is not " + a.state
		}
	}
	for _, a := range aways {
		if a.word == l.away && (a.word != "hold" || step != "ring" && step != "alternate" && step != "consult") {
			return "the " + l.medium + " is " + a.state + "; " + a.back + " it first"
		}
	}
	switch {
	case step == "alternate" && l.away == "":
		return "nobody is on hold"
	case step == "alternate":
		return "nobody but " + l.name(agents[0]) + " could go on hold instead"
	case len(outs) > 1 && slices.Contains([]string{"ring", "consult", "transfer"}, step):
		return l.names(outs) + " are on the call; let one of them go first"
	case (step == "ring" || step == "consult") && l.away == "hold" && !l.isOutside(l.held) && l.callee == outside:
		return l.name(l.held) + " is on hold; alternate or retrieve first"
	case (step == "coach" || step == "join") && len(agents) > 0:
		return "nobody listens in who could " + step + "; monitor first"
	case step == "callback" && l.medium != "call":
		return "only callers can be called back"
	case step == "callback":
		return "the caller is through to " + l.names(agents) + " already"
	case step == "monitor" && l.medium != "call":
		return "only calls can be monitored"
	case len(agents) == 0 && step != "ring":
		return "no agent is connected; ring one first"
	case l.away == "consult":
		return "a colleague is consulted; one of the two has to leave first"
	case (step == "consult" || step == "transfer") && !l.play.cast.rules.May(step, l.medium):
		return "in this workspace agents do not " + step + " in a " + l.medium
	case step == "hold":
		return "only calls go on hold; park or interrupt the " + l.medium
	case step == "interrupt":
		return "only other work is interrupted; put the call on hold, or park it"
	case step == "ring" && len(agents) > 0 && l.away == "":
		return l.names(agents) + " is connected already; consult or transfer"
	}
	return "there is no agent left who could be rung"
}

// left says what is not over when nobody takes part any more.
func (l *Live) left() string {
	missed, wraps := l.in(lifecycle.Unexpected, lifecycle.Unexpected), l.in(lifecycle.Wrap, lifecycle.Wrap)
	switch {
	case len(missed) == 0:
		return "after-work of " + l.names(wraps)
	case len(wraps) == 0:
		return "failed channel of " + l.names(missed)
	}
	return "failed channel of " + l.names(missed) + ", and the after-work of " + l.names(wraps)
}

func (l *Live) names(parties []int) string {
	var all []string
	for _, p := range parties {
		all = append(all, l.name(p))
	}
	return strings.Join(all, " and ")
}
