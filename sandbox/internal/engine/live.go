package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/plan"
)

// Live is an active conversation, of a run or by hand.
type Live struct {
	ID       string        `json:"id"` // the conversationId of its events
	Medium   string        `json:"medium,omitempty"`
	Run      string        `json:"run,omitempty"` // empty: driven by hand
	Began    time.Time     `json:"began"`
	Ended    time.Time     `json:"ended,omitzero"`
	Channels []LiveChannel `json:"channels"`
	Allowed  []Allowed     `json:"allowed"` // steps that are possible now; empty for those of a run
}

// LiveChannel is a channel of a conversation, with its history.
type LiveChannel struct {
	ID      string  `json:"channel_id"`
	Party   string  `json:"party"` // customer, alice …
	Role    string  `json:"role"`
	AgentID string  `json:"agent_id,omitempty"`
	Phase   string  `json:"phase"`  // alerting, connected, held, parked, interrupted, wrap, ended …
	Stays   []Stay  `json:"stays"`  // phases so far, as the events show them
	Events  []Event `json:"events"` // the last 200
}

// Stay is the time in one phase.
type Stay struct {
	Phase string    `json:"phase"`
	From  time.Time `json:"from"`
	To    time.Time `json:"to,omitzero"` // zero while it lasts
}

// Event is an event of a channel.
type Event struct {
	Type string    `json:"type"`
	ID   string    `json:"id"`
	At   time.Time `json:"at"`             // real moment; at speed 1, that of the event
	Also string    `json:"also,omitempty"` // the ID of the same event in its other version

	offset      time.Duration // of the plan
	kind        event.Kind
	left, phase lifecycle.Phase // before and after it
}

// Allowed is a step that is possible now.
type Allowed struct {
	Step   string   `json:"step"`             // ring, answer, reject, hold, retrieve, alternate, park, unpark, interrupt, resume, consult, transfer, hangup, finish
	Party  string   `json:"party,omitempty"`  // the party whose channel it changes
	Agents []string `json:"agents,omitempty"` // agents that can be named, for ring, consult and transfer
	Number bool     `json:"number,omitempty"` // an outside party can be named instead
	Queue  bool     `json:"queue,omitempty"`  // or a queue
	Kinds  []string `json:"kinds,omitempty"`  // for transfer
}

// NotAllowed is a step that the lifecycle forbids now.
type NotAllowed struct {
	Step    string
	Why     string
	Allowed []Allowed
}

// Error says which step is not allowed, and why.
func (e *NotAllowed) Error() string {
	possible := make([]string, len(e.Allowed))
	for i, a := range e.Allowed {
		possible[i] = a.String()
	}
	text := fmt.Sprintf("%s is not possible now: %s", e.Step, e.Why)
	if len(possible) > 0 {
		text += "; possible: " + strings.Join(possible, ", ")
	}
	return text
}

// String names the step, and the party that it is about or all whom it may call in.
func (a *Allowed) String() string {
	whom := slices.Clone(a.Agents)
	if a.Number {
		whom = append(whom, "a number")
	}
	if a.Queue {
		whom = append(whom, "a queue")
	}
	if whom == nil && a.Party != "" {
		whom = []string{a.Party}
	}
	return strings.TrimSpace(a.Step + " " + strings.Join(whom, " or "))
}

// Step is what somebody does in a conversation driven by hand.
type Step struct {
	Step  string `json:"step"`
	Agent string `json:"agent,omitempty"` // name of the agent, for ring, consult and transfer
	Party string `json:"party,omitempty"` // the party whose channel it changes, where that is not clear

	Number string `json:"number,omitempty"` // for consult and transfer: an outside party who is dialled instead of an agent; at most MaxParty characters
	Queue  bool   `json:"queue,omitempty"`  // for consult and transfer: a queue instead, from which an agent is rung later
	Kind   string `json:"kind,omitempty"`   // for transfer: one of plan.TransferKinds
}

func (s *Step) action() plan.LiveAction {
	return plan.LiveAction{Step: s.Step, Agent: s.Agent, Party: s.Party, Number: s.Number, Queue: s.Queue, Kind: s.Kind}
}

// Agent is an agent of the sandbox.
type Agent struct {
	Name     string `json:"name"` // alice …
	AgentID  string `json:"agent_id"`
	UserID   string `json:"user_id"`
	Presence string `json:"presence"`           // its word, as in scenarios; "ready" at first
	Intended string `json:"intended,omitempty"` // what it becomes when the agent takes part in nothing any more; empty: it stays
	Busy     bool   `json:"busy"`               // takes part in a conversation driven by hand
	NoAnswer bool   `json:"no_answer"`          // did not take an offer, and is not rung until that is over
}
