package recording

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/event"
)

// pair is an expected notification and the one that was found for it.
type pair struct{ want, got *entry }

// matching holds the pairs of two sides, and what is left over.
type matching struct {
	pairs   []pair // in the order of got
	surplus []pair // found more often than expected; with the first one of want
	missing []*entry
	extra   []*entry
}

// match pairs notifications by their identifiers, or else by their place. Copies go last, since
// they are recognised by identifiers on their own side.
func match(want, got []*entry, byPlace bool) (m matching) {
	want, copiesWanted := distinct(want)
	got, copies := distinct(got)
	if byPlace {
		m.byPlace(want, got)
	} else {
		m.leave(pairUp(want, got, (*entry).key, m.join))
	}
	m.copies(copiesWanted, copies)
	slices.SortFunc(m.pairs, func(a, b pair) int { return cmp.Compare(a.got.Number, b.got.Number) })
	return m
}

func (m *matching) join(want, got *entry) { m.pairs = append(m.pairs, pair{want, got}) }

func (m *matching) leave(want, got []*entry) {
	m.missing, m.extra = append(m.missing, want...), append(m.extra, got...)
}

// byPlace pairs notifications without their identifiers. Conversations with the same events of
// the same parties after the same times belong together, in the order in which they began;
// of the rest those with the same events; the rest in that order alone; in them channels
// of one role and agent; in those events of one type.
func (m *matching) byPlace(want, got []*entry) {
	w, g := conversations(want), conversations(got)
	for _, fits := range []func(conversation) string{conversation.timed, conversation.shape, conversation.kind} {
		w, g = pairUp(w, g, fits, m.conversations)
	}
	m.conversations(slices.Concat(w...), nil)
	m.conversations(nil, slices.Concat(g...))
}

// conversations pairs what two conversations consist of.
func (m *matching) conversations(want, got conversation) {
	w, g := pairUp(want, got, nameOf, func(a, b []*entry) {
		m.leave(pairUp(a, b, func(e *entry) string { return e.head.Type }, m.join))
	})
	m.leave(slices.Concat(w...), slices.Concat(g...))
}

// key identifies the notification of an entry. A body without source and id is its own key.
func (e *entry) key() string {
	if e.head.Source == "" && e.head.ID == "" {
		return "body " + string(e.Body)
	}
	return e.head.Source + " " + e.head.ID
}

// distinct takes the second and later copies of notifications out, each with the first one.
func distinct(all []*entry) (once []*entry, copies []pair) {
	for _, same := range grouped(all, (*entry).key) {
		once = append(once, same[0])
		for _, e := range same[1:] {
			copies = append(copies, pair{same[0], e})
		}
	}
	return once, copies
}

// copies pairs copies of notifications that belong together.
func (m *matching) copies(want, got []pair) {
	original := map[*entry]*entry{} // of want, by the original on either side
	for _, p := range want {
		original[p.want] = p.want
	}
	for _, p := range m.pairs {
		original[p.got] = p.want
	}
	of := func(p pair) *entry { return original[p.want] }
	restWant, restGot := pairUp(want, got, of, func(w, g pair) { m.join(w.got, g.got) })
	for _, p := range restWant {
		m.missing = append(m.missing, p.got)
	}
	for _, p := range restGot {
		if first := of(p); first != nil {
			m.surplus = append(m.surplus, pair{first, p.got})
		} else {
			m.extra = append(m.extra, p.got)
		}
	}
}

// pairUp pairs the first of want with the first of got that has the same key, the second
// with the second, and so on, and returns what is left over on each side.
func pairUp[T any, K comparable](want, got []T, key func(T) K, join func(want, got T)) (restWant, restGot []T) {
	open := map[K][]int{} // places in got
	for i, g := range got {
		k := key(g)
		open[k] = append(open[k], i)
	}
	joined := make([]bool, len(got))
	for _, w := range want {
		k := key(w)
		same := open[k]
		if len(same) == 0 {
			restWant = append(restWant, w)
			continue
		}
		open[k], joined[same[0]] = same[1:], true
		join(w, got[same[0]])
	}
	for i, g := range got {
		if !joined[i] {
			restGot = append(restGot, g)
		}
	}
	return restWant, restGot
}

// grouped collects what has the same key, in the order of the first ones.
func grouped[T any](all []T, key func(T) string) (groups [][]T) {
	places := map[string]int{}
	for _, v := range all {
		k := key(v)
		i, known := places[k]
		if !known {
			i, places[k] = len(groups), len(groups)
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], v)
	}
	return groups
}

// conversation holds the entries of one conversation, or of one agent's presences: of each channel
// in the order of the events.
type conversation [][]*entry

// conversations groups entries by conversation and channel, in the order of the first events.
func conversations(all []*entry) (found []conversation) {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b *entry) int {
		return cmp.Or(a.moment().Compare(b.moment()), cmp.Compare(a.kind(), b.kind()), cmp.Compare(a.head.Type, b.head.Type))
	})
	for _, thread := range grouped(all, func(e *entry) string { return e.head.Thread() }) {
		found = append(found, grouped(thread, func(e *entry) string {
			return fmt.Sprintf("%q %q %q", e.head.Subject, e.head.Role, e.head.AgentID)
		}))
	}
	return found
}

// moment is when the event occurred, or else was sent.
func (e *entry) moment() time.Time {
	if !e.head.Timestamp.IsZero() {
		return e.head.Timestamp.Time
	}
	return e.head.Time.Time
}

// kind orders simultaneous events as a channel lives them.
func (e *entry) kind() event.Kind {
	t, _ := event.ParseType(e.head.Type) // an unknown one comes first
	return t.Kind
}

// nameOf is what a channel is about, without identifiers that are new in each play.
func nameOf(channel []*entry) string {
	h := &channel[0].head
	return fmt.Sprintf("%q %q %q", h.Source, h.Role, h.AgentID)
}

// shape is all that a conversation is without its identifiers and times.
func (c conversation) shape() string {
	var b strings.Builder
	for _, channel := range c {
		b.WriteString(nameOf(channel))
		for _, e := range channel {
			b.WriteString(" " + e.head.Type)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// timed is the shape with the time of each event since the first.
func (c conversation) timed() string {
	text := []byte(c.shape())
	for _, e := range slices.Concat(c...) {
		text = fmt.Appendf(text, " %d", e.moment().Sub(c[0][0].moment()))
	}
	return string(text)
}

// kind separates conversations from agents' presences.
func (c conversation) kind() string {
	if c[0][0].head.ConversationID == "" {
		return nameOf(c[0])
	}
	return ""
}
