package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// call is what is known of a conversation.
type call struct {
	order    []string // channels as they became known
	channels map[string]*life
}

// life is what is known of a channel.
type life struct {
	interaction string
	role        any
	agentID     any
	facts       []fact
	count       int // notifications
}

// fact is that something happened to a channel.
type fact struct {
	at   time.Time
	rank int // of the type
	sent time.Time
}

// kinds are the types without version, in the order in which they usually happen, and the phase that each begins.
var kinds = [...]struct{ name, phase string }{
	{"channel.alerted", "alerting"}, {"channel.connected", "connected"}, {"channel.connectionfailed", "unexpected"},
	{"channel.held", "held"}, {"channel.retrieved", "connected"}, {"channel.parked", "parked"}, {"channel.unparked", "connected"},
	{"channel.interrupted", "interrupted"}, {"channel.resumed", "connected"}, {"channel.disconnected", ""},
	{"channel.wrapstarted", "wrap"}, {"channel.ended", "ended"}, {"agent.presencechanged", ""},
}

func rankOf(name string) (rank int, known bool) {
	base, v0 := strings.CutSuffix(name, ".v0")
	base, v1 := strings.CutSuffix(base, ".v1")
	for i, k := range kinds {
		if k.name == base && v0 != v1 {
			return i, true
		}
	}
	return 0, false
}

// learn adds a fact.
func (c *consumer) learn(n *notification, f fact) {
	id := n.Data.Channel.ConversationID
	k := c.calls[id]
	if k == nil {
		if c.forget {
			clear(c.calls)
		}
		k = &call{channels: map[string]*life{}}
		c.calls[id] = k
	}
	l := k.channels[n.Data.Channel.ChannelID]
	if l == nil {
		l = &life{interaction: c.inter(n), role: n.Data.Channel.Party["role"], agentID: c.agentID(n)}
		k.channels[n.Data.Channel.ChannelID] = l
		k.order = append(k.order, n.Data.Channel.ChannelID)
	}
	l.facts = append(l.facts, f)
	l.count++
}

// told is a channel as it is told.
type told struct {
	ChannelID     string             `json:"channelId"`
	InteractionID string             `json:"interactionId"`
	Role          any                `json:"role"`
	AgentID       any                `json:"agentId"`
	Phase         string             `json:"phase"`
	Seconds       map[string]float64 `json:"seconds"`
	Notifications int                `json:"notifications"`
}

// tell answers what is known of a conversation.
func (c *consumer) tell(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.calls[r.PathValue("conversation")]
	if k == nil {
		http.NotFound(w, r)
		return
	}
	all := struct {
		Channels []told `json:"channels"`
	}{}
	for _, id := range k.order {
		l := k.channels[id]
		t := told{ChannelID: id, InteractionID: l.interaction, Role: l.role, AgentID: l.agentID, Notifications: l.count}
		t.Phase, t.Seconds = c.phases(l.facts)
		all.Channels = append(all.Channels, t)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(all) // if the asker has gone, nobody minds
}

// phases goes through a life: the phase it is in, and how long it was in each.
func (c *consumer) phases(facts []fact) (phase string, seconds map[string]float64) {
	seconds = map[string]float64{}
	facts = slices.DeleteFunc(slices.Clone(facts), func(f fact) bool { return kinds[f.rank].phase == "" })
	if c.order != nil {
		slices.SortStableFunc(facts, c.order)
	}
	var since time.Time
	for i, f := range facts {
		if c.possible && (i == 0 || !f.at.Equal(facts[i-1].at)) {
			settle(facts[i:], phase)
			f = facts[i]
		}
		if phase != "" {
			seconds[phase] += f.at.Sub(since).Seconds()
		}
		phase, since = kinds[f.rank].phase, f.at
	}
	return phase, seconds
}

// settle puts the facts of the first instant into an order in which each may follow the one before, if there is one:
// a channel can be retrieved and held again within an instant, or held and retrieved.
func settle(facts []fact, phase string) {
	var ranks []int // of v0 and v1 of one event once
	end := 0
	for ; end < len(facts) && facts[end].at.Equal(facts[0].at); end++ {
		if !slices.Contains(ranks, facts[end].rank) {
			ranks = append(ranks, facts[end].rank)
		}
	}
	if order := possible(ranks, phase); order != nil {
		slices.SortStableFunc(facts[:end], func(a, b fact) int { return slices.Index(order, a.rank) - slices.Index(order, b.rank) })
	}
}

// possible is an order of types in which each may follow the one before, the first one in a phase; nil if there is none.
func possible(ranks []int, phase string) []int {
	if len(ranks) == 0 {
		return []int{}
	}
	for i, rank := range ranks {
		if slices.Contains(follows[phase], kinds[rank].name) {
			if rest := possible(slices.Delete(slices.Clone(ranks), i, i+1), kinds[rank].phase); rest != nil {
				return append([]int{rank}, rest...)
			}
		}
	}
	return nil
}

// follows are the types that may come in a phase.
var follows = map[string][]string{
	"":            {"channel.alerted"},
	"alerting":    {"channel.connected", "channel.connectionfailed", "channel.ended"},
	"connected":   {"channel.held", "channel.parked", "channel.interrupted", "channel.wrapstarted", "channel.ended"},
	"held":        {"channel.retrieved", "channel.wrapstarted", "channel.ended"},
	"parked":      {"channel.unparked", "channel.wrapstarted", "channel.ended"},
	"interrupted": {"channel.resumed", "channel.wrapstarted", "channel.ended"},
	"unexpected":  {"channel.wrapstarted", "channel.ended"},
	"wrap":        {"channel.ended"},
}
