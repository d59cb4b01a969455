package receiver

import (
	"cmp"
	"container/list"
	"encoding/binary"
	"hash/maphash"
	"math"

	"github.com/ringback/ringback/event"
)

// memory holds the histories, within the bound of Options.Remember.
type memory struct {
	limit     int
	partial   bool // Options.Partial
	seed      maphash.Seed
	seen      map[key]first // every remembered notification
	arrivals  uint64        // accepted notifications and duplicates
	histories map[subject]*history
	ended     *list.List // histories of ended channels, the least recently used first
	open      *list.List // all others, in the same order

	conversations firstValues[event.GUID, event.GUID] // of interactions
	users         firstValues[string, event.GUID]     // of agent IDs
	agents        firstValues[event.GUID, string]     // of user IDs

	report Report // counts, and what remains of histories that were evicted
}

// key is the unique key of a notification.
type key struct {
	agent bool // the source
	id    event.ID
}

// first is the first notification with a key. It needs an alignment of 4 bytes, so that the map
// is no larger than it would be with the digest alone.
type first struct {
	digest  [8]byte
	arrival uint32 // as in Finding
}

func keyOf(k event.Kind, id event.ID) key { return key{agent: k.Agent(), id: id} }

func newMemory(limit int, partial bool) *memory {
	return &memory{
		limit:         limit,
		partial:       partial,
		seed:          maphash.MakeSeed(),
		seen:          map[key]first{},
		histories:     map[subject]*history{},
		ended:         list.New(),
		open:          list.New(),
		conversations: firstValues[event.GUID, event.GUID]{},
		users:         firstValues[string, event.GUID]{},
		agents:        firstValues[event.GUID, string]{},
		report:        Report{Refused: map[Code]int{}, Violated: map[Rule]int{}},
	}
}

// digest is a fingerprint of all that the receiver understands of a notification. It may be
// called without the lock.
func (m *memory) digest(e *event.Event) (digest [8]byte) {
	var buffer [1024]byte
	binary.NativeEndian.PutUint64(digest[:], maphash.Bytes(m.seed, event.Append(buffer[:0], *e)))
	return digest
}

// add remembers a notification, unless it is a duplicate.
func (m *memory) add(e *event.Event, digest [8]byte) bool {
	arrival := uint32(0)
	if m.arrivals++; m.arrivals <= math.MaxUint32 {
		arrival = uint32(m.arrivals)
	}
	k := keyOf(e.Type.Kind, e.ID)
	if known, ok := m.seen[k]; ok {
		if known.digest != digest {
			m.reused(e, arrival, known.arrival)
		}
		return false
	}
	m.seen[k] = first{digest, arrival}
	m.take(e, arrival)
	for len(m.seen) > m.limit {
		m.evict()
	}
	return true
}

// take adds a notification to the history of its subject.
func (m *memory) take(e *event.Event, arrival uint32) {
	s := subjectOf(e)
	h := m.histories[s]
	if h == nil {
		h = m.begin(s, e, arrival)
	}
	if h.isAgent() && e.User.UserID != h.user.UserID {
		h.findings = append(h.findings, AgentAmbiguous.of(e, "agent %s has user %s, and had user %s before", e.User.AgentID, e.User.UserID, h.user.UserID).against(arrival, h.moments[0].arrival))
	}
	h.take(e, arrival)
	m.touch(h)
}

// reused finds what is wrong with an ID that another notification had. If that was the other version
// of the same event, this one is a duplicate to any consumer, but belongs to the life that its
// own version tells.
func (m *memory) reused(e *event.Event, arrival, earlier uint32) {
	own := subjectOf(e)
	other := own
	other.version = event.V0 + event.V1 - own.version
	twin := momentOf(e, 0)
	switch {
	case !m.histories[other].has(twin):
		m.report.list(maxEvicted, IDReused.of(e, "a notification with this source and ID but other content was received before").against(arrival, earlier))
	case !m.histories[own].has(twin):
		m.report.list(maxEvicted, IDShared.of(e, "the other version of this event has the same ID").against(arrival, earlier))
		m.take(e, arrival)
	}
}

// begin starts the history of a subject, and compares its identifiers with those of others.
func (m *memory) begin(s subject, e *event.Event, arrival uint32) *history {
	h := &history{subject: s, channel: e.Channel, user: e.User}
	if !h.isAgent() {
		h.user = e.Channel.Party.User
		c := &e.Channel
		if first, earlier := m.conversations.acquire(c.InteractionID, c.ConversationID, arrival); first != c.ConversationID {
			h.findings = append(h.findings, InteractionMove.of(e, "interaction %s is in conversation %s, and was in %s before", c.InteractionID, c.ConversationID, first).against(arrival, earlier))
		}
	}
	if h.user != (event.User{}) {
		if first, earlier := m.users.acquire(h.user.AgentID, h.user.UserID, arrival); first != h.user.UserID {
			h.findings = append(h.findings, AgentAmbiguous.of(e, "agent %s has user %s, and had user %s before", h.user.AgentID, h.user.UserID, first).against(arrival, earlier))
		}
		if first, earlier := m.agents.acquire(h.user.UserID, h.user.AgentID, arrival); first != h.user.AgentID {
			h.findings = append(h.findings, AgentAmbiguous.of(e, "user %s has agent %s, and had agent %s before", h.user.UserID, h.user.AgentID, first).against(arrival, earlier))
		}
	}
	m.histories[s] = h
	return h
}

// touch marks a history as most recently used.
func (m *memory) touch(h *history) {
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

// evict judges the next history to go for the last time, and removes it.
func (m *memory) evict() {
	h := cmp.Or(m.ended.Front(), m.open.Front()).Value.(*history)
	m.report.Forgotten++
	m.report.list(maxEvicted, h.judge(m.partial).Findings...)
	m.open.Remove(h.place)
	m.ended.Remove(h.place)
	delete(m.histories, h.subject)
	for _, moment := range h.moments {
		delete(m.seen, keyOf(moment.kind, moment.id))
	}
	if !h.isAgent() {
		m.conversations.release(h.channel.InteractionID)
	}
	if h.user != (event.User{}) {
		m.users.release(h.user.AgentID)
		m.agents.release(h.user.UserID)
	}
}

// firstValues holds for each key the value that it was first seen with, as long as a history
// with the key is in memory.
type firstValues[K, V comparable] map[K]*firstValue[V]

type firstValue[V comparable] struct {
	value   V
	arrival uint32 // of the notification that had it, as in Finding
	users   int    // histories with the key
}

// acquire adds a user of k, and returns the value that k was first seen with, and in which
// notification: v and arrival if it has no other user.
func (f firstValues[K, V]) acquire(k K, v V, arrival uint32) (first V, earlier uint32) {
	known, ok := f[k]
	if !ok {
		known = &firstValue[V]{value: v, arrival: arrival}
		f[k] = known
	}
	known.users++
	return known.value, known.arrival
}

// release removes a user of k.
func (f firstValues[K, V]) release(k K) {
	known := f[k]
	if known.users--; known.users == 0 {
		delete(f, k)
	}
}
