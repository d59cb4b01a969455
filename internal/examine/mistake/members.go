package mistake

import (
	"slices"
	"strings"

	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/rulebook"
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

// times are the members that are lengths of time.
var times = func() (all members) {
	for _, name := range memberNames {
		if strings.HasPrefix(name, "seconds") || slices.Contains([]string{string(trial.Talk), string(trial.Hold), string(trial.Wrap)}, name) {
			all |= membersNamed(name)
		}
	}
	return all
}()

// shows are the aspects of the state that members belong to.
func (m members) shows() (all trial.Aspect) {
	for i, name := range memberNames {
		switch {
		case m&(1<<i) == 0:
		case 1<<i&figured != 0:
			all |= trial.Figures
		case strings.HasPrefix(name, "seconds."):
			all |= trial.Seconds
		case name == "phase":
			all |= trial.Phase
		case name == "interactionId":
			all |= trial.InteractionID
		case name == "role":
			all |= trial.Role
		case name == "agentId":
			all |= trial.AgentID
		default:
			all |= trial.Notifications | trial.Phase | trial.Seconds // what is missing is missing everywhere
		}
	}
	return all
}

// show reports whether wrong members may mean that a rule is broken. Figures alone mean the rule about them.
func (m members) show(id rulebook.ID) bool {
	wrong := m.shows()
	if wrong == trial.Figures || id == rulebook.FiguresAgree {
		return wrong == trial.Figures && (id == rulebook.FiguresAgree || len(needs[id]) == 0)
	}
	return len(needs[id]) == 0 || slices.ContainsFunc(needs[id], func(group trial.Aspect) bool { return group&wrong != 0 })
}

// typical is the rule that wrong members break first of all, if they are told of every call; "" where they mean none.
func (m members) typical() rulebook.ID {
	switch shown := m.shows(); {
	case m&(membersNamed("notifications")|membersNamed("channel")|membersNamed("conversation")) != 0:
		return rulebook.CountOnce
	case shown&trial.Seconds != 0:
		return rulebook.DurationsFromTimestamps
	case shown&trial.Phase != 0:
		return rulebook.OrderByTimestamp
	}
	return ""
}
