package plan

import (
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/scenario/fault"
)

// Notification is one planned delivery: what is sent to every target whose types select
// it, and when.
type Notification struct {
	Seq    uint64        // position in the plan, from 0
	Story  uint64        // which play of a scenario it belongs to, from 0; its order is kept, unless there is a Burst
	Due    time.Duration // planned moment of sending, after the plan's start
	At     time.Duration // moment of the event, after the plan's start; at most Due
	Name   string        // the party whose channel it is about, as the scenario calls it
	Event  event.Event   // what happened; zero for a send step
	Raw    []byte        // the body to send, if a send step or a fault wrote it, else nil
	RawRef RawRef        // what a Raw body says of itself

	Scenario int             // which scenario of the mix the story plays
	Left     lifecycle.Phase // of the channel, before the event; New if it is about none
	Phase    lifecycle.Phase // of the channel, after the event; New if it is about none
	Live     int             // conversations alive at that moment
	Queued   int             // how many of them wait for an agent of the pool

	Fault  fault.Kind // what goes wrong with it on purpose
	Extra  bool       // it is sent beside the notification that really happened
	Want   fault.Want // what a correct consumer answers
	Keys   uint32     // how often the secret was rotated before
	Signed []byte     // the body that the token vouches for, if it is not the one sent

	// Of a plan without order (Options.Unordered): the notifications of a burst are due at the same
	// moment, stand one behind the other, and leave together.
	Burst    uint32 // number of its burst in the story, from 1; 0: the story's order is kept
	Together uint8  // how many there are in it, this one included
	Follow   uint8  // how many of them stand behind this one

	key   seeded.Key // names the choices that are made about it
	style jsontext.Style
}

// RawRef holds what could be read from the body of a send step. Any part may be empty,
// since such a body need not be lawful.
type RawRef struct{ Type, ID, ConversationID string }

// AppendBody appends the bytes to send to dst. The same notification gives the same
// bytes every time.
func (n *Notification) AppendBody(dst []byte) []byte {
	if n.Raw != nil {
		return append(dst, n.Raw...)
	}
	if n.style != jsontext.Compact {
		return jsontext.AppendStyled(dst, n.Event.AppendTo(nil), n.style)
	}
	return n.Event.AppendTo(dst)
}

// Type is the full type name, such as channel.held.v0; of a Raw body, what it claims.
func (n *Notification) Type() string {
	if n.Raw != nil {
		return n.RawRef.Type
	}
	return n.Event.Type.String()
}

// ID is the identifier of the notification; of a Raw body, what it claims.
func (n *Notification) ID() string {
	if n.Raw != nil {
		return n.RawRef.ID
	}
	return n.Event.ID.String()
}

// ConversationID is empty for agent events.
func (n *Notification) ConversationID() string {
	if n.Raw != nil {
		return n.RawRef.ConversationID
	}
	return n.Event.Channel.ConversationID.String()
}

// Role is the role of the channel's party, and empty for agent events and Raw bodies.
func (n *Notification) Role() string {
	if r := n.Event.Channel.Party.Role; r != 0 {
		return r.String()
	}
	return ""
}
