package engine

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// How much of the floor is kept.
const (
	mostLive  = 1000             // conversations of runs; the oldest that has ended, or else the oldest, gives way
	keepEnded = 30 * time.Second // that a conversation stays after its end
	mostTicks = 200              // events of a channel; the oldest give way
)

// floor is the conversations of runs as their notifications tell them. Those driven by hand
// are told by themselves. The moments on it are real ones: at another speed than 1, those in
// the notifications are others.
type floor struct {
	mu    sync.Mutex
	talks map[string]*scene
	born  uint64
}

// scene is a conversation of a run.
type scene struct {
	Live
	order uint64
	lanes map[string]*lane
}

// lane is what is known of a channel, in the order of the moments.
type lane struct {
	at    int // in Channels
	marks []mark
}

type mark struct {
	offset time.Duration // of the plan
	real   time.Time
	name   string // of the type
	kind   event.Kind
	id     string
	phase  lifecycle.Phase
}

// note takes a notification of a run. Kept is it in the store; nil: it was kept before, and
// nobody is told.
func (f *floor) note(r *Room, e *entry, kept *store.Notification) {
	n := e.note
	if e.run == nil || n.Extra || n.ConversationID() == "" || n.Event.Channel.ChannelID.IsZero() {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.scene(e)
	if s.take(n, e.at) && kept != nil {
		r.bell.ring("conversation", s.copy())
	}
}

// take draws what a notification tells, and reports whether that is new: the same event in
// its other version is not.
func (s *scene) take(n *plan.Notification, at time.Time) bool {
	c := &n.Event.Channel
	id := c.ChannelID.String()
	l := s.lanes[id]
	if l == nil {
		l = &lane{at: len(s.Channels)}
		s.lanes[id] = l
		s.Channels = append(s.Channels, LiveChannel{ID: id, Party: n.Name, Role: n.Role(), AgentID: c.Party.User.AgentID})
	}
	m := mark{offset: n.At, real: at, name: n.Type(), kind: n.Event.Type.Kind, id: n.ID(), phase: n.Phase}
	for _, known := range l.marks {
		if known.kind == m.kind && known.offset == m.offset {
			return false
		}
	}
	place := len(l.marks) // a delayed one belongs before others
	for place > 0 && l.marks[place-1].offset > m.offset {
		place--
	}
	l.marks = slices.Insert(l.marks, place, m)
	l.draw(&s.Channels[l.at])
	s.settle()
	return true
}

// scene finds the conversation of an entry, or begins it.
func (f *floor) scene(e *entry) *scene {
	id := e.note.ConversationID()
	if s := f.talks[id]; s != nil {
		return s
	}
	if f.talks == nil {
		f.talks = map[string]*scene{}
	}
	f.sweep(time.Now())
	if len(f.talks) >= mostLive {
		f.giveWay()
	}
	f.born++
	s := &scene{Live: Live{ID: id, Run: e.run.id, Began: e.at}, order: f.born, lanes: map[string]*lane{}}
	f.talks[id] = s
	return s
}

// sweep forgets what ended a while ago.
func (f *floor) sweep(now time.Time) {
	for id, s := range f.talks {
		if !s.Ended.IsZero() && now.Sub(s.Ended) > keepEnded {
			delete(f.talks, id)
		}
	}
}

func (f *floor) giveWay() {
	var first *scene
	for _, s := range f.talks {
		if first == nil || s.Ended.IsZero() == first.Ended.IsZero() && s.order < first.order || !s.Ended.IsZero() && first.Ended.IsZero() {
			first = s
		}
	}
	delete(f.talks, first.ID)
}

// draw makes the channel from the marks.
func (l *lane) draw(c *LiveChannel) {
	c.Stays, c.Events = nil, nil
	for _, m := range l.marks {
		c.Events = append(c.Events, Event{Type: m.name, ID: m.id, At: m.real})
		if name := m.phase.String(); m.phase != lifecycle.New {
			c.enter(name, m.real)
		}
	}
	if over := len(c.Events) - mostTicks; over > 0 {
		c.Events = c.Events[over:]
	}
}

// enter lets a channel be in another phase from a moment on.
func (c *LiveChannel) enter(phase string, at time.Time) {
	if last := len(c.Stays) - 1; last >= 0 {
		if c.Stays[last].Phase == phase {
			return
		}
		c.Stays[last].To = at
	}
	c.Phase = phase
	if phase == lifecycle.Ended.String() {
		return // nothing lasts behind it
	}
	c.Stays = append(c.Stays, Stay{Phase: phase, From: at})
}

// settle finds out whether the conversation has ended: all its channels have, and nothing
// was heard since of another one.
func (s *scene) settle() {
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

// copy is what leaves the floor.
func (s *scene) copy() Live {
	l := s.Live
	l.Channels = slices.Clone(l.Channels)
	for i := range l.Channels {
		c := &l.Channels[i]
		c.Stays, c.Events = slices.Clone(c.Stays), slices.Clone(c.Events)
	}
	return l
}

// cut ends the conversations of a run that was stopped.
func (f *floor) cut(r *Room, run string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now().UTC()
	for _, s := range f.talks {
		if s.Run != run || !s.Ended.IsZero() {
			continue
		}
		s.Ended = now
		for i := range s.Channels {
			if c := &s.Channels[i]; c.Phase != lifecycle.Ended.String() && len(c.Stays) > 0 {
				c.Stays[len(c.Stays)-1].To = now
			}
		}
		r.bell.ring("conversation", s.copy())
	}
}

// list is the conversations of runs.
func (f *floor) list() (all []Live) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sweep(time.Now())
	for _, s := range f.talks {
		all = append(all, s.copy())
	}
	return all
}

// clear forgets all.
func (f *floor) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.talks = nil
}

// Floor lists the conversations that go on, the newest first, at most limit, and those that
// ended in the last half minute.
func (r *Room) Floor(limit int) []Live {
	all := append(r.floor.list(), r.hand.list()...)
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
