package engine

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/plan"
)

// Limits of what is kept of the conversations of runs.
const (
	mostLive   = 1000             // conversations; beyond it the oldest that has ended, or else the oldest, is forgotten
	keepEnded  = 30 * time.Second // how long a conversation stays after its end
	mostEvents = 200              // events of a channel; beyond it the oldest are forgotten
)

// observed holds the conversations of runs, as far as their notifications show them. Its
// moments are real ones: at another speed than 1, those in the notifications differ.
type observed struct {
	mu            sync.Mutex
	conversations map[string]*conversation
	begun         uint64
}

// conversation is the channels of one conversation.
type conversation struct {
	Live
	order    uint64
	channels map[string]*channelHistory
}

// channelHistory is the observations of a channel in the order of their moments.
type channelHistory struct {
	index  int // of the channel in Channels
	events []observation
}

type observation struct {
	offset time.Duration // of the plan
	real   time.Time
	name   string // of the type
	kind   event.Kind
	id     string
	phase  lifecycle.Phase
}

// observe takes a notification of an entry of a run, and announces its conversation unless
// listeners know it since before the restart.
func (f *observed) observe(e *Engine, in *entry, n *plan.Notification, announce bool) {
	if in.run == nil || n.Extra || n.ConversationID() == "" || n.Event.Channel.ChannelID.IsZero() {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.conversation(n.ConversationID(), in)
	if s.add(n, in.at) && announce {
		e.broadcaster.send("conversation", s.snapshot())
	}
}

// add adds a notification to the history of its channel. It reports whether that is new: the
// same event in its other version is not.
func (s *conversation) add(n *plan.Notification, at time.Time) bool {
	c := &n.Event.Channel
	id := c.ChannelID.String()
	l := s.channels[id]
	if l == nil {
		l = &channelHistory{index: len(s.Channels)}
		s.channels[id] = l
		s.Channels = append(s.Channels, LiveChannel{ID: id, Party: n.Name, Role: n.Role(), AgentID: c.Party.User.AgentID})
	}
	m := observation{offset: n.At, real: at, name: n.Type(), kind: n.Event.Type.Kind, id: n.ID(), phase: n.Phase}
	for _, known := range l.events {
		if known.kind == m.kind && known.offset == m.offset {
			return false
		}
	}
	place := len(l.events) // a delayed one belongs before later ones
	for place > 0 && l.events[place-1].offset > m.offset {
		place--
	}
	l.events = slices.Insert(l.events, place, m)
	l.draw(&s.Channels[l.index])
	s.settle()
	return true
}

// conversation finds the conversation of an entry, or begins it.
func (f *observed) conversation(id string, in *entry) *conversation {
	if s := f.conversations[id]; s != nil {
		return s
	}
	if f.conversations == nil {
		f.conversations = map[string]*conversation{}
	}
	f.sweep(time.Now())
	if len(f.conversations) >= mostLive {
		f.makeSpace()
	}
	f.begun++
	s := &conversation{Live: Live{ID: id, Run: in.run.id, Began: in.at}, order: f.begun, channels: map[string]*channelHistory{}}
	f.conversations[id] = s
	return s
}

// sweep forgets conversations that ended a while ago.
func (f *observed) sweep(now time.Time) {
	for id, s := range f.conversations {
		if !s.Ended.IsZero() && now.Sub(s.Ended) > keepEnded {
			delete(f.conversations, id)
		}
	}
}

func (f *observed) makeSpace() {
	var first *conversation
	for _, s := range f.conversations {
		if first == nil || s.Ended.IsZero() == first.Ended.IsZero() && s.order < first.order || !s.Ended.IsZero() && first.Ended.IsZero() {
			first = s
		}
	}
	delete(f.conversations, first.ID)
}

// draw builds the channel from its observations.
func (h *channelHistory) draw(c *LiveChannel) {
	c.Stays, c.Events = nil, nil
	for _, m := range h.events {
		c.Events = append(c.Events, Event{Type: m.name, ID: m.id, At: m.real})
		if name := m.phase.String(); m.phase != lifecycle.New {
			c.enter(name, m.real)
		}
	}
	if over := len(c.Events) - mostEvents; over > 0 {
		c.Events = c.Events[over:]
	}
}

// enter puts the channel into a phase from a moment on.
func (c *LiveChannel) enter(phase string, at time.Time) {
	if last := len(c.Stays) - 1; last >= 0 {
		if c.Stays[last].Phase == phase {
			return
		}
		c.Stays[last].To = at
	}
	c.Phase = phase
	if phase == lifecycle.Ended.String() {
		return // an ended channel is in no phase any more
	}
	c.Stays = append(c.Stays, Stay{Phase: phase, From: at})
}

// settle sets when the conversation ended: when the last of its channels did.
func (s *conversation) settle() {
	s.Ended = time.Time{}
	var last time.Time
	for i := range s.Channels {
		c := &s.Channels[i]
		if c.Phase != lifecycle.Ended.String() {
			return
		}
		if n := len(c.Events); n > 0 && c.Events[n-1].At.After(last) {
			last = c.Events[n-1].At
		}
	}
	s.Ended = last
}

// snapshot is a copy that callers may keep.
func (s *conversation) snapshot() Live {
	l := s.Live
	l.Channels = slices.Clone(l.Channels)
	for i := range l.Channels {
		c := &l.Channels[i]
		c.Stays, c.Events = slices.Clone(c.Stays), slices.Clone(c.Events)
	}
	return l
}

// cut ends the conversations of a run that was stopped.
func (f *observed) cut(e *Engine, run string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now().UTC()
	for _, s := range f.conversations {
		if s.Run != run || !s.Ended.IsZero() {
			continue
		}
		s.Ended = now
		for i := range s.Channels {
			if c := &s.Channels[i]; c.Phase != lifecycle.Ended.String() && len(c.Stays) > 0 {
				c.Stays[len(c.Stays)-1].To = now
			}
		}
		e.broadcaster.send("conversation", s.snapshot())
	}
}

// list returns the conversations of runs.
func (f *observed) list() (all []Live) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sweep(time.Now())
	for _, s := range f.conversations {
		all = append(all, s.snapshot())
	}
	return all
}

// clear forgets all conversations.
func (f *observed) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.conversations = nil
}

// Conversations lists at most limit active conversations, and those that ended in the last 30 s,
// the newest first.
func (e *Engine) Conversations(limit int) []Live {
	all := append(e.observed.list(), e.manual.list()...)
	slices.SortFunc(all, func(a, b Live) int {
		if c := b.Began.Compare(a.Began); c != 0 {
			return c
		}
		return cmp.Compare(a.ID, b.ID)
	})
	if limit > 0 && len(all) > limit {
		all = all[:limit]
	}
	for i := range all {
		if all[i].Allowed == nil {
			all[i].Allowed = []Allowed{}
		}
	}
	return all
}
