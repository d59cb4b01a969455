package control

import (
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/sandbox/internal/engine"
	"github.com/ringback/ringback/scenario"
)

// How many conversations a list holds.
const (
	defaultConversations = 200
	maxConversations     = 1000
)

func (h *handler) conversations(r *http.Request) (any, error) {
	q := queried(r, "limit")
	limit := q.number("limit", defaultConversations, 1, maxConversations)
	return map[string]any{"conversations": list(h.Engine.Conversations(int(limit))), "live": h.Engine.Activity().Live}, q.err()
}

// conversation finds a live conversation, or one that has just ended.
func (h *handler) conversation(r *http.Request) (any, error) {
	id := r.PathValue("id")
	all := h.Engine.Conversations(1 << 20)
	i := slices.IndexFunc(all, func(l engine.Live) bool { return l.ID == id })
	if i < 0 {
		return nil, refuse(http.StatusNotFound, "no live conversation %q; it may have ended", id)
	}
	return all[i], nil
}

func (h *handler) startConversation(r *http.Request) (any, error) {
	in := struct {
		Medium string `json:"medium"`
		From   string `json:"from"`
		Dial   string `json:"dial"`
		To     string `json:"to"`
	}{Medium: "call", From: "customer"}
	p := decode(r, &in)
	p.add(oneOf(http.StatusUnprocessableEntity, "medium", in.Medium, plan.Media()))
	p.add(partyName("from", in.From))
	switch {
	case in.Dial != "" && !h.isAgent(in.Dial):
		p.add(h.noAgent("dial", in.Dial))
	case in.Dial != "" && in.Medium != "call":
		p.add(invalid("dial: agents dial calls; leave out medium, or dial"))
	}
	switch {
	case in.To == "":
	case in.From != "customer":
		p.add(invalid("from: no outside party takes part in a call between agents; leave out from, or to"))
	case !h.isAgent(in.To):
		p.add(h.noAgent("to", in.To))
	case in.Dial == "" || in.Dial == in.To:
		p.add(invalid("to: want another agent as dial, who calls %s, got %q", in.To, show.Clip(in.Dial, maxShown)))
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return h.Engine.Begin(r.Context(), engine.Opening{Medium: in.Medium, From: in.From, Dial: in.Dial, To: in.To})
}

// partyName judges the name of an outside party.
func partyName(member, name string) error {
	n := utf8.RuneCountInString(name)
	if n == 0 || n > engine.MaxParty || strings.TrimSpace(name) != name || strings.ContainsFunc(name, unicode.IsControl) {
		return invalid("%s: want 1 to %d characters, without control characters, and without blanks at the ends, got %q", member, engine.MaxParty, show.Clip(name, maxShown))
	}
	return nil
}

// step takes one step in a conversation driven by hand.
func (h *handler) step(r *http.Request) (any, error) {
	word := r.PathValue("step")
	if !slices.Contains(plan.LiveSteps(), word) {
		return nil, refuse(http.StatusNotFound, "no step %q%s; want one of %s", show.Clip(word, maxShown), nearest.DidYouMean(word, plan.LiveSteps()), strings.Join(plan.LiveSteps(), ", "))
	}
	var in struct {
		Agent  string `json:"agent"`
		Party  string `json:"party"`
		Number string `json:"number"`
		Queue  bool   `json:"queue"`
		Kind   string `json:"kind"`
	}
	p := decodeIfAny(r, &in)
	if in.Agent != "" && !h.isAgent(in.Agent) {
		p.add(h.noAgent("agent", in.Agent))
	}
	if in.Number != "" {
		p.add(partyName("number", in.Number))
	}
	if in.Kind != "" {
		p.add(oneOf(http.StatusUnprocessableEntity, "kind", in.Kind, plan.TransferKinds()))
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return h.Engine.Do(r.Context(), r.PathValue("id"),
		engine.Step{Step: word, Agent: in.Agent, Party: in.Party, Number: in.Number, Queue: in.Queue, Kind: in.Kind})
}

func (h *handler) agents(r *http.Request) (any, error) {
	return map[string]any{"agents": list(h.Engine.Agents()), "in_runs": h.Engine.Activity().Agents}, nil
}

func (h *handler) presences(*http.Request) (any, error) {
	return map[string]any{"presences": words()}, nil
}

func words() (all []string) {
	for _, p := range scenario.Presences() {
		all = append(all, p.Word)
	}
	return all
}

func (h *handler) noAgent(member, name string) error {
	return invalid("%s: no agent %q%s; GET %s/agents lists them", member, show.Clip(name, maxShown), nearest.DidYouMean(name, h.agentNames()), Prefix)
}

func (h *handler) isAgent(name string) bool { return slices.Contains(h.agentNames(), name) }

func (h *handler) agentNames() []string {
	return nearest.Names(h.Engine.Agents(), func(a engine.Agent) string { return a.Name })
}

func (h *handler) setPresence(r *http.Request) (any, error) {
	name := r.PathValue("name")
	var in struct {
		Presence string `json:"presence"`
	}
	p := decode(r, &in)
	if !h.isAgent(name) {
		p.add(refuse(http.StatusNotFound, "no agent %q%s", show.Clip(name, maxShown), nearest.DidYouMean(name, h.agentNames())))
	}
	p.add(oneOf(http.StatusUnprocessableEntity, "presence", in.Presence, words()))
	if err := p.err(); err != nil {
		return nil, err
	}
	return h.Engine.SetPresence(r.Context(), name, in.Presence)
}
