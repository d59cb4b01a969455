package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// manual holds the conversations driven by hand, and the presences of the agents.
type manual struct {
	mu            sync.Mutex // one step at a time, so that the store has them in their order
	conversations map[string]*manualConversation
	presences     map[string]string    // what agents are and intend, by the name of the setting
	changes       uint64               // of presences
	changed       map[string]time.Time // when the presence of an agent did so last
	seed          uint64
}

// manualConversation is one conversation. Its stored actions, played again, give its state.
type manualConversation struct {
	conversation
	live   *plan.Live
	kept   store.Conversation
	callee string      // the agent whom another one calls, also before that one's phone rings
	lapse  *time.Timer // of the channel that ends by itself next; nil: none
}

// opening is the arguments of the first action of a conversation.
type opening struct {
	From     string `json:"from"`
	Dial     string `json:"dial,omitempty"`
	To       string `json:"to,omitempty"`
	Versions string `json:"versions"`
}

// stepBegin is the step word of the first action.
const stepBegin = "begin"

// liveAgents are the agents of the sandbox. Their IDs never change.
func liveAgents() (all []plan.LiveAgent) {
	for i, name := range []string{"alice", "bob", "carol", "dave", "erin", "frank"} {
		all = append(all, plan.LiveAgent{Name: name, User: event.User{AgentID: fmt.Sprint(1001 + i)}})
	}
	return all
}

// observe adds notifications to the history of the channels.
func (h *manualConversation) observe(notes []plan.Notification, at time.Time) {
	for i := range notes {
		h.add(&notes[i], at)
	}
	h.Ended = time.Time{}
	if h.live.Over() {
		h.Ended = at
	}
}

// replay plays the actions of a conversation. It also returns the notifications of the last one.
func (e *Engine) replay(c store.Conversation) (*manualConversation, []plan.Notification, error) {
	if len(c.Actions) == 0 || c.Actions[0].Step != stepBegin {
		return nil, nil, errors.New("it has no beginning")
	}
	var o opening
	if err := json.Unmarshal(c.Actions[0].Args, &o); err != nil {
		return nil, nil, err
	}
	versions, err := plan.ParseVersions(o.Versions)
	if err != nil {
		return nil, nil, err
	}
	live, notes, err := plan.NewLive(plan.LiveOptions{Seed: c.Seed, Start: c.Created, Versions: versions,
		Assume: e.options.Assume, Medium: c.Medium, From: o.From, Dial: o.Dial, To: o.To, Agents: liveAgents()}, c.Created)
	if err != nil {
		return nil, nil, err
	}
	c.ID = live.ConversationID()
	h := &manualConversation{live: live, kept: c, callee: o.To, conversation: conversation{Live: Live{ID: c.ID, Medium: c.Medium, Began: c.Created}}}
	h.observe(notes, c.Created)
	for _, a := range c.Actions[1:] {
		var s Step
		if err := json.Unmarshal(a.Args, &s); err != nil {
			return nil, nil, err
		}
		if notes, err = live.Do(a.At, s.action()); err != nil {
			return nil, nil, err
		}
		h.observe(notes, a.At)
	}
	return h, notes, nil
}

// snapshot is a copy of the conversation, with the steps that are possible now.
func (m *manual) snapshot(h *manualConversation) Live {
	l := h.conversation.snapshot()
	l.Allowed = m.allowed(h)
	return l
}

// allowed lists the possible steps, with the agents who are free and ready for them.
func (m *manual) allowed(h *manualConversation) []Allowed {
	all := []Allowed{}
	for _, s := range h.live.Allowed() {
		a := Allowed{Step: s.Step, Party: s.Party, Number: s.Number, Queue: s.Queue, Kinds: s.Kinds}
		if s.Agents != nil {
			for _, name := range s.Agents {
				if m.unable(name, s.Step, h.Medium, h) == "" {
					a.Agents = append(a.Agents, name)
				}
			}
			if a.Agents == nil && !s.Number && !s.Queue {
				continue // all agents are busy, or not ready
			}
		}
		if m.keptFrom(s.Step, h) != "" {
			continue
		}
		all = append(all, a)
	}
	return all
}

// list returns the conversations driven by hand, without those that ended a while ago.
func (m *manual) list() (all []Live) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sweep()
	for _, h := range m.conversations {
		all = append(all, m.snapshot(h))
	}
	return all
}

func (m *manual) sweep() {
	maps.DeleteFunc(m.conversations, func(_ string, h *manualConversation) bool { return h.isPast() })
}

// manualVersions are the versions of events by hand: v1 too if a subscription selects it alone.
func (e *Engine) manualVersions() plan.Versions {
	for _, s := range e.registry.effective() {
		for _, p := range s.Events {
			if strings.HasSuffix(p, ".v1") {
				return plan.Both
			}
		}
	}
	return plan.OnlyV0
}

// restore reads conversations and presences from the store.
func (e *Engine) restore(ctx context.Context) error {
	conversations, err := e.store.Conversations(ctx, true)
	if err != nil {
		return err
	}
	for _, c := range conversations {
		h, _, err := e.replay(c)
		if err != nil {
			e.logError("conversation "+c.ID+" cannot go on", err)
			continue
		}
		e.manual.conversations[h.ID] = h
	}
	for _, a := range liveAgents() {
		for _, name := range []string{settingPresence + a.Name, settingIntended + a.Name} {
			if e.manual.presences[name], err = e.store.Setting(ctx, name); err != nil {
				return err
			}
		}
	}
	return nil
}
