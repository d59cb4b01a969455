package main

import (
	"iter"
	"time"

	"github.com/ringback/ringback/plan"
)

// planned is what can be played: a plan of scenarios, or a recording.
type planned interface {
	Seed() uint64
	Start() time.Time
	Hash() string
	Conversations() uint64
	Length() time.Duration
	Notifications() iter.Seq[plan.Notification]
}
