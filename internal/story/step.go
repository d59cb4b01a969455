package story

import (
	"regexp"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/scenario/fault"
)

// Pos is a place in a scenario file: line and column, both from 1.
type Pos = source.Pos

// Agent is an agent that the file describes.
type Agent struct {
	Pos     Pos
	Name    string
	AgentID string // "" means seeded
	UserID  string // a GUID, or "" for a seeded one
	Wrap    Span   // after-work where the story gives none
	AtOnce  AtOnce // what the agent does side by side

	NoAnswer      Span   // how long a missed offer keeps the agent from work, at least
	AfterNoAnswer string // the presence then; "" means the one before
	NoWrap        bool   // this agent has no wrap phase at all
}

// Step is one line of a story. Which fields count depends on the word.
type Step struct {
	Pos    Pos
	Word   string
	Chance float64 // that the step happens at all, 0 to 1

	Name       string // the outside party or agent that the word is about
	Agent      string
	Queue      Span // of consult, transfer and conference: how long it waits in a queue first
	Queued     bool // and whether there is a queue
	Time       Span // of queue, talk, ring, hold …
	Talk       Span // of consult and transfer
	Then       string
	Kind       string // of transfer: warm, assured-cold or unassured-cold; "" for the default
	AgentRing  Span   // of dial, callback and internal: how long the phone of the agent who calls rings first
	Fails      string // of dial
	Unexpected *Span  // how long a failed channel lasts; nil: the assumption says
	Presence   string
	Same       bool // conversation: same
	Callback   bool // of call: the party asks to be called back
	Steps      []Step
	Branches   []Branch
	Times      Times
	Send       *Send
	Fault      fault.Kind // of the notifications that the step raises

	Timed bool // hold, park and interrupt: a time was given, not steps

	first int // place of its first operation in the program, from 1; 0 before there is one
}

// DialRing is how long the agent's phone rings where a dial step does not say.
var DialRing = Uniform(2*time.Second, 5*time.Second)

// AskTime is how long a caller is on the line who asks to be called back where the step does not
// say, and CallbackRing how long the phone rings then.
var (
	AskTime      = Uniform(10*time.Second, 30*time.Second)
	CallbackRing = Uniform(5*time.Second, 15*time.Second)
)

// Failing reports whether the connection of a channel fails in the step.
func (s *Step) Failing() bool { return s.misses() || s.Fails != "" }

// failure is how the step says that it fails.
func (s *Step) failure() string {
	if s.Fails != "" {
		return "fails: " + s.Fails
	}
	return "then: " + s.Then
}

// misses reports whether the agent of an offer or a dial step does not answer or rejects.
func (s *Step) misses() bool { return s.Then == "no-answer" || s.Then == "reject" }

// monitorsAtOnce reports whether the phone of the supervisor of a monitor step does not ring.
func (s *Step) monitorsAtOnce() bool { return s.Time.IsZero() && !s.misses() }

// atOnce reports whether the first agent of a transfer leaves before anybody takes over, as
// towards a queue unless the step says otherwise.
func (s *Step) atOnce() bool {
	return s.Word == "transfer" && (s.Kind == "unassured-cold" || s.Kind == "" && s.Queued)
}

// Queues reports whether an operation is the time in a queue.
func (op *Op) Queues() bool {
	return op.Code == Wait && (op.Step.Word == "queue" || op.Span == &op.Step.Queue)
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
	Body         string        // JSON or any other text, with {{placeholders}}
	Placeholders []Placeholder // in Body, in their order
}

// PlaceholderForm finds the placeholders of a text; the first group is what stands inside.
var PlaceholderForm = regexp.MustCompile(`\{\{([^{}]*)\}\}`)

// Placeholder is one {{name}} or {{name party}} in the body of a send step.
type Placeholder struct{ Name, Party string }

// Expand replaces the placeholders of the body by what value gives for them.
func (s *Send) Expand(value func(Placeholder) string) string {
	return PlaceholderForm.ReplaceAllStringFunc(s.Body, func(text string) string {
		return value(ReadPlaceholder(text))
	})
}

// ReadPlaceholder reads a text that PlaceholderForm has found.
func ReadPlaceholder(text string) Placeholder {
	words := append(strings.Fields(strings.Trim(text, "{}")), "", "")
	return Placeholder{words[0], words[1]}
}
