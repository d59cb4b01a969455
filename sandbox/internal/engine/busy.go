package engine

import (
	"fmt"
	"slices"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/scenario"
)

// atOnce is how many interactions of a medium an agent of the sandbox works on side by side. There is one
// call at a time, and nothing beside it.
var atOnce = map[string]int{"email": 2, "chat": 3, "case": 2}

// busyIn returns the conversation that keeps an agent from another one of a medium, if there is one
// other than the given one. An agent whose channel is parked or interrupted is free, and one who
// wraps up is for other work than calls.
func (m *manual) busyIn(agent, medium string, but *manualConversation) string {
	count := 0
	for _, h := range m.conversations {
		if h == but || !h.occupies(agent, medium) {
			continue
		}
		if h.Medium == medium {
			count++
		}
		if limit := atOnce[medium]; limit == 0 || h.Medium == "call" || count >= limit {
			return h.ID
		}
	}
	return ""
}

// comesBack are the phases of agents whom a step connects again. Who is on hold occupies the agent
// all the time, so retrieve and alternate connect nobody who was free meanwhile.
var comesBack = map[string]string{"unpark": "parked", "resume": "interrupted"}

// keptFrom says what keeps an agent of a conversation, who was free meanwhile, from a step that
// connects all of them again, or that rings the agent whom another one calls; else it is "".
func (m *manual) keptFrom(step string, h *manualConversation) string {
	if step == "answer" && h.callee != "" && !slices.ContainsFunc(h.Channels, func(c LiveChannel) bool { return c.Party == h.callee }) {
		return m.unable(h.callee, "ring", h.Medium, h)
	}
	for _, c := range h.Channels {
		if c.AgentID == "" || c.Phase != comesBack[step] {
			continue
		}
		if other := m.busyIn(c.Party, h.Medium, h); other != "" {
			return m.isBusy(c.Party, other)
		}
	}
	return ""
}

// unable says why an agent cannot take part by a step of a word in a conversation of a medium, or "".
func (m *manual) unable(agent, word, medium string, h *manualConversation) string {
	if other := m.busyIn(agent, medium, h); other != "" {
		return m.isBusy(agent, other)
	}
	if word == "ring" && h != nil && h.callsBack() {
		word = "callback"
	}
	for _, p := range scenario.Presences() {
		if p.Word == m.presences[settingPresence+agent] && !p.Allows(word) {
			return fmt.Sprintf("%s %s; the presence is %q; set it to %s first", agent, p.Lack(), p.Description, firstPresence)
		}
	}
	return ""
}

// callsBack reports whether the outside party waits to be called back, so that ring begins an outbound call.
func (h *manualConversation) callsBack() bool {
	return h.callee == "" && !slices.ContainsFunc(h.Channels, func(c LiveChannel) bool {
		return c.Role == event.External.String() && c.Phase != "ended" && c.Phase != "unexpected"
	})
}

// isBusy says which conversation keeps an agent, and what to do about it.
func (m *manual) isBusy(agent, conversation string) string {
	away := "park or interrupt it first"
	if m.conversations[conversation].Medium == "call" {
		away = "park it first"
	}
	return fmt.Sprintf("%s is busy in conversation %s; finish or %s", agent, conversation, away)
}

// occupies reports whether an agent is busy in a conversation, for somebody with work of a medium.
func (h *manualConversation) occupies(agent, medium string) bool {
	free := []string{"parked", "interrupted", "ended"}
	if medium != "call" {
		free = append(free, "wrap")
	}
	return slices.ContainsFunc(h.Channels, func(c LiveChannel) bool {
		return c.Party == agent && c.AgentID != "" && !slices.Contains(free, c.Phase)
	})
}
