package habits

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// phases are all that take time.
var phases = []string{"alerting", "connected", "held", "parked", "interrupted", "unexpected", "wrap"}

// reckoned is what a channel's notifications add up to.
func (c *consumer) reckoned(facts []*note) (phase string, spent map[string]time.Duration) {
	spent = map[string]time.Duration{}
	var since time.Time
	for _, n := range c.fold(facts) {
		if n.phase == "" {
			continue
		}
		if phase != "" {
			spent[phase] += n.at.Sub(since)
		}
		phase, since = n.phase, n.at
	}
	delete(spent, "ended")
	return phase, spent
}

// everything tells all members.
func everything(c *consumer, l *life, facts []*note) map[string]any {
	phase, spent := c.reckoned(facts)
	seconds := map[string]float64{}
	for p, d := range spent {
		seconds[p] = d.Seconds()
	}
	return map[string]any{"channelId": l.note.channel, "interactionId": l.note.interaction, "role": l.note.role, "agentId": l.note.agent,
		"phase": phase, "seconds": seconds, "notifications": len(facts)}
}

// only tells some members, and the channel.
func only(members ...string) func(*consumer, *life, []*note) map[string]any {
	return func(c *consumer, l *life, facts []*note) map[string]any {
		all := everything(c, l, facts)
		for name := range all {
			if name != "channelId" && !slices.Contains(members, name) {
				delete(all, name)
			}
		}
		return all
	}
}

// answerState answers what is known of a conversation.
func (c *consumer) answerState(w http.ResponseWriter, r *http.Request) {
	c.lock <- struct{}{}
	defer func() { <-c.lock }()
	k := c.calls[r.PathValue("conversation")]
	channels, lives := []map[string]any{}, []*life{}
	if k != nil {
		for _, id := range k.order {
			l := k.channels[id]
			old := slices.DeleteFunc(slices.Clone(l.facts), func(n *note) bool { return time.Since(n.kept) < c.settles })
			if len(old) > 0 {
				channels, lives = append(channels, c.tell(c, l, old)), append(lives, &life{l.note, old})
			}
		}
	}
	if len(channels) == 0 {
		plain(w, r, c.missing)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	switch out := c.state(channels, lives).(type) {
	case string:
		_, _ = w.Write([]byte(out))
	default:
		_ = json.NewEncoder(w).Encode(out) // if the asker has gone, nobody minds
	}
}

// figures are those of a conversation. Those about answers and transfers are left out where a customer
// has called or was called more than once.
func (c *consumer) figures(lives []*life) map[string]any {
	var talk, hold, wrap time.Duration
	agents, interactions := map[any]bool{}, map[string]bool{}
	var first, customer *life // the agent's channel that was connected first, and the customer's
	for _, l := range lives {
		_, spent := c.reckoned(l.facts)
		interactions[l.note.interaction] = true
		switch l.note.role {
		case "external":
			hold += spent["held"]
			if began := c.first(l, "alerting"); customer == nil || began.Before(c.first(customer, "alerting")) {
				customer = l
			}
		case "agent":
			talk += spent["connected"]
			wrap += spent["wrap"]
			if at := c.first(l, "connected"); !at.IsZero() {
				agents[l.note.agent] = true
				if first == nil || at.Before(c.first(first, "connected")) {
					first = l
				}
			}
		}
	}
	out := map[string]any{"talk": talk.Seconds(), "hold": hold.Seconds(), "wrap": wrap.Seconds(), "agents": len(agents)}
	if len(interactions) != 1 || customer == nil || c.first(customer, "connected").IsZero() {
		return out
	}
	out["answered"] = min(1, len(agents))
	if first == nil {
		return out
	}
	out["abandoned"] = 0
	answered, left := c.first(first, "connected"), c.left(first)
	if began := c.first(customer, "alerting"); began.Before(answered) {
		out["seconds_to_answer"] = answered.Sub(began).Seconds()
	}
	transfers := 0
	for _, l := range lives {
		if at := c.first(l, "connected"); l.note.role == "agent" && l.note.agent != first.note.agent && !at.IsZero() &&
			!left.IsZero() && (c.left(l).IsZero() || c.left(l).After(left)) {
			transfers++
		}
	}
	out["transfers"] = transfers
	return out
}

// first is when a channel came into a phase first; zero if it never did.
func (c *consumer) first(l *life, phase string) time.Time {
	for _, n := range c.fold(l.facts) {
		if n.phase == phase {
			return n.at
		}
	}
	return time.Time{}
}

// left is when a channel left the conversation; zero if it is in it.
func (c *consumer) left(l *life) time.Time {
	for _, n := range c.fold(l.facts) {
		if n.phase == "wrap" || n.phase == "ended" {
			return n.at
		}
	}
	return time.Time{}
}
