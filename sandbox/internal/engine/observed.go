package engine

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/plan"
)

// Limits of what is kept of the conversations of runs.
const (
	mostLive   = 5000             // conversations; beyond it the oldest that has ended, or else the oldest, is forgotten
	keepEnded  = 30 * time.Second // how long a conversation stays after its end
	mostEvents = 200              // events of a channel that are kept, the newest
)

// observed holds the conversations of runs, as far as their notifications show them. Its
// moments are real ones: at another speed than 1, those in the notifications differ.
type observed struct {
	mu            sync.Mutex
	conversations map[string]*conversation
	begun         uint64
}

// conversation is one conversation. Its channels have their last mostEvents events, in the order of the plan.
type conversation struct {
	Live
	order uint64
}

// isPast reports whether the conversation ended a while ago.
func (s *conversation) isPast() bool { return !s.Ended.IsZero() && time.Since(s.Ended) > keepEnded }

// observe takes a notification of an entry of a run, whose event was at a moment, and announces its
// conversation unless listeners know it since before the restart.
func (f *observed) observe(e *Engine, in *entry, n *plan.Notification, at time.Time, announce bool) {
	if n.Extra || n.ConversationID() == "" || n.Event.Channel.ChannelID.IsZero() {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.conversation(n.ConversationID(), in)
	if s.add(n, at) && announce {
		e.Broadcast("conversation", s.snapshot())
		e.activityChanged()
	}
}

// add adds a notification to the history of its channel. It reports whether that is new. The same event in its other version adds
// nothing but its ID.
func (s *conversation) add(n *plan.Notification, at time.Time) bool {
	id := n.Event.Channel.ChannelID.String()
	i := slices.IndexFunc(s.Channels, func(c LiveChannel) bool { return c.ID == id })
	if i < 0 {
		i = len(s.Channels)
		s.Channels = append(s.Channels, LiveChannel{ID: id, Party: n.Name, Role: n.Role(), AgentID: n.Event.Channel.Party.User.AgentID})
	}
	c := &s.Channels[i]
	added := Event{Type: n.Type(), ID: n.ID(), At: at, offset: n.At, kind: n.Event.Type.Kind, left: n.Left, phase: n.Phase}
	place := len(c.Events)
	for k, known := range slices.Backward(c.Events) {
		if known.kind == added.kind && known.offset == added.offset {
			news := known.ID != added.ID && known.Also != added.ID
			if news {
				c.Events[k].Also = added.ID
			}
			return news
		}
		if known.offset > added.offset { // a delayed one belongs before later ones
			place = k
		}
	}
	c.Events = slices.Insert(c.Events, place, added)
	c.followPhases(place)
	if more := len(c.Events) - mostEvents; more > 0 {
		c.Events = slices.Delete(c.Events, 0, more)
	}
	c.Stays = nil
	for _, m := range c.Events {
		if m.phase != lifecycle.New {
			c.enter(m.phase.String(), m.At)
		}
	}
	s.settle()
	return true
}

// followPhases puts the events of one instant, from that of a place on, into the order in which they
// happened: of runs without order they come in any. Each begins in the phase that the one before it
// has led to; what changes no phase, such as disconnected, comes before what does.
func (c *LiveChannel) followPhases(place int) {
	at := func(i int) time.Duration { return c.Events[i].offset }
	for place > 0 && at(place-1) == at(place) {
		place--
	}
	phase := lifecycle.New
	if place > 0 {
		phase = c.Events[place-1].phase
	}
	for ; place < len(c.Events); place++ {
		next := place
		for i := place; i < len(c.Events) && at(i) == at(place); i++ {
			m, best := &c.Events[i], &c.Events[next]
			if m.left == phase && (best.left != phase || m.phase == phase && best.phase != phase) {
				next = i
			}
		}
		m := c.Events[next]
		copy(c.Events[place+1:next+1], c.Events[place:next])
		c.Events[place], phase = m, m.phase
	}
}

// conversation finds the conversation of an entry, or begins it.
func (f *observed) conversation(id string, in *entry) *conversation {
	if s := f.conversations[id]; s != nil {
		return s
	}
	if f.conversations == nil {
		f.conversations = map[string]*conversation{}
	}
	if f.sweep(); len(f.conversations) >= mostLive {
		f.makeSpace()
	}
	f.begun++
	s := &conversation{Live: Live{ID: id, Run: in.run.id, Began: in.at, Allowed: []Allowed{}}, order: f.begun}
	f.conversations[id] = s
	return s
}

func (f *observed) sweep() {
	maps.DeleteFunc(f.conversations, func(_ string, s *conversation) bool { return s.isPast() })
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

// snapshot is a copy that callers may keep. No list in it is null in JSON.
func (s *conversation) snapshot() Live {
	l := s.Live
	l.Channels = append([]LiveChannel{}, l.Channels...)
	for i := range l.Channels {
		c := &l.Channels[i]
		c.Stays = append([]Stay{}, c.Stays...)
		c.Events = append([]Event{}, c.Events...)
	}
	return l
}

// cut ends the conversations of a run that was stopped.
func (f *observed) cut(e *Engine, run string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	e.activityChanged()
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
		e.Broadcast("conversation", s.snapshot())
	}
}

// list returns the conversations of runs.
func (f *observed) list() (all []Live) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sweep()
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
	slices.SortFunc(all, func(a, b Live) int { return cmp.Or(b.Began.Compare(a.Began), cmp.Compare(a.ID, b.ID)) })
	if limit > 0 && len(all) > limit {
		all = all[:limit]
	}
	return all
}
