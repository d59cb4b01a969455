package plan

import (
	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/scenario"
)

// Stretch is a part of the arrivals, in which the rate changes evenly.
type Stretch = scenario.Stretch

// Pool is the set of agents that all conversations share.
type Pool struct {
	Count    int            // agents, above 0
	Patience *scenario.Span // how long somebody waits for an agent before giving up; nil: for ever
	Agents   []event.User   // who they are; if there are fewer than Count, the others are seeded
}

// Shard is a part of a plan: the conversations whose index modulo Of is Index. The zero
// value is the whole plan.
type Shard struct{ Index, Of uint64 }
