package receiver

import (
	"fmt"

	"github.com/ringback/ringback/event"
)

// Rule names a rule that notifications violate. Rules are stable.
type Rule string

// The rules that each notification keeps by itself or with any other that arrived.
const (
	V0TimeEarly     Rule = "v0-time-early"    // v0: time, the moment of sending, is before timestamp
	V1TimeDiffers   Rule = "v1-time-differs"  // v1: time is not timestamp
	IDSecond        Rule = "id-second"        // v0: the second in the ID is not that of time; v1: it is before timestamp
	IDReused        Rule = "id-reused"        // two different notifications with one source and ID
	IdentityChanged Rule = "identity-changed" // a channel's role, user, interaction or conversation differs; once for each of them
	InteractionMove Rule = "interaction-move" // one interaction in two conversations; once per channel
	AgentAmbiguous  Rule = "agent-ambiguous"  // one agent ID with two user IDs, or the other way round; once per channel
)

// The rules of whole lives, judged when Report is called.
const (
	IllegalTransition Rule = "illegal-transition" // an event in a phase that does not know it
	AfterEnded        Rule = "after-ended"        // any event after ended
	MissingAlerted    Rule = "missing-alerted"    // a life that begins otherwise
	DisconnectedAlone Rule = "disconnected-alone" // neither wrapstarted nor ended at the instant of disconnected
	WrapNotAgent      Rule = "wrap-not-agent"     // wrapstarted on another role's channel
	PresenceRepeated  Rule = "presence-repeated"  // a change to the presence that the agent is in
)

// Violation is a rule that the sender violated, and where.
type Violation struct {
	Rule     Rule
	ID       event.ID   // the notification; where two disagree, the later to arrive
	Type     event.Type // of the notification
	Subject  string     // of the notification: a channel ID, or an agent ID
	Sentence string     // what happened, and what is legal
}

// String is the violation in one line.
func (v Violation) String() string {
	return fmt.Sprintf("%s: %s of %s, notification %s: %s", v.Rule, v.Type, v.Subject, v.ID, v.Sentence)
}

// of makes a violation of rule r by an event.
func (r Rule) of(e *event.Event, format string, args ...any) Violation {
	return Violation{Rule: r, ID: e.ID, Type: e.Type, Subject: e.Subject(), Sentence: fmt.Sprintf(format, args...)}
}
