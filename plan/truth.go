package plan

import (
	"slices"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/lifecycle"
)

// Truth is the result of one play of a scenario: what a consumer that missed nothing knows
// at its end. Faults do not change it: a dropped notification has happened all the same.
type Truth struct {
	Story         uint64
	Cut           bool     // the plan's time is over before the conversation is: this is how far it came
	Conversations []string // identifiers, in the order of their first channel
	Interactions  []string
	Channels      []ChannelTruth // in the order in which they began
}

// ChannelTruth is the life of one channel.
type ChannelTruth struct {
	Name           string // the party, as the scenario calls it
	ConversationID string
	InteractionID  string
	ChannelID      string
	Role           event.Role
	AgentID        string // empty unless the role has one
	Phase          lifecycle.Phase
	Stays          []Stay // in the order of the life
	Counts         map[event.Kind]int
	Notifications  int // different ones: each event once for each version that is sent
}

// Stay is the time between two changes of the phase. The moments are those of the bodies,
// with as many digits as these show.
type Stay struct {
	Phase lifecycle.Phase
	From  time.Time
	To    time.Time // zero while it lasts
}

// Duration is how long the channel was in a phase altogether, without a stay that lasts.
func (c *ChannelTruth) Duration(phase lifecycle.Phase) time.Duration {
	var sum time.Duration
	for _, s := range c.Stays {
		if s.Phase == phase && !s.To.IsZero() {
			sum += s.To.Sub(s.From)
		}
	}
	return sum
}

// Of is the latest channel of a party, or nil.
func (t *Truth) Of(name string) *ChannelTruth {
	for i := len(t.Channels) - 1; i >= 0; i-- {
		if t.Channels[i].Name == name {
			return &t.Channels[i]
		}
	}
	return nil
}

// moment is one event of a channel, by the place that it has in the channel's life.
type moment struct {
	nth  uint32
	note Notification
}

// Truth plays the i-th conversation, from 0, and returns its result. Notifications of send
// steps and presence changes are no part of it. Where conversations decide on one
// another, the first call for one of the first 1,024 walks until these are over, and any other one
// walks all; they keep 8 bytes for each conversation, and 24 for each time that it asked the pool
// for an agent.
func (p *Plan) Truth(i uint64) Truth {
	var lives [][]moment // by ordinal of the channel
	pl := &play{texts: &texts{}}
	given := uint32(0)
	for pl.again(p, i); pl.prepare() && p.sends(pl, given); pl.drop() {
		given++
		e := pl.pending[0]
		if e.kind == 0 || e.kind == event.PresenceChanged {
			continue
		}
		m := moment{nth: e.nth}
		pl.notification(&m.note)
		for len(lives) <= int(e.channel) {
			lives = append(lives, nil)
		}
		lives[e.channel] = append(lives[e.channel], m)
	}
	t := Truth{Story: i, Cut: len(pl.pending) > 0}
	for _, life := range lives {
		if len(life) > 0 {
			t.add(life)
		}
	}
	return t
}

// add adds the life of one channel.
func (t *Truth) add(life []moment) {
	slices.SortStableFunc(life, func(a, b moment) int { return int(a.nth) - int(b.nth) })
	first := &life[0].note
	ch := &first.Event.Channel
	c := ChannelTruth{Name: first.Name, ConversationID: ch.ConversationID.String(), InteractionID: ch.InteractionID.String(),
		ChannelID: ch.ChannelID.String(), Role: ch.Party.Role, AgentID: ch.Party.User.AgentID,
		Counts: map[event.Kind]int{}, Notifications: len(life)}
	for i := range life {
		if i > 0 && life[i].nth == life[i-1].nth {
			continue // the same event in another version
		}
		c.pass(&life[i].note)
	}
	t.Channels = append(t.Channels, c)
	if !slices.Contains(t.Conversations, c.ConversationID) {
		t.Conversations = append(t.Conversations, c.ConversationID)
	}
	if !slices.Contains(t.Interactions, c.InteractionID) {
		t.Interactions = append(t.Interactions, c.InteractionID)
	}
}

// pass takes an event into the life.
func (c *ChannelTruth) pass(n *Notification) {
	c.Counts[n.Event.Type.Kind]++
	if n.Phase == n.Left { // as with disconnected: what follows it in the same instant begins one
		return
	}
	at := n.Event.Timestamp.Truncated()
	if n := len(c.Stays); n > 0 {
		c.Stays[n-1].To = at
	}
	if c.Phase = n.Phase; n.Phase != lifecycle.Ended {
		c.Stays = append(c.Stays, Stay{Phase: n.Phase, From: at})
	}
}
