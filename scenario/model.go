// Package scenario is the language in which stories of calls are told.
//
// YAML text comes in; a checked Scenario or Workload comes out, or every fault of the
// file at once, each with its place, the line and a hint. It promises that a Scenario
// that it returns can be played on every path without an unlawful step and without
// exceeding the documented bounds. It never reads a clock or a file, draws a random
// number by itself, or decides anything that a seed should decide.
package scenario

import (
	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/scenario/fault"
)

// Pos is a place in a scenario file: line and column, both from 1.
type Pos = source.Pos

// Fault is one thing wrong with a file; Faults is all of them, sorted by place, and is
// what the errors of this package contain (errors.As).
type (
	Fault  = source.Fault
	Faults = source.Faults
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

// Agent is an agent that the file describes.
type Agent struct {
	Pos     Pos
	Name    string
	AgentID string // "" means seeded
	UserID  string // a GUID, or "" for a seeded one
	Wrap    Span   // after-work where the story gives none
	NoWrap  bool   // this agent has no wrap phase at all
}

// Step is one line of a story. Which fields count depends on the word.
type Step struct {
	Pos    Pos
	Word   string
	Chance float64 // that the step happens at all, 0 to 1

	Name     string // the outside party or agent that the word is about
	Agent    string
	Time     Span // of queue, talk, ring, hold …
	Talk     Span // of consult and transfer
	Then     string
	Presence string
	Same     bool // conversation: same
	Steps    []Step
	Branches []Branch
	Times    Times
	Send     *Send
	Fault    fault.Kind // of the notifications that the step raises

	timed bool // hold, park and interrupt: a time was given, not steps
	word  *word
	first int // place of its first operation in the program, from 1
}

// Branch is one of the ways that a choose step may go.
type Branch struct {
	Pos    Pos
	Weight float64
	Steps  []Step
}

// Times is how often a repeat step repeats: a whole number between Min and Max.
type Times struct{ Min, Max int }

// Send is a notification that a story writes by itself, lawful or not.
type Send struct {
	Body string // JSON or any other text, with {{placeholders}}

	placeholders []Placeholder
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
	gate.Gate
}
