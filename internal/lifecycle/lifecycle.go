// Package lifecycle is the life of a channel as one table.
//
// A phase, a verb and a role come in; the next phase and the events that announce it come
// out. It promises that whatever is not in the table is unlawful, for everybody: the
// scenario checker, the planner and the documentation read the same rows. It never keeps
// state or knows about time.
package lifecycle

import (
	"fmt"

	"github.com/ringback/ringback/event"
)

// Phase is where a channel is in its life.
type Phase uint8

// The phases. New is a channel that does not exist yet.
const (
	New Phase = iota
	Alerting
	Connected
	Held
	Parked
	Interrupted
	Unexpected // the connection failed
	Wrap       // an agent's after-work
	Ended
)

var phaseNames = [...]string{
	New: "new", Alerting: "alerting", Connected: "connected", Held: "held", Parked: "parked",
	Interrupted: "interrupted", Unexpected: "unexpected", Wrap: "wrap", Ended: "ended",
}

// String is the phase's name.
func (p Phase) String() string {
	if int(p) >= len(phaseNames) {
		return fmt.Sprintf("lifecycle.Phase(%d)", uint8(p))
	}
	return phaseNames[p]
}

// Verb is what happens to a channel.
type Verb uint8

// The verbs.
const (
	Alert  Verb = iota // the party is offered the interaction
	Answer             // the party takes it
	Fail               // the party rejects it, is busy or does not answer
	Close              // a failed channel is put away
	GiveUp             // the other side gave up while this channel alerted
	Hold
	Retrieve
	Park
	Unpark
	Interrupt
	Resume
	Leave          // the party leaves or is left; agents go to wrap
	LeaveUnwrapped // an agent leaves who has no wrap
	Finish         // the wrap is over
)

var verbNames = [...]string{
	Alert: "alert", Answer: "answer", Fail: "fail", Close: "close", GiveUp: "give up", Hold: "hold",
	Retrieve: "retrieve", Park: "park", Unpark: "unpark", Interrupt: "interrupt", Resume: "resume",
	Leave: "leave", LeaveUnwrapped: "leave without wrap", Finish: "finish",
}

// String is the verb's name.
func (v Verb) String() string {
	if int(v) >= len(verbNames) {
		return fmt.Sprintf("lifecycle.Verb(%d)", uint8(v))
	}
	return verbNames[v]
}

// Roles is a set of roles.
type Roles uint8

// Of is the set of the given roles.
func Of(roles ...event.Role) Roles {
	var s Roles
	for _, r := range roles {
		s |= 1 << r
	}
	return s
}

// Has reports whether r is in s.
func (s Roles) Has(r event.Role) bool { return s&(1<<r) != 0 }

// Edge is one row: what a verb does to a channel in a phase. All its events have the same
// moment.
type Edge struct {
	From   Phase
	Verb   Verb
	Roles  Roles // whom it applies to
	To     Phase
	Events []event.Kind
	Note   string // which assumption it rests on, or ""
}

const (
	anybody  = 1<<event.External | 1<<event.Agent | 1<<event.Monitor | 1<<event.Voicemail
	talkers  = 1<<event.External | 1<<event.Agent
	agents   = 1 << event.Agent
	noAgents = anybody &^ agents
)

var edges = [...]Edge{
	{New, Alert, anybody, Alerting, []event.Kind{event.Alerted}, ""},
	{Alerting, Answer, anybody, Connected, []event.Kind{event.Connected}, ""},
	{Alerting, Fail, anybody, Unexpected, []event.Kind{event.ConnectionFailed}, ""},
	{Unexpected, Close, anybody, Ended, []event.Kind{event.Ended}, "assumption unexpected-time: some seconds later"},
	{Alerting, GiveUp, anybody, Ended, []event.Kind{event.Ended}, "assumption abandon=ended"},
	{Connected, Hold, talkers, Held, []event.Kind{event.Held}, ""},
	{Held, Retrieve, talkers, Connected, []event.Kind{event.Retrieved}, ""},
	{Connected, Park, talkers, Parked, []event.Kind{event.Parked}, ""},
	{Parked, Unpark, talkers, Connected, []event.Kind{event.Unparked}, ""},
	{Connected, Interrupt, talkers, Interrupted, []event.Kind{event.Interrupted}, ""},
	{Interrupted, Resume, talkers, Connected, []event.Kind{event.Resumed}, ""},
	{Connected, Leave, agents, Wrap, []event.Kind{event.Disconnected, event.WrapStarted}, ""},
	{Connected, Leave, noAgents, Ended, []event.Kind{event.Disconnected, event.Ended}, ""},
	{Connected, LeaveUnwrapped, agents, Ended, []event.Kind{event.Disconnected, event.Ended}, ""},
	{Wrap, Finish, agents, Ended, []event.Kind{event.Ended}, ""},

	{Held, Leave, agents, Wrap, []event.Kind{event.Disconnected, event.WrapStarted}, direct},
	{Held, Leave, 1 << event.External, Ended, []event.Kind{event.Disconnected, event.Ended}, direct},
	{Held, LeaveUnwrapped, agents, Ended, []event.Kind{event.Disconnected, event.Ended}, direct},
	{Parked, Leave, agents, Wrap, []event.Kind{event.Disconnected, event.WrapStarted}, direct},
	{Parked, Leave, 1 << event.External, Ended, []event.Kind{event.Disconnected, event.Ended}, direct},
	{Parked, LeaveUnwrapped, agents, Ended, []event.Kind{event.Disconnected, event.Ended}, direct},
	{Interrupted, Leave, agents, Wrap, []event.Kind{event.Disconnected, event.WrapStarted}, direct},
	{Interrupted, Leave, 1 << event.External, Ended, []event.Kind{event.Disconnected, event.Ended}, direct},
	{Interrupted, LeaveUnwrapped, agents, Ended, []event.Kind{event.Disconnected, event.Ended}, direct},
}

const direct = "assumption hangup-while-away=direct"

// Edges lists the table's rows.
func Edges() []Edge { return append([]Edge(nil), edges[:]...) }

// Next finds the row for a verb; ok is false where the table forbids it.
func Next(from Phase, verb Verb, role event.Role) (edge *Edge, ok bool) {
	for i := range edges {
		if e := &edges[i]; e.From == from && e.Verb == verb && e.Roles.Has(role) {
			return e, true
		}
	}
	return nil, false
}

// Back is the verb that brings a channel back to the conversation from a phase in which
// it is away: held, parked or interrupted.
func Back(p Phase) (verb Verb, away bool) {
	switch p {
	case Held:
		return Retrieve, true
	case Parked:
		return Unpark, true
	case Interrupted:
		return Resume, true
	}
	return 0, false
}
