package receiver

import (
	"container/list"
	"hash/maphash"

	"github.com/ringback/ringback/event"
)

// memory holds the histories within the bound of Options.Remember.
type memory struct {
	limit     int
	seed      maphash.Seed
	seen      map[key]uint64 // the digest of every remembered notification
	histories map[subject]*history
	ended     *list.List // histories of ended channels, least recently heard of first
	open      *list.List // all others, in the same order

	conversations bonds[event.GUID, event.GUID] // of interactions
	users         bonds[string, event.GUID]     // of agent IDs
	agents        bonds[event.GUID, string]     // of user IDs

	past past
}

// key is the unique key of a notification.
type key struct {
	agent bool // the source
	id    event.ID
}

func keyOf(k event.Kind, id event.ID) key { return key{agent: k.Agent(), id: id} }

func newMemory(limit int) *memory {
	return &memory{
		limit:         limit,
		seed:          maphash.MakeSeed(),
		seen:          map[key]uint64{},
		histories:     map[subject]*history{},
		ended:         list.New(),
		open:          list.New(),
		conversations: bonds[event.GUID, event.GUID]{},
		users:         bonds[string, event.GUID]{},
		agents:        bonds[event.GUID, string]{},
		past:          past{violated: map[Rule]int{}},
	}
}

// digest is a fingerprint of all that the receiver understands of a notification. It may be
// called without the lock.
func (m *memory) digest(e *event.Event) uint64 {
	var room [1024]byte
	return maphash.Bytes(m.seed, event.Append(room[:0], *e))
}

// add remembers a notification, unless it is a duplicate.
func (m *memory) add(e *event.Event, digest uint64) bool {
	k := keyOf(e.Type.Kind, e.ID)
	if first, ok := m.seen[k]; ok {
		if first != digest {
			m.past.add(IDReused.of(e, "another notification with this source and ID, but with other content, was received before"))
		}
		return false
	}
	m.seen[k] = digest
	s := subjectOf(e)
	h := m.histories[s]
	if h == nil {
		h = m.begin(s, e)
	}
	if h.isAgent() && e.User.UserID != h.user.UserID {
		h.violations = append(h.violations, AgentAmbiguous.of(e, "agent %s is user %s and was user %s", e.User.AgentID, e.User.UserID, h.user.UserID))
	}
	h.take(e)
	m.hear(h)
	m.forget()
	return true
}

// begin starts the history of a subject, and ties its identifiers to each other.
func (m *memory) begin(s subject, e *event.Event) *history {
	h := &history{subject: s, channel: e.Channel, user: e.User}
	if !h.isAgent() {
		h.user = e.Channel.Party.User
		c := &e.Channel
		if first := m.conversations.tie(c.InteractionID, c.ConversationID); first != c.ConversationID {
			h.violations = append(h.violations, InteractionMove.of(e, "interaction %s is in conversation %s and was in %s", c.InteractionID, c.ConversationID, first))
		}
	}
	if h.user != (event.User{}) {
		if first := m.users.tie(h.user.AgentID, h.user.UserID); first != h.user.UserID {
			h.violations = append(h.violations, AgentAmbiguous.of(e, "agent %s is user %s and was user %s", h.user.AgentID, h.user.UserID, first))
		}
		if first := m.agents.tie(h.user.UserID, h.user.AgentID); first != h.user.AgentID {
			h.violations = append(h.violations, AgentAmbiguous.of(e, "user %s is agent %s and was agent %s", h.user.UserID, h.user.AgentID, first))
		}
	}
	m.histories[s] = h
	return h
}

// hear moves a history to the end of the queue in which it waits to be forgotten.
func (m *memory) hear(h *history) {
	if h.place != nil {
		m.open.Remove(h.place)
		m.ended.Remove(h.place) // does nothing for an element of another list
	}
	queue := m.open
	if h.ended {
		queue = m.ended
	}
	h.place = queue.PushBack(h)
}

// forget drops histories until the bound is kept.
func (m *memory) forget() {
	for len(m.seen) > m.limit {
		place := m.ended.Front()
		if place == nil {
			place = m.open.Front()
		}
		m.drop(place.Value.(*history))
	}
}

// drop judges a history for the last time and forgets it.
func (m *memory) drop(h *history) {
	_, violations := h.judge()
	m.past.forgotten++
	m.past.add(violations...)
	m.open.Remove(h.place)
	m.ended.Remove(h.place)
	delete(m.histories, h.subject)
	for _, moment := range h.moments {
		delete(m.seen, keyOf(moment.kind, moment.id))
	}
	if !h.isAgent() {
		m.conversations.untie(h.channel.InteractionID)
	}
	if h.user != (event.User{}) {
		m.users.untie(h.user.AgentID)
		m.agents.untie(h.user.UserID)
	}
}
