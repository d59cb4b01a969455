package scenario

import (
	"strings"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/internal/story"
	"github.com/ringback/ringback/scenario/assume"
)

// parseFields reads a mapping into t by its table of fields.
func parseFields[T any](p *parser, what string, n *source.Node, t *T, fields []field[T]) {
	if !source.IsMapping(n) {
		p.Entries(what, n) // says so
		return
	}
	found := map[string]bool{}
	for _, e := range p.Entries(what, n) {
		f := findField(fields, e.Key.Value)
		if f == nil {
			p.UnknownKey(what, e.Key, names(fields))
			found[nearest.Word(e.Key.Value, names(fields))] = true // said once is enough
			continue
		}
		found[f.name] = true
		f.shape.read(p, e.Key.Value, e.Value, f.into(t))
	}
	for _, f := range fields {
		if f.required && !found[f.name] {
			p.Errorf(source.Of(n), "%s needs %q: %s", what, f.name, f.doc)
		}
	}
}

var agentFields = []field[Agent]{
	{"agentId", shapeText, false, "the display ID; leading zeros are kept", func(a *Agent) any { return &a.AgentID }},
	{"userId", shapeGUID, false, "the user's GUID", func(a *Agent) any { return &a.UserID }},
	{"wrap", shapeWrap, false, `after-work where the story gives none; "none": no wrap phase at all`, func(a *Agent) any { return a }},
	{"at-once", shapeAtOnce, false, "how many interactions of a medium the agent works on side by side, and while wrapping up; none if absent", func(a *Agent) any { return &a.AtOnce }},
	{"no-answer", shapeSpan, false, "how long a missed offer keeps the agent from work, at least", func(a *Agent) any { return &a.NoAnswer }},
	{"after-no-answer", oneOf(story.PresenceNames()...), false, "the presence that the agent is in then; the one before if absent", func(a *Agent) any { return &a.AfterNoAnswer }},
}

// atOnceFields are the limits of what an agent does side by side.
var atOnceFields = []field[story.AtOnce]{
	{"email", shapeCount, false, "at most so many emails", func(a *story.AtOnce) any { return &a.Email }},
	{"chat", shapeCount, false, "at most so many chats", func(a *story.AtOnce) any { return &a.Chat }},
	{"case", shapeCount, false, "at most so many cases", func(a *story.AtOnce) any { return &a.Case }},
}

func (p *parser) atOnce(what string, n *source.Node, a *story.AtOnce) {
	others := *n
	others.Content = nil
	for i := 0; i+1 < len(n.Content); i += 2 {
		if source.IsMapping(n) && n.Content[i].Value == "call" {
			p.Errorf(source.Of(n.Content[i+1]), "%s: an agent has one call at a time; want limits for email, chat and case", what).
				Hint = "leave out call; a call interrupts other work"
			continue
		}
		others.Content = append(others.Content, n.Content[i:i+2]...)
	}
	parseFields(p, what, &others, a, atOnceFields)
}

// agents reads agents by name. Two agents must not share an identifier: one agentId and
// one userId belong to one agent for ever.
func (p *parser) agents(what string, n *source.Node) []Agent {
	var all []Agent
	byID := map[string]string{}
	entries := p.Entries(what, n)
	if len(entries) > maxAgents {
		p.Errorf(source.Of(n), "%s: want at most %d agents, got %d", what, maxAgents, len(entries))
		return nil
	}
	for _, e := range entries {
		a := Agent{Pos: source.Of(e.Key)}
		a.Name = p.name("agent", e.Key)
		if !source.IsEmpty(e.Value) {
			parseFields(p, "agent "+a.Name, e.Value, &a, agentFields)
		}
		for _, id := range []string{"agentId " + a.AgentID, "userId " + strings.ToLower(a.UserID)} {
			if strings.HasSuffix(id, " ") {
				continue
			}
			if other, taken := byID[id]; taken {
				p.Errorf(a.Pos, "agent %s: %s belongs to %s already", a.Name, id, other)
			}
			byID[id] = a.Name
		}
		all = append(all, a)
	}
	return all
}

func (p *parser) assumptions(what string, n *source.Node) assume.Set {
	var set assume.Set
	for _, e := range p.Entries(what, n) {
		value, ok := e.Value.Value, source.IsEmpty(e.Value) && e.Value.Value == "null"
		if !ok { // null is a word here: a value of absent-ids
			value, ok = p.Text(e.Key.Value, e.Value)
		}
		if !ok {
			continue
		}
		if err := set.Change(e.Key.Value, value); err != nil {
			p.Errorf(source.Of(e.Key), "%v", err)
		}
	}
	return set
}
