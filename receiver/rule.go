package receiver

import (
	"fmt"

	"github.com/ringback/ringback/event"
)

// Rule names a rule that notifications may break. Rules are stable.
type Rule string

// The rules that each notification keeps by itself or with any other that arrived.
const (
	V0TimeEarly     Rule = "v0-time-early"    // v0: time, the moment of sending, is before timestamp
	V1TimeDiffers   Rule = "v1-time-differs"  // v1: time is not timestamp; once per channel
	IDSecond        Rule = "id-second"        // v0: the second in the ID is not that of time; v1: it is before timestamp; once per channel
	IDReused        Rule = "id-reused"        // two different notifications with one source and ID
	IDShared        Rule = "id-shared"        // both versions of one event with one ID
	IdentityChanged Rule = "identity-changed" // a channel's role, user, interaction or conversation differs; once for each of them
	InteractionMove Rule = "interaction-move" // one interaction in two conversations; once per channel
	AgentAmbiguous  Rule = "agent-ambiguous"  // one agent ID with two user IDs, or the other way round; once per channel
)

// The rules of whole lives, judged when Report is called.
const (
	IllegalTransition Rule = "illegal-transition" // an event in a phase that does not know it
	AssumedTransition Rule = "assumed-transition" // an event in a phase in which we only assume that it cannot come
	AfterEnded        Rule = "after-ended"        // any event after ended
	MissingAlerted    Rule = "missing-alerted"    // a life that begins otherwise
	DisconnectedAlone Rule = "disconnected-alone" // neither wrapstarted nor ended at the instant of disconnected
	WrapNotAgent      Rule = "wrap-not-agent"     // wrapstarted on another role's channel
	PresenceRepeated  Rule = "presence-repeated"  // a change to the presence that the agent is in
)

// ruleRow says how much it weighs that a rule is broken, and where the rule is from.
type ruleRow struct {
	rule   Rule
	class  event.Class
	source string
}

// rules is the table of all rules.
var rules = [...]ruleRow{
	{V0TimeEarly, event.Violation, "documentation of the v0 event types: time is the moment the notification was sent"},
	{V1TimeDiffers, event.Note, "documentation of the v1 event types: time is the moment of the event; but its example shows 36.613 beside 36.088"},
	{IDSecond, event.Note, "assumption: the ID is made when the notification is sent; in the documentation's examples it is of another year"},
	{IDReused, event.Violation, "documentation of the event types: id and source together are unique"},
	{IDShared, event.Deviation, "assumption: both versions of an event are two notifications, with IDs of their own"},
	{IdentityChanged, event.Violation, "documentation of channels: a channel is one party's part in one interaction"},
	{InteractionMove, event.Violation, "documentation of conversations: an interaction is part of one conversation"},
	{AgentAmbiguous, event.Violation, "documentation of the event types: agentId and userId both identify the agent"},
	{IllegalTransition, event.Violation, "documentation of the channel lifecycle"},
	{AssumedTransition, event.Deviation, "assumptions abandon and unexpected-time: what was never connected ends without disconnected"},
	{AfterEnded, event.Violation, "documentation of the channel lifecycle: nothing follows ended"},
	{MissingAlerted, event.Violation, "documentation of channel.alerted: every channel begins with it, an inbound one for no time"},
	{DisconnectedAlone, event.Violation, "documentation of the channel lifecycle: the connected phase ends as the wrap phase or the end begins"},
	{WrapNotAgent, event.Violation, "documentation of the channel lifecycle: only agents wrap up"},
	{PresenceRepeated, event.Violation, "documentation of agent.presencechanged: it is sent when the presence really changes"},
}

// Rules lists all rules.
func Rules() []Rule {
	all := make([]Rule, len(rules))
	for i := range rules {
		all[i] = rules[i].rule
	}
	return all
}

// About returns how much it weighs that the rule is broken, and where the rule is from. A
// rule that is not known is a note without a source.
func (r Rule) About() (class event.Class, source string) {
	for i := range rules {
		if rules[i].rule == r {
			return rules[i].class, rules[i].source
		}
	}
	return event.Note, ""
}

// Finding is a rule that the sender did not keep, and where.
type Finding struct {
	Rule     Rule
	Class    event.Class // as in Rule.About; a Note where notifications may be missing that would explain it
	ID       event.ID    // the notification; where two disagree, the later to arrive
	Type     event.Type  // of the notification
	Subject  string      // of the notification: a channel ID, or an agent ID
	Sentence string      // what happened, and what is legal
	Arrival  uint32      // which one the notification was of all accepted and duplicates, from 1; 0 beyond 4 billion
	Against  uint32      // the Arrival of the earlier one that it does not go with; 0 if the rule is about one alone
}

// String is the finding in one line.
func (f Finding) String() string {
	return fmt.Sprintf("%s: %s of %s, notification %s: %s", f.Rule, f.Type, f.Subject, f.ID, f.Sentence)
}

// against adds which notification a finding is about, and which earlier one that does not go with.
func (f Finding) against(arrival, earlier uint32) Finding {
	f.Arrival, f.Against = arrival, earlier
	return f
}

// of makes a finding about rule r in an event.
func (r Rule) of(e *event.Event, format string, args ...any) Finding {
	class, _ := r.About()
	return Finding{Rule: r, Class: class, ID: e.ID, Type: e.Type, Subject: e.Subject(), Sentence: fmt.Sprintf(format, args...)}
}
