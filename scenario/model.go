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
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/jsonpath"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/internal/story"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/scenario/fault"
)

// Pos is a place in a scenario file: line and column, both from 1.
type Pos = source.Pos

// Problem is one thing wrong with a file; Problems is all of them, sorted by place, and is
// what the errors of this package contain (errors.As).
type (
	Problem  = source.Problem
	Problems = source.Problems
)

// Scenario is one checked story.
type Scenario struct {
	Name   string
	Story  string
	Agents []Agent    // as declared; empty if every conversation brings its own
	Assume assume.Set // what the file itself chooses
	Faults []FaultRule
	Gates  []Gate
	Steps  []Step
	Expect []Expectation // of each conversation
	// Program is the story as the planner runs it.
	Program *Program
}

// What a story consists of, as the checker and the planner share it.
type (
	Agent       = story.Agent       // an agent that the file describes
	Step        = story.Step        // one line of a story
	Branch      = story.Branch      // one of the ways that a choose step may go
	Times       = story.Times       // how often a repeat step repeats
	Send        = story.Send        // a notification that a story writes by itself
	Placeholder = story.Placeholder // a {{name}} in the body of a send step
	Program     = story.Program     // a story as the planner runs it; only its parties concern others
	Party       = story.Party       // somebody in a story: an outside party or an agent
	Presence    = story.Presence    // one presence of an account
	Span        = story.Span        // how long something lasts: a fixed time or a random one
	Rate        = story.Rate        // how often something begins
	Stretch     = story.Stretch     // a part of the arrivals, in which the rate changes evenly
	Phase       = lifecycle.Phase   // of a channel; its String is new, alerting, connected, held …
	Path        = jsonpath.Path     // points into a JSON value
)

// The phases of a channel: see docs/lifecycle.md.
const (
	New         = lifecycle.New // it does not exist yet
	Alerting    = lifecycle.Alerting
	Connected   = lifecycle.Connected
	Held        = lifecycle.Held
	Parked      = lifecycle.Parked
	Interrupted = lifecycle.Interrupted
	Unexpected  = lifecycle.Unexpected // the connection failed
	Wrap        = lifecycle.Wrap       // an agent's after-work
	Ended       = lifecycle.Ended
)

// Bounds on times.
const (
	MaxSpan  = story.MaxSpan  // the longest that one step may take
	MaxStory = story.MaxStory // the longest that a story may take
)

// VoicemailParty is the name under which voicemail takes part in a story.
const VoicemailParty = story.VoicemailParty

// Constant is a span that always lasts d.
func Constant(d time.Duration) Span { return story.Constant(d) }

// Uniform is a span between low and high, both included.
func Uniform(low, high time.Duration) Span { return story.Uniform(low, high) }

// ParseSpan reads a fixed time such as 2m30s or a range such as 5s..20s.
func ParseSpan(text string) (Span, error) { return story.ParseSpan(text) }

// ParseRate reads a rate such as 5/s, 0.5/s, 300/m or 20/h.
func ParseRate(text string) (Rate, error) { return story.ParseRate(text) }

// Presences lists the presences that a story may name.
func Presences() []Presence { return story.Presences() }

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
	Population int // conversations kept alive, instead of Arrivals; 0 means Arrivals
	Mix        []Part
	Faults     []FaultRule
	Gates      []Gate
	Assume     assume.Set
	Expect     []Expectation // of each conversation

	// What Resolve finds.
	Scenarios       []*Scenario  // of the mix, in its order
	Stretches       []Stretch    // the arrivals; none with a population
	Agents          []Agent      // the rows of AgentsFrom
	ConversationIDs []event.GUID // the rows of IDsFrom

	file *source.File
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
	Pos Pos
	Condition
}

// Condition is a figure, a comparison and a value; its String is the text of the gate.
type Condition = gate.Gate

// Fingerprint writes what decides how the story plays, and nothing else: neither comments
// and places nor the texts for people. Stories with equal fingerprints give equal plans.
func (sc *Scenario) Fingerprint(w io.Writer) {
	fmt.Fprintf(w, "scenario %q assume %q\n", sc.Name, sc.Assume)
	for _, p := range sc.Program.Parties {
		fmt.Fprintf(w, "party %q", p.Name)
		if a := p.Agent; a != nil {
			fmt.Fprintf(w, " agent %q %q %v %t", a.AgentID, a.UserID, a.Wrap, a.NoWrap)
		}
		fmt.Fprintln(w)
	}
	for _, op := range sc.Program.Ops {
		s := op.Step
		fmt.Fprintf(w, "%d %s %d %d %d %d %d %t", op.Code, s.Word, op.Party, op.Other, op.Presence, op.To, op.Loop, s.Same)
		if op.Span != nil {
			fmt.Fprintf(w, " %v", *op.Span)
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
