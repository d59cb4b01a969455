package receiver

import (
	"cmp"
	"container/list"
	"encoding/binary"
	"hash/maphash"
	"math"
	"slices"
	"time"

	"github.com/ringback/ringback/event"
)

// memory holds the histories, within the bound of Options.Remember.
type memory struct {
	limit     int
	partial   bool // Options.Partial
	seed      maphash.Seed
	seen      map[key]first // every notification of a history
	arrivals  uint64        // accepted notifications and duplicates
	histories map[subject]*history
	groups    map[event.GUID]*group // by conversation
	ended     *list.List            // groups of which all channels have ended, the least recently used first
	open      *list.List            // all others, in the same order

	ids    past // of notifications whose histories were evicted
	closed past // subjects of such histories that had ended
	cut    past // subjects of all others

	conversations firstValues[event.GUID, event.GUID] // of interactions
	users         firstValues[string, event.GUID]     // of agent IDs
	agents        firstValues[event.GUID, string]     // of user IDs

	report Report // counts, and what remains of histories that were evicted
}

// group is what is forgotten together: the histories of a conversation, or that of an agent.
type group struct {
	conversation event.GUID // zero for an agent's
	histories    []*history
	open         int           // of these, how many have not ended
	place        *list.Element // in the queue to be evicted
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

// channelShare is how many notifications the life of a channel has at least, nearly always.
const channelShare = 4

func newMemory(limit, ids int, partial bool) *memory {
	return &memory{
		limit:         limit,
		partial:       partial,
		seed:          maphash.MakeSeed(),
		seen:          map[key]first{},
		histories:     map[subject]*history{},
		groups:        map[event.GUID]*group{},
		ended:         list.New(),
		open:          list.New(),
		ids:           newPast(ids),
		closed:        newPast(ids / channelShare),
		cut:           newPast(ids / channelShare),
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

// knows reports whether a notification with a key has come, as far as that is remembered.
func (m *memory) knows(k key) bool {
	_, known := m.seen[k]
	return known || m.ids.has(maphash.Comparable(m.seed, k))
}

// add remembers a notification that comes at a moment, unless it is a duplicate.
func (m *memory) add(e *event.Event, digest [8]byte, at time.Time) bool {
	arrival := uint32(0)
	if m.arrivals++; m.arrivals <= math.MaxUint32 {
		arrival = uint32(m.arrivals)
	}
	k := keyOf(e.Type.Kind, e.ID)
	if known, ok := m.seen[k]; ok {
		if known.digest != digest {
			m.reused(e, arrival, known.arrival, at)
		}
		return false
	}
	if m.knows(k) {
		return false
	}
	if !m.take(e, arrival, at) {
		m.ids.add(maphash.Comparable(m.seed, k), at)
		return true
	}
	m.seen[k] = first{digest, arrival}
	for len(m.seen) > m.limit {
		m.evict(at)
	}
	return true
}

// take adds a notification to the history of its subject. It reports false if it has none any more: a
// channel that had ended is not begun anew, and presences that were judged are not judged again.
func (m *memory) take(e *event.Event, arrival uint32, at time.Time) bool {
	s := subjectOf(e)
	h := m.histories[s]
	if h == nil {
		mark := maphash.Comparable(m.seed, s)
		if m.closed.has(mark) {
			return false
		}
		h = m.begin(s, e, arrival)
		h.cut, h.doubtful = m.cut.has(mark), m.cut.lost+m.closed.lost > 0
	}
	if h.from != 0 && tickOf(e.Timestamp) < h.from {
		return false
	}
	if h.isAgent() && e.User.UserID != h.user.UserID {
		h.findings = append(h.findings, AgentAmbiguous.of(e, "agent %s has user %s, and had user %s before", e.User.AgentID, e.User.UserID, h.user.UserID).against(arrival, h.arrival))
	}
	ended := h.ended
	h.take(e, arrival)
	if h.ended && !ended {
		h.group.open--
	}
	if len(h.moments) >= 2*mostPresences && h.isAgent() {
		found, gone := h.shorten()
		m.report.list(maxEvicted, found...)
		m.unsee(gone, at)
	}
	m.touch(h.group)
	return true
}

// reused finds what is wrong with an ID that another notification had. If that was the other version
// of the same event, this one is a duplicate to any consumer, but belongs to the life that its
// own version tells.
func (m *memory) reused(e *event.Event, arrival, earlier uint32, at time.Time) {
	own := subjectOf(e)
	other := own
	other.version = event.V0 + event.V1 - own.version
	twin := momentOf(e, 0)
	switch {
	case !m.histories[other].has(twin):
		m.report.list(maxEvicted, IDReused.of(e, "a notification with this source and ID but other content was received before").against(arrival, earlier))
	case !m.histories[own].has(twin):
		m.report.list(maxEvicted, IDShared.of(e, "the other version of this event has the same ID").against(arrival, earlier))
		m.take(e, arrival, at)
	}
}

// begin starts the history of a subject, and compares its identifiers with those of others.
func (m *memory) begin(s subject, e *event.Event, arrival uint32) *history {
	h := &history{subject: s, channel: e.Channel, user: e.User, arrival: arrival}
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
	m.join(h)
	return h
}

// join puts a new history into its group.
func (m *memory) join(h *history) {
	g := &group{}
	if !h.isAgent() {
		conversation := h.channel.ConversationID
		if m.groups[conversation] == nil {
			m.groups[conversation] = &group{conversation: conversation}
		}
		g = m.groups[conversation]
	}
	g.histories = append(g.histories, h)
	g.open++
	h.group = g
}

// touch marks a group as most recently used.
func (m *memory) touch(g *group) {
	m.remove(g)
	queue := m.open
	if g.open == 0 {
		queue = m.ended
	}
	g.place = queue.PushBack(g)
}

// remove takes a group out of its queue.
func (m *memory) remove(g *group) {
	if g.place != nil {
		m.open.Remove(g.place)
		m.ended.Remove(g.place) // does nothing for an element of another list
	}
}

// evict judges the histories of the next group to go for the last time, and removes them. Where there is one group only, a
// history is enough.
func (m *memory) evict(at time.Time) {
	g := cmp.Or(m.ended.Front(), m.open.Front()).Value.(*group)
	if m.ended.Len()+m.open.Len() == 1 && len(g.histories) > 1 {
		i := max(0, slices.IndexFunc(g.histories, func(h *history) bool { return h.ended }))
		h := g.histories[i]
		g.histories = slices.Delete(g.histories, i, i+1)
		if !h.ended {
			g.open--
		}
		m.forget(h, at)
		return
	}
	m.remove(g)
	delete(m.groups, g.conversation)
	for _, h := range g.histories {
		m.forget(h, at)
	}
}

// forget judges a history for the last time, and leaves of it only that it was there.
func (m *memory) forget(h *history, at time.Time) {
	m.report.Forgotten++
	m.report.list(maxEvicted, h.judge(m.partial).Findings...)
	delete(m.histories, h.subject)
	m.unsee(h.moments, at)
	subjects := &m.cut
	if h.ended {
		subjects = &m.closed
	}
	subjects.add(maphash.Comparable(m.seed, h.subject), at)
	if !h.isAgent() {
		m.conversations.release(h.channel.InteractionID)
	}
	if h.user != (event.User{}) {
		m.users.release(h.user.AgentID)
		m.agents.release(h.user.UserID)
	}
}

// unsee leaves of notifications only their IDs.
func (m *memory) unsee(gone []moment, at time.Time) {
	for _, moment := range gone {
		k := keyOf(moment.kind, moment.id)
		delete(m.seen, k)
		m.ids.add(maphash.Comparable(m.seed, k), at)
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
