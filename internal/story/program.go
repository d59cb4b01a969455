// Package story is what the checker of scenarios and the planner both run.
//
// The steps of a story come in; a program of operations comes out, and the state of the
// story (who is in which interaction, in which phase) that these operations change. It
// promises that both walk the same lifecycle table by the same rules, so that what passes the
// check can be planned on every path. It reads no YAML and no clock, and draws from a seeded
// source only what its caller asks for.
package story

import (
	"strings"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/source"
)

// Program is a story as a list of operations with jumps. The checker explores it on all
// paths, and the planner runs it on one.
type Program struct {
	Parties []Party
	ops     []Op
	loops   int // how many repeat steps there are
}

// Ops lists the operations of a program. It is no method, because users of package scenario
// see the methods of a Program, and could not write down what this one returns.
func Ops(p *Program) []Op { return p.ops }

// Loops is how many repeat steps a program has.
func Loops(p *Program) int { return p.loops }

// Party is somebody in a story: an outside party or an agent.
type Party struct {
	Name  string
	Agent *Agent // nil for outside parties; its identifiers are empty where undeclared
	Pos   Pos    // where the name first stands
}

// Code is what an operation does.
type Code uint8

// The operations. All but Wait and Wrap take no time.
const (
	Begin          Code = iota // an inbound interaction from Party begins
	Dial                       // agent Party, whose phone rings first, is going to call somebody
	Call                       // the outside party Party is dialled
	Alert                      // the interaction is offered to agent Party
	Answer                     // Party, who alerts, answers
	Fail                       // Party, who alerts, does not answer or rejects
	DialFail                   // Party, agent or called, does not answer or rejects; the interaction ends
	Wait                       // Span passes
	Hold                       // Party goes on hold; the only outside party if Step names none
	Retrieve                   // and comes back
	Alternate                  // the party on hold comes back, and Party goes on hold
	ParkBegin                  // the current interaction is parked
	ParkEnd                    // and comes back
	AwaitInterrupt             // from here on, an agent who takes another interaction interrupts the current one
	InterruptBegin             // the current interaction is interrupted at once
	InterruptEnd               // ends both kinds of interruption
	Join                       // supervisor Party joins as a monitor, whose phone rings first if the step has a time
	ToVoicemail                // the call reaches voicemail
	Leave                      // Party leaves
	LeaveFirst                 // the agent who was there first leaves
	HandOver                   // the same, before anybody takes over
	End                        // the interaction ends, as Step.Word says
	WrapUp                     // those who just left do their after-work for Span
	SetPresence                // agent Party's presence becomes Presence
	SendBody                   // a notification as written
	Choose                     // goes on at one of Ways, each as likely as its weight
	Jump                       // goes on at To
	LoopBegin                  // sets Loop to a number of rounds within Times; goes on at To if it is 0
	LoopEnd                    // goes back to To while rounds are left
	Coach                      // supervisor Party, who listens in, speaks to the agent alone
	JoinIn                     // supervisor Party, who listens in, takes part
	MeanwhileBegin             // the current interaction goes on while others happen
	MeanwhileEnd               // and is the current one again
	Requeue                    // Party, who has just left, waits to be called back in an interaction of the same conversation
	Withdraw                   // the offer to Party, who alerts, is taken back; of conversations by hand alone
)

// codeNames go into the hashes of plans, so a name stays what it is.
var codeNames = [...]string{
	Begin: "Begin", Dial: "Dial", Call: "Call", Alert: "Alert", Answer: "Answer", Fail: "Fail",
	DialFail: "DialFail", Wait: "Wait", Hold: "Hold", Retrieve: "Retrieve", Alternate: "Alternate", ParkBegin: "ParkBegin",
	ParkEnd: "ParkEnd", AwaitInterrupt: "AwaitInterrupt", InterruptBegin: "InterruptBegin",
	InterruptEnd: "InterruptEnd", Join: "Join", ToVoicemail: "ToVoicemail", Leave: "Leave",
	LeaveFirst: "LeaveFirst", HandOver: "HandOver", End: "End", WrapUp: "WrapUp", SetPresence: "SetPresence",
	SendBody: "SendBody", Choose: "Choose", Jump: "Jump", LoopBegin: "LoopBegin", LoopEnd: "LoopEnd",
	Coach: "Coach", JoinIn: "JoinIn", MeanwhileBegin: "MeanwhileBegin", MeanwhileEnd: "MeanwhileEnd", Requeue: "Requeue",
	Withdraw: "Withdraw",
}

// String is the name of the operation in the fingerprints of stories.
func (c Code) String() string { return codeNames[c] }

// Asker is the party of an operation on whoever waits to be called back.
const Asker = -2

// Op is one operation. Which fields count depends on its code.
type Op struct {
	Code     Code
	Step     *Step // the step that it comes from, for places and words
	Party    int   // index into Program.Parties, or Asker
	Span     *Span
	Presence int // index into Presences, from 1
	To       int // index into Ops; of a first operation of a step, where the step ends
	Ways     []Way
	Loop     int
}

// Way is one way of a Choose: its share of all weights up to and with this one, and where
// it goes on.
type Way struct {
	UpTo float64 // the last one's is 1
	To   int
	Name string // for the description of a path
}

// maxParties bounds the parties of one story, agents included.
const maxParties = 2_000

// lowering turns steps into operations.
type lowering struct {
	Program
	file     *source.File   // takes the faults about names
	index    map[string]int // of parties by name
	declared bool           // the file lists its agents, so others are mistakes
	mixed    bool           // a name stands for parties of two kinds
}

func (l *lowering) emit(op Op) int {
	if op.Step.first == 0 {
		op.Step.first = len(l.ops) + 1
	}
	l.ops = append(l.ops, op)
	return len(l.ops) - 1
}

// outside finds an outside party by name, and enters it at its first mention.
func (l *lowering) outside(name string, s *Step) int {
	i := l.party(name, nil, s)
	if name == VoicemailParty && s.Word != "voicemail" {
		l.file.Errorf(s.Pos, "%s: %q is what a voicemail step connects to; want another name", s.Word, name)
	}
	if l.Parties[i].Agent != nil {
		l.mixed = true
		l.file.Errorf(s.Pos, "%s: %q is an agent; want an outside party", s.Word, name)
	}
	return i
}

// agent finds an agent by name, and enters it at its first mention, unless the file lists
// its agents.
func (l *lowering) agent(name string, s *Step) int {
	if _, known := l.index[name]; !known && l.declared {
		l.file.Errorf(s.Pos, "%s: unknown agent %q%s", s.Word, name, nearest.DidYouMean(name, l.partyNames())).
			Hint = "add it to agents, or use one that is there"
	}
	i := l.party(name, &Agent{Name: name, Pos: s.Pos}, s)
	if l.Parties[i].Agent == nil {
		l.mixed = true
		l.file.Errorf(s.Pos, "%s: %q is an outside party (line %d); want an agent", s.Word, name, l.Parties[i].Pos.Line)
	}
	return i
}

func (l *lowering) party(name string, a *Agent, s *Step) int {
	if i, known := l.index[name]; known {
		return i
	}
	if len(l.Parties) == maxParties {
		l.mixed = true
		l.file.Errorf(s.Pos, "%s: %q is more than the %d parties that a story may have", s.Word, name, maxParties)
		return 0
	}
	l.index[name] = len(l.Parties)
	l.Parties = append(l.Parties, Party{name, a, s.Pos})
	return len(l.Parties) - 1
}

// named finds the party that a step refers to, which must have been mentioned before; else
// it is -1.
func (l *lowering) named(name string, s *Step) int {
	i, known := l.index[name]
	if !known {
		const most = 20 // that anybody reads
		known := l.partyNames()
		problem := l.file.Errorf(s.Pos, "%s: nobody here is called %q%s", s.Word, name, nearest.DidYouMean(name, known))
		if len(known) > most {
			known = append(known[:most], "…")
		}
		problem.Hint = "known here: " + strings.Join(known, ", ")
		return -1
	}
	return i
}

func (l *lowering) partyNames() []string {
	return nearest.Names(l.Parties, func(p Party) string { return p.Name })
}
