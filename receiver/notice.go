package receiver

import "github.com/ringback/ringback/event"

// times lists what is wrong with the moments of one notification by itself.
func times(e *event.Event) (found []Violation) {
	order, sent := compare(e.Time, e.Timestamp), secondOf(e.ID)
	if e.Type.Version == event.V0 {
		if order < 0 {
			found = append(found, V0TimeEarly.of(e, "sent at %s, before the event at %s", e.Time, e.Timestamp))
		}
		if sent != e.Time.Unix() {
			found = append(found, IDSecond.of(e, "the ID is of second %d, time is in second %d", sent, e.Time.Unix()))
		}
		return found
	}
	if order != 0 {
		found = append(found, V1TimeDiffers.of(e, "time is %s, timestamp is %s", e.Time, e.Timestamp))
	}
	if sent < e.Timestamp.Unix() {
		found = append(found, IDSecond.of(e, "the ID is of second %d, before the event in second %d", sent, e.Timestamp.Unix()))
	}
	return found
}

// facet is a part of a channel's identity, as a set of one.
type facet uint8

const (
	conversation facet = 1 << iota
	interaction
	role
	user
)

// compareIdentity reports the parts of a channel's identity in which e differs from the
// notification of the channel that arrived first, each part once in the channel's life.
func (h *history) compareIdentity(e *event.Event) {
	was, is := &h.channel, &e.Channel
	if was.ConversationID != is.ConversationID {
		h.changed(e, conversation, "conversation", was.ConversationID, is.ConversationID)
	}
	if was.InteractionID != is.InteractionID {
		h.changed(e, interaction, "interaction", was.InteractionID, is.InteractionID)
	}
	if was.Party.Role != is.Party.Role {
		h.changed(e, role, "role", was.Party.Role, is.Party.Role)
	}
	if a, b := was.Party.User, is.Party.User; a != b {
		h.changed(e, user, "user", label(a), label(b))
	}
}

func (h *history) changed(e *event.Event, f facet, name string, was, is any) {
	if h.reported&f == 0 {
		h.reported |= f
		h.violations = append(h.violations, IdentityChanged.of(e, "the channel's %s was %v and is %v", name, was, is))
	}
}

// label is a user in words.
func label(u event.User) string {
	if u == (event.User{}) {
		return "nobody"
	}
	return "agent " + u.AgentID + ", user " + u.UserID.String()
}
