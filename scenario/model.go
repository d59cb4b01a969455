// Package scenario is the language in which stories of calls are told.
//
// YAML text comes in; a checked Scenario or Workload comes out, or every problem of the
// file at once, each with its place, the line and a hint. It promises that a Scenario
// that it returns can be played on every path without an unlawful step and without
// exceeding the documented bounds. It never reads a clock or a file, draws a random
// number by itself, or decides anything that a seed should decide.
package scenario

import (
	"fmt"
	"io"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/internal/story"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/scenario/fault"
)

// Scenario is one checked story.
type Scenario struct {
	Name   string
	Story  string
	Params []Param    // as declared, with the values that they have
	Agents []Agent    // as declared; empty if every conversation brings its own
	Assume assume.Set // what the file itself chooses
	Faults []FaultRule
	Gates  []Gate
	Steps  []Step
	Expect []Expectation // of each conversation
	Advice []*Problem    // what is right, but may not do what its author expects
	// Program is the story as the planner runs it.
	Program *Program

	file *source.File
}

// Workload is a mix of scenarios as traffic. Resolve completes it from the files that it
// names.
type Workload struct {
	Name       string
	Story      string
	AgentCount int     // size of the agent pool; 0 means the rows of AgentsFrom, or else that every conversation brings its own
	Patience   Span    // of those who wait for an agent of the pool; zero means for ever
	AgentsFrom FileRef // who the agents of the pool are
	IDsFrom    FileRef // the conversation IDs
	Arrivals   []Arrival
	Population int  // conversations kept alive, instead of Arrivals; 0 means Arrivals
	Events     Rate // notifications, instead of Arrivals; zero means these
	Mix        []Part
	Set        []Param // of the parameters of all scenarios that have them
	Faults     []FaultRule
	Gates      []Gate
	Assume     assume.Set
	Expect     []Expectation // of each conversation

	// What Resolve finds.
	Scenarios       []*Scenario  // of the mix, in its order
	Stretches       []Stretch    // the arrivals; none with a population
	Agents          []Agent      // the rows of AgentsFrom
	ConversationIDs []event.GUID // the rows of IDsFrom

	file   *source.File
	values Values
}

// FileRef is a file that a workload names, relative to the workload's folder.
type FileRef struct {
	Pos  Pos
	Path string // "" means none
}

// Part is one scenario of a mix.
type Part struct {
	Pos      Pos
	Scenario string // the name of a ready-made scenario, or a path
	Weight   float64
	Set      []Param // of its parameters, over those of the workload
}

// FaultRule asks for something to go wrong on the way to the consumer.
type FaultRule struct {
	Pos   Pos
	Kind  fault.Kind
	Rate  float64 // share of notifications, 0 to 1; 0 if Every is set
	Every int     // every nth notification
	Count int     // at most so many; 0 means no limit
	Of    string  // type pattern; "" means all
	By    Span    // of delay
}

// Gate is a condition on the result of a run, such as "accepted >= 99.9%".
type Gate struct {
	File string // its name, as it was given
	Pos  Pos
	Text string // figure, comparison and value, with one blank between two words
}

// Fingerprint writes what decides how the story plays, and nothing else: neither comments
// and places nor the texts for people. Stories with equal fingerprints give equal plans. What
// a story does not use is not written, so that a new word changes no other story's plan.
func (sc *Scenario) Fingerprint(w io.Writer) {
	fmt.Fprintf(w, "scenario %q assume %q\n", sc.Name, sc.Assume)
	for _, p := range sc.Program.Parties {
		fmt.Fprintf(w, "party %q", p.Name)
		if a := p.Agent; a != nil {
			fmt.Fprintf(w, " agent %q %q %v %t", a.AgentID, a.UserID, a.Wrap, a.NoWrap)
			if a.AtOnce != (story.AtOnce{}) {
				fmt.Fprintf(w, " at-once %+v", a.AtOnce)
			}
			if !a.NoAnswer.IsZero() || a.AfterNoAnswer != "" {
				fmt.Fprintf(w, " no-answer %v %q", a.NoAnswer, a.AfterNoAnswer)
			}
		}
		fmt.Fprintln(w)
	}
	for _, op := range story.Ops(sc.Program) {
		s := op.Step
		fmt.Fprintf(w, "%s %s %d", op.Code, s.Word, op.Party)
		for _, f := range [...]struct {
			name  string
			value int
		}{{"presence", op.Presence}, {"to", op.To}, {"loop", op.Loop}} {
			if f.value != 0 {
				fmt.Fprintf(w, " %s %d", f.name, f.value)
			}
		}
		if s.Word == "hold" && s.Name != "" {
			fmt.Fprint(w, " who")
		}
		if s.Same {
			fmt.Fprint(w, " same")
		}
		if op.Span != nil {
			fmt.Fprintf(w, " %v", *op.Span)
		}
		if op.Code == story.Fail || op.Code == story.DialFail {
			fmt.Fprintf(w, " unexpected %v", s.Unexpected)
		}
		for _, way := range op.Ways {
			fmt.Fprintf(w, " %g:%d", way.UpTo, way.To)
		}
		if op.Code == story.LoopBegin {
			fmt.Fprintf(w, " %d..%d", s.Times.Min, s.Times.Max)
		}
		if s.Fault != 0 {
			fmt.Fprintf(w, " fault %s", s.Fault)
		}
		if op.Code == story.SendBody {
			fmt.Fprintf(w, " %q", s.Send.Body)
		}
		fmt.Fprintln(w)
	}
	for _, r := range sc.Faults {
		r.Fingerprint(w)
	}
}

// Fingerprint writes what decides how the rule acts.
func (r *FaultRule) Fingerprint(w io.Writer) {
	fmt.Fprintf(w, "fault %q %g %d %d %q %v\n", r.Kind.String(), r.Rate, r.Every, r.Count, r.Of, r.By)
}
