package recording

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/event"
)

// conversation holds the entries of one conversation, or of one agent's presences.
type conversation struct {
	lanes []*lane // in the order of their first events
}

// lane holds the entries of one channel, in the order of their events.
type lane struct {
	entries []*entry
}

// conversations groups entries by conversation and channel, in the order of the events.
func conversations(all []*entry) []*conversation {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b *entry) int {
		return cmp.Or(a.moment().Compare(b.moment()), cmp.Compare(a.kind(), b.kind()), cmp.Compare(a.head.Type, b.head.Type))
	})
	threads, lanes := map[string]*conversation{}, map[string]*lane{}
	var found []*conversation
	for _, e := range all {
		t := e.head.Thread()
		c := threads[t]
		if c == nil {
			c = &conversation{}
			threads[t] = c
			found = append(found, c)
		}
		name := fmt.Sprintf("%q %q %q %q", t, e.head.Subject, e.head.Role, e.head.AgentID)
		l := lanes[name]
		if l == nil {
			l = &lane{}
			lanes[name] = l
			c.lanes = append(c.lanes, l)
		}
		l.entries = append(l.entries, e)
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

// name is what a lane is about, without identifiers that are new in each play.
func (l *lane) name() string {
	h := &l.entries[0].head
	return fmt.Sprintf("%q %q %q", h.Source, h.Role, h.AgentID)
}

// shape is all that a conversation is without its identifiers and times.
func (c *conversation) shape() string {
	var b strings.Builder
	for _, l := range c.lanes {
		b.WriteString(l.name())
		for _, e := range l.entries {
			b.WriteString(" " + e.head.Type)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// timed is the shape with the time of each event since the first.
func (c *conversation) timed() string {
	var b strings.Builder
	b.WriteString(c.shape())
	first := c.lanes[0].entries[0].moment()
	for _, e := range c.all() {
		fmt.Fprintf(&b, " %d", e.moment().Sub(first))
	}
	return b.String()
}

// kind separates conversations from agents' presences.
func (c *conversation) kind() string {
	if h := &c.lanes[0].entries[0].head; h.ConversationID == "" {
		return c.lanes[0].name()
	}
	return ""
}

func (c *conversation) all() (all []*entry) {
	for _, l := range c.lanes {
		all = append(all, l.entries...)
	}
	return all
}
