package receiver

import (
	"container/list"

	"github.com/ringback/ringback/event"
)

// subject is what a history is about: a channel or an agent as one version of the types
// shows it. Two versions are two accounts of the same truth, each complete.
type subject struct {
	version event.Version
	channel event.GUID // zero for an agent
	agent   string     // empty for a channel
}

func subjectOf(e *event.Event) subject {
	if e.Type.Kind.Agent() {
		return subject{version: e.Type.Version, agent: e.User.AgentID}
	}
	return subject{version: e.Type.Version, channel: e.Channel.ChannelID}
}

// moment is what is remembered of one notification. It holds no pointers, so that a million
// of them cost the garbage collector nothing.
type moment struct {
	at   tick
	id   event.ID
	kind event.Kind
}

// history is all that is remembered of one subject. Its slices only grow, so that a copy of
// the struct can be read while the original goes on.
type history struct {
	subject    subject
	channel    event.Channel // as the notification that arrived first has it; zero for an agent
	user       event.User    // who is on the channel, or the agent
	moments    []moment      // in order of arrival
	presences  []event.GUID  // of an agent: what each moment changed to
	violations []Violation   // seen on arrival
	reported   facet         // of these, the changes of identity
	ended      bool          // ended has arrived, though others may not have
	place      *list.Element // among the histories that may be forgotten
}

// take adds a notification of the history's subject.
func (h *history) take(e *event.Event) {
	h.moments = append(h.moments, moment{at: tickOf(e.Timestamp), id: e.ID, kind: e.Type.Kind})
	if e.Type.Kind.Agent() {
		h.presences = append(h.presences, e.Presence.PresenceID)
	} else {
		h.compareIdentity(e)
	}
	h.ended = h.ended || e.Type.Kind == event.Ended
	h.violations = append(h.violations, times(e)...)
}

// isAgent tells whether the history is about an agent.
func (h *history) isAgent() bool { return h.subject.agent != "" }

// violation accuses a remembered notification.
func (h *history) violation(r Rule, m moment, sentence string) Violation {
	v := Violation{Rule: r, ID: m.id, Type: event.Type{Kind: m.kind, Version: h.subject.version}, Sentence: sentence}
	if v.Subject = h.subject.agent; !h.isAgent() {
		v.Subject = h.subject.channel.String()
	}
	return v
}
