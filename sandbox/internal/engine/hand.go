package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// byHand is the conversations driven by hand, and the agents who take part in them.
type byHand struct {
	mu        sync.Mutex // one step at a time, so that what is kept is in the order of the steps
	talks     map[string]*handmade
	presences map[string]string // by the agent's name
	changes   uint64            // of presences
	seed      uint64
}

// handmade is one conversation: what was done in it gives its state.
type handmade struct {
	scene
	live *plan.Live
	kept store.Conversation
}

// opening is what the first action of a conversation says.
type opening struct {
	From     string `json:"from"`
	Versions string `json:"versions"`
}

// stepBegin is the word of the first action.
const stepBegin = "begin"

// names are the agents of the sandbox. Their IDs never change.
func names() []string { return []string{"alice", "bob", "carol", "dave", "erin", "frank"} }

func liveAgents() (all []plan.LiveAgent) {
	for i, name := range names() {
		all = append(all, plan.LiveAgent{Name: name, User: event.User{AgentID: fmt.Sprint(1001 + i)}})
	}
	return all
}

// start makes a conversation, or makes it again.
func (r *Room) start(c store.Conversation, o opening) (*handmade, []plan.Notification, error) {
	versions, err := plan.ParseVersions(o.Versions)
	if err != nil {
		return nil, nil, err
	}
	live, notes, err := plan.NewLive(plan.LiveOptions{Seed: c.Seed, Start: c.Created, Versions: versions,
		Assume: r.options.Assume, Medium: c.Medium, From: o.From, Agents: liveAgents()}, c.Created)
	if err != nil {
		return nil, nil, err
	}
	c.ID = live.ConversationID()
	h := &handmade{live: live, kept: c, scene: scene{Live: Live{ID: c.ID, Medium: c.Medium, Began: c.Created}, lanes: map[string]*lane{}}}
	return h, notes, nil
}

// draw takes what happened into the lanes.
func (h *handmade) draw(notes []plan.Notification, at time.Time) {
	for i := range notes {
		h.take(&notes[i], at)
	}
	h.Ended = time.Time{}
	if h.live.Over() {
		h.Ended = at
	}
}

// again makes a conversation from what was done in it.
func (r *Room) again(c store.Conversation) (*handmade, error) {
	if len(c.Actions) == 0 || c.Actions[0].Step != stepBegin {
		return nil, fmt.Errorf("conversation %s has no beginning", c.ID)
	}
	var o opening
	if err := json.Unmarshal(c.Actions[0].Args, &o); err != nil {
		return nil, fmt.Errorf("conversation %s: %w", c.ID, err)
	}
	h, notes, err := r.start(c, o)
	if err != nil {
		return nil, fmt.Errorf("conversation %s: %w", c.ID, err)
	}
	h.draw(notes, c.Created)
	for _, a := range c.Actions[1:] {
		var s Step
		if err := json.Unmarshal(a.Args, &s); err != nil {
			return nil, fmt.Errorf("conversation %s: %w", c.ID, err)
		}
		notes, err := h.live.Do(a.At, s.Step, s.Agent, s.Party)
		if err != nil {
			return nil, fmt.Errorf("conversation %s: %w", c.ID, err)
		}
		h.draw(notes, a.At)
	}
	return h, nil
}

// copy is what leaves the room: lanes, and what is possible now.
func (b *byHand) copy(h *handmade) Live {
	l := h.scene.copy()
	l.Allowed = b.allowed(h)
	return l
}

// allowed lists the steps, with the agents who are free for them.
func (b *byHand) allowed(h *handmade) []Allowed {
	all := []Allowed{}
	for _, s := range h.live.Allowed() {
		a := Allowed{Step: s.Step, Party: s.Party}
		if s.Agents != nil {
			for _, name := range s.Agents {
				if b.engaged(name, h) == "" {
					a.Agents = append(a.Agents, name)
				}
			}
			if a.Agents == nil {
				continue // they are all busy
			}
		}
		all = append(all, a)
	}
	return all
}

// engaged names the conversation other than one in which an agent is busy, or nothing. Work
// that is parked or interrupted leaves an agent free.
func (b *byHand) engaged(agent string, but *handmade) string {
	for _, h := range b.talks {
		if h == but {
			continue
		}
		for i := range h.Channels {
			c := &h.Channels[i]
			if c.Party == agent && c.AgentID != "" && !slices.Contains([]string{"parked", "interrupted", "ended", "unexpected"}, c.Phase) {
				return h.ID
			}
		}
	}
	return ""
}

// list is the conversations driven by hand, without those that ended a while ago.
func (b *byHand) list() (all []Live) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sweep()
	for _, h := range b.talks {
		all = append(all, b.copy(h))
	}
	return all
}

func (b *byHand) sweep() {
	for id, h := range b.talks {
		if !h.Ended.IsZero() && time.Since(h.Ended) > keepEnded {
			delete(b.talks, id)
		}
	}
}

// handVersions are those of what is done by hand: v1 too if a subscription wants it alone.
func (r *Room) handVersions() plan.Versions {
	for _, s := range r.roster.effective() {
		for _, p := range s.Events {
			if strings.HasSuffix(p, ".v1") {
				return plan.Both
			}
		}
	}
	return plan.OnlyV0
}
