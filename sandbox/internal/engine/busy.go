package engine

import "slices"

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
