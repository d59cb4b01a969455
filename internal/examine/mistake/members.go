package mistake

import (
	"slices"

	"github.com/ringback/ringback/internal/examine/trial"
)

// members is a set of members of states.
type members uint32

// compared says that a set is known, and figured are the figures of the conversation.
const (
	compared members = 1 << 31
	figured  members = 1<<8 - 1
)

// memberNames are the members that may differ: figures first.
var memberNames = []string{string(trial.Answered), string(trial.Abandoned), string(trial.SecondsToAnswer), string(trial.Talk), string(trial.Hold),
	string(trial.Wrap), string(trial.Agents), string(trial.Transfers), "conversation", "channels", "channel", "notifications", "phase", "interactionId",
	"role", "agentId", "seconds.alerting", "seconds.connected", "seconds.unexpected", "seconds.held", "seconds.parked", "seconds.interrupted", "seconds.wrap"}

// membersNamed is the set of one.
func membersNamed(name string) members { return 1 << (slices.Index(memberNames, name) & 31) }
