// Package event is the wire format of VCC notifications: CloudEvents 1.0 in structured
// JSON, one event per request.
//
// Typed events come in, bodies go out, and the other way round. Append writes exactly
// the documented keys, order and digits, and Parse names every place where a body departs
// from them, so that what Append wrote, Parse reads, and Append writes again as the same
// bytes. The package never reads a clock, draws a random number or opens a connection,
// and imports the standard library only.
package event

import (
	"errors"
	"fmt"
	"slices"
)

// ErrUnknownType is in the chain of errors about a type name that is not one of the 26.
// A consumer should answer such a notification with success and ignore it.
var ErrUnknownType = errors.New("unknown event type")

// Event is one notification. Source and subject are not fields, because the other fields
// determine them.
type Event struct {
	Type Type
	ID   ID    // with Source the unique key of the notification
	Time Stamp // v0: when it was sent; v1: when it occurred, as Timestamp, with digits of its own

	Timestamp Stamp    // when it occurred
	Reason    string   // of connectionfailed and ended; by assumption also of disconnected
	Channel   Channel  // of channel events
	Presence  Presence // of agent events
	User      User     // of agent events
}

// Channel is the part of one party in one interaction.
type Channel struct {
	ConversationID GUID
	InteractionID  GUID
	ChannelID      GUID
	Party          Party
}

// Party is who is on a channel.
type Party struct {
	Role Role
	User User // zero for external parties and voicemail

	// NullIDs writes the identifiers of a zero User as null instead of leaving them out
	// (assumption absent-ids).
	NullIDs bool
}

// User identifies an agent: one AgentID and one UserID for ever.
type User struct {
	AgentID string // the display ID; a string whose leading zeros count
	UserID  GUID
}

// Presence is what an agent is doing, apart from handling interactions.
type Presence struct {
	PresenceID  GUID // one per presence of the account
	Category    Category
	Description string // such as "Ready (Outbound)"
}

// Category is the kind of a presence.
type Category struct {
	Type        string // ready, loggedOut, away or extendedAway
	Description string // such as "Ready"
	Subcategory string // such as "readyOutbound"
}

// Role is the role of the party on a channel.
type Role uint8

// The documented roles.
const (
	External Role = iota + 1
	Agent
	Monitor
	Voicemail
)

var roleNames = [...]string{External: "external", Agent: "agent", Monitor: "monitor", Voicemail: "voicemail"}

// Roles lists the documented roles.
func Roles() []Role { return []Role{External, Agent, Monitor, Voicemail} }

// String is the role as it stands in a body.
func (r Role) String() string {
	if r == 0 || int(r) >= len(roleNames) {
		return fmt.Sprintf("event.Role(%d)", uint8(r))
	}
	return roleNames[r]
}

// ParseRole reads the name of a role.
func ParseRole(s string) (Role, error) {
	if r := slices.Index(roleNames[:], s); r > 0 {
		return Role(r), nil
	}
	return 0, fmt.Errorf("want external, agent, monitor or voicemail, got %q", s)
}

// HasUser reports whether parties of this role carry agentId and userId.
func (r Role) HasUser() bool { return r == Agent || r == Monitor }

// Source is "/agent" for agent events and "/channel" for all others.
func (e *Event) Source() string {
	if e.Type.Kind.Agent() {
		return "/agent"
	}
	return "/channel"
}

// Subject is the agent ID of agent events and the channel ID of all others.
func (e *Event) Subject() string {
	if e.Type.Kind.Agent() {
		return e.User.AgentID
	}
	return e.Channel.ChannelID.String()
}

// ID is the identifier of a notification: a KSUID in its text form, whose embedded time
// is the second of sending.
type ID [27]byte

// String is the KSUID as text.
func (id ID) String() string { return string(id[:]) }

// GUID is a 128-bit identifier in its text form, 8-4-4-4-12 hexadecimal digits, as it was
// written. The zero value stands for no identifier.
type GUID [36]byte

// String is the identifier as text, and "" for the zero value.
func (g GUID) String() string {
	if g.IsZero() {
		return ""
	}
	return string(g[:])
}

// IsZero reports whether g is no identifier.
func (g GUID) IsZero() bool { return g == GUID{} }

// ParseID reads a KSUID of 27 base-62 digits.
func ParseID(s string) (ID, error) {
	const max = "aWgEPTl1tmebfsQzFP4bxwgy80V" // the greatest KSUID
	var id ID
	if len(s) != len(id) || s > max {
		return id, fmt.Errorf("want a KSUID of 27 characters, got %q", s)
	}
	for _, c := range []byte(s) {
		if !(c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z') {
			return id, fmt.Errorf("want a KSUID of letters and digits, got %q", s)
		}
	}
	copy(id[:], s)
	return id, nil
}

// ParseGUID reads 8-4-4-4-12 hexadecimal digits of either case.
func ParseGUID(s string) (GUID, error) {
	var g GUID
	ok := len(s) == len(g)
	for i := 0; ok && i < len(s); i++ {
		switch c := s[i]; i {
		case 8, 13, 18, 23:
			ok = c == '-'
		default:
			ok = c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
		}
	}
	if !ok {
		return g, fmt.Errorf("want a GUID such as 4f27b3a1-6f02-4006-8b9d-5f6e1c1a8f65, got %q", s)
	}
	copy(g[:], s)
	return g, nil
}
