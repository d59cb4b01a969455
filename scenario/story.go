package scenario

import (
	"time"

	"github.com/ringback/ringback/internal/jsonpath"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/internal/story"
)

// What a story consists of, as the checker and the planner share it. The comments show the
// fields and methods, because go doc does not show those of internal packages.

// Pos is a place in a scenario file. The zero value is none.
//
//	Line   int // from 1
//	Column int // from 1, in characters
type Pos = source.Pos

// Problem is one thing wrong with a file.
//
//	File string // its name, as it was given
//	Pos
//	What string // what is wrong and what was wanted
//	Hint string // how to put it right, or ""
//	Line string // the text of the line
//
//	Error() string  // one line: file:line:column: what
//	Detail() string // Error, the line with a caret under the place, and the hint
type Problem = source.Problem

// Problems is everything wrong with a file, sorted by place. It is what the errors of this
// package contain, for errors.As.
//
//	type Problems []*Problem
//
//	Error() string   // one line for each problem
//	Detail() string  // the detail of each, one after the other
//	Unwrap() []error // each, for errors.Is and errors.As
type Problems = source.Problems

// Agent is an agent that a file describes.
//
//	Pos     Pos
//	Name    string // by which the steps call the agent
//	AgentID string // "" means seeded
//	UserID  string // a GUID, or "" for a seeded one
//	Wrap    Span   // after-work where the story gives none
//	NoWrap  bool   // this agent has no wrap phase at all
//
//	AtOnce AtOnce // what the agent does side by side
//
//	NoAnswer      Span   // how long a missed offer keeps the agent from work, at least
//	AfterNoAnswer string // the presence then; "" means the one before
type Agent = story.Agent

// AtOnce is how many interactions of each medium an agent works on side by side; none by default.
//
//	Email int
//	Chat  int
//	Case  int
type AtOnce = story.AtOnce

// Step is one line of a story. Which fields count depends on its word; the others are zero.
//
//	Pos      Pos
//	Word     string     // call, ring, talk, hangup …
//	Chance   float64    // that the step happens at all, 0 to 1
//	Name     string     // the outside party or agent that the word is about
//	Agent    string     // of dial, internal, ring, consult, transfer, conference, monitor and presence
//	Queue    Span       // of consult, transfer and conference: how long it waits in a queue first
//	Queued   bool       // and whether there is a queue
//	Time     Span       // how long it takes; of dial, internal, consult, transfer, conference and monitor, how long it rings
//	Talk     Span       // of consult and transfer, how long the two talk
//	Then     string     // how the offer to an agent ends; "" means that the agent answers
//	Kind     string     // of transfer: warm, assured-cold or unassured-cold; "" for the default
//	AgentRing Span      // of dial and internal: how long the caller's own phone rings before anybody is dialled
//	Fails    string     // of dial: how it fails; "" means that the outside party answers
//	Unexpected *Span    // how long a channel that does not connect lasts; nil: the assumption says
//	Presence string     // of presence: its word
//	Callback bool       // of call: the party asks to be called back
//	Same     bool       // the interaction belongs to the conversation before
//	Steps    []Step     // within hold, park, interrupt and repeat
//	Branches []Branch   // of choose
//	Times    Times      // of repeat
//	Send     *Send      // of send, else nil
//	Fault    fault.Kind // of the notifications that the step raises
//	Timed    bool       // hold, park and interrupt: they have a Time, not Steps
//
//	Failing() bool // reports whether the connection of a channel fails in the step
type Step = story.Step

// Branch is one of the ways that a choose step may go.
//
//	Pos    Pos
//	Weight float64 // above 0; how likely it is, beside those of the other ways
//	Steps  []Step
type Branch = story.Branch

// Times is how often a repeat step repeats: a whole number between both, them included.
//
//	Min int
//	Max int
type Times = story.Times

// Send is a notification that a story writes by itself, lawful or not.
//
//	Body         string        // JSON or any other text, with {{placeholders}}
//	Placeholders []Placeholder // in Body, in their order
//
//	Expand(value func(Placeholder) string) string // the body, with values for the placeholders
type Send = story.Send

// Placeholder is one {{name}} or {{name party}} in the body of a send step.
//
//	Name  string
//	Party string // "" if there is none
type Placeholder = story.Placeholder

// Program is a story as the planner runs it.
//
//	Parties []Party // in the order in which the file first names them
type Program = story.Program

// Party is somebody in a story.
//
//	Name  string
//	Agent *Agent // nil for outside parties; its identifiers are empty where undeclared
//	Pos   Pos    // where the name first stands
type Party = story.Party

// Presence is one presence of an account, by the word that scenarios use.
//
//	Word        string // ready, away, lunch …
//	Description string
//	Category    event.Category
//
//	func (p Presence) Allows(word string) bool // whether an agent in it can take part by a step of this word
//	func (p Presence) Lack() string            // why an agent in it does not, such as "is not ready"
type Presence = story.Presence

// Span is how long something lasts: a fixed time, or a random one with its distribution. Its
// zero value is no time at all. Times are whole milliseconds. Constant, Uniform and ParseSpan
// make spans.
//
//	IsZero() bool                        // reports whether it is no time at all
//	Min() time.Duration                  // the shortest time that is drawn
//	Max() time.Duration                  // the longest
//	Within(low, high time.Duration) Span // the same with other bounds: times beyond become one of them
//	String() string                      // as the scenario language writes it
type Span = story.Span

// Rate is how often something begins. Its zero value is no rate.
//
//	Times uint64        // so many times
//	Per   time.Duration // in each such period
//
//	IsZero() bool                  // reports whether nothing ever begins
//	Moment(i uint64) time.Duration // when the i-th one begins, from 0; at most 100 years
//	String() string                // as the scenario language writes it: 5/s, 300/m, 20/h
type Rate = story.Rate

// Stretch is a part of the arrivals, in which the rate changes evenly. Everything that a
// workload can say about arrivals becomes a list of stretches.
//
//	From    Rate          // conversations that begin in a time; zero is none
//	To      Rate          // what From has become at the end
//	Over    time.Duration // how long it lasts, above 0
//	Poisson bool          // they come at random, with that rate on average; else evenly
type Stretch = story.Stretch

// Path points into a JSON value. The zero value finds the whole.
//
//	Find(value any) []any // in a value as encoding/json decodes it; more than one only behind [*]
//	String() string       // as it was written
type Path = jsonpath.Path

// Phase is where a channel is in its life: see docs/lifecycle.md.
//
//	String() string // new, alerting, connected, held …
type Phase = lifecycle.Phase

// The phases of a channel.
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

// ReadDuration reads a time as time.ParseDuration does, and one that is longer than a time.Duration can be, some 292 years, as the longest one.
func ReadDuration(text string) (time.Duration, error) { return story.ReadDuration(text) }

// ParseRate reads a rate such as 5/s, 0.5/s, 300/m or 20/h.
func ParseRate(text string) (Rate, error) { return story.ParseRate(text) }

// Presences lists the presences that a story may name.
func Presences() []Presence { return story.Presences() }
