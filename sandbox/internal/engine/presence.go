package engine

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/assume"
)

// firstPresence is the presence of an agent who has not changed it yet, and of one who logs in.
const firstPresence = "ready"

// The prefixes of the settings that hold presences, and those that agents intend.
const (
	settingPresence = "presence."
	settingIntended = "intended."
)

// SetPresence changes an agent's presence, and sends agent.presencechanged unless it is the
// same as before. While the agent takes part in a conversation by hand, it is what the agent
// intends: it takes effect when that is over, after-work included. Who is logged out is ready
// first. An unknown agent is store.ErrNotFound, an unknown presence an *Invalid.
func (e *Engine) SetPresence(ctx context.Context, agent, presence string) (Agent, error) {
	b := &e.manual
	b.mu.Lock()
	defer b.mu.Unlock()
	a, known := liveAgent(agent)
	if !known {
		return Agent{}, store.ErrNotFound
	}
	if !slices.ContainsFunc(scenario.Presences(), func(p scenario.Presence) bool { return p.Word == presence }) {
		return Agent{}, invalid("presence", "there is no presence %q", presence)
	}
	now := e.agent(a)
	in := entry{at: stamp(time.Now()), settings: map[string]string{}}
	switch {
	case cmp.Or(now.Intended, now.Presence) == presence:
		return now, nil
	case b.handles(agent) && now.Presence == presence:
		in.settings[settingIntended+agent] = ""
	case b.handles(agent):
		in.settings[settingIntended+agent] = presence
	default:
		if now.Presence == "logged-out" && presence != firstPresence {
			e.change(&in, a, firstPresence)
		}
		e.change(&in, a, presence)
	}
	if err := e.keepPresences(ctx, in); err != nil {
		return Agent{}, err
	}
	now = e.agent(a)
	e.Broadcast("agent", now)
	return now, nil
}

func liveAgent(name string) (a plan.LiveAgent, known bool) {
	agents := liveAgents()
	i := slices.IndexFunc(agents, func(a plan.LiveAgent) bool { return a.Name == name })
	if i < 0 {
		return a, false
	}
	return agents[i], true
}

// handles reports whether an agent has a channel that has not ended, in a conversation by hand.
func (m *manual) handles(agent string) bool {
	for _, h := range m.conversations {
		if slices.ContainsFunc(h.Channels, func(c LiveChannel) bool { return c.Party == agent && c.AgentID != "" && c.Phase != "ended" }) {
			return true
		}
	}
	return false
}

// change adds the change of a presence to an entry, at least a millisecond after the one before.
func (e *Engine) change(in *entry, a plan.LiveAgent, presence string) {
	b := &e.manual
	b.changes++
	at := in.at
	if next := b.changed[a.Name].Add(2 * time.Millisecond); at.Before(next) {
		at = next // timestamps tell which is later, and have digits of their own below a millisecond
	}
	b.changed[a.Name] = at
	in.notes = append(in.notes, plan.LivePresence(plan.LiveOptions{Seed: b.seed, Start: in.at, Versions: e.manualVersions(), Assume: e.options.Assume},
		a, presence, at, b.changes)...)
	in.settings[settingPresence+a.Name] = presence
}

// behind is a moment, or a later one that is a whole millisecond behind the last changes of presence of some
// agents: who is rung in the millisecond of such a change might seem to be rung before it.
func (m *manual) behind(at time.Time, agents ...string) time.Time {
	for _, name := range agents {
		if next := m.changed[name].Add(time.Millisecond); !m.changed[name].IsZero() && at.Before(next) {
			at = next
		}
	}
	return at
}

// offline is what the assumption presence-on-dial says of an agent who dials; name is empty if
// nobody does.
func (e *Engine) offline(name string, at time.Time) entry {
	in := entry{at: at, settings: map[string]string{}}
	a, known := liveAgent(name)
	if !known || !e.options.Assume.Is(assume.PresenceOnDial, "ready-offline") || e.manual.handles(name) {
		return in
	}
	if now := e.agent(a); now.Presence != "ready-offline" && now.Presence != "ready-outbound" {
		e.change(&in, a, "ready-offline")
		in.settings[settingIntended+name] = now.Presence
	}
	return in
}

// intentions is the presences that agents of a conversation intended who take part in nothing
// any more.
func (e *Engine) intentions(h *manualConversation, at time.Time) entry {
	in := entry{at: at, settings: map[string]string{}}
	for _, a := range liveAgents() {
		intended := e.manual.presences[settingIntended+a.Name]
		if intended == "" || e.manual.handles(a.Name) || !slices.ContainsFunc(h.Channels, func(c LiveChannel) bool { return c.Party == a.Name }) {
			continue
		}
		e.change(&in, a, intended)
		in.settings[settingIntended+a.Name] = ""
	}
	return in
}

// keepPresences keeps an entry, even if the client leaves, and what it says of presences.
func (e *Engine) keepPresences(ctx context.Context, in entry) error {
	err := e.intake.keep(context.WithoutCancel(ctx), in)
	if err == nil {
		maps.Copy(e.manual.presences, in.settings)
	}
	return err
}
