package scenario

import (
	"strings"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/scenario/fault"
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
		p.value(e.Key.Value, e.Value, f.shape, f.oneOf, f.into(t))
	}
	for _, f := range fields {
		if f.required && !found[f.name] {
			p.Errorf(source.Of(n), "%s needs %q: %s", what, f.name, f.doc)
		}
	}
}

// value reads n, which stands behind what, by its shape into the place that into points
// to.
func (p *parser) value(what string, n *source.Node, s shape, oneOf []string, into any) {
	switch s {
	case shapeNone:
		if !source.IsEmpty(n) {
			p.Errorf(source.Of(n), "%s: want nothing behind it, got %s", what, source.Describe(n))
		}
	case shapeName:
		*into.(*string) = p.name(what, n)
	case shapeIdentifier:
		*into.(*string) = p.identifier(what, n)
	case shapeText:
		*into.(*string), _ = p.Text(what, n)
	case shapeOneOf:
		*into.(*string) = p.oneOf(what, n, oneOf)
	case shapeGUID:
		*into.(*string) = scalar(p, what, "a GUID", n, func(text string) (string, error) {
			_, err := event.ParseGUID(text)
			return strings.ToLower(text), err // one user, however written
		})
	case shapeFault:
		*into.(*fault.Kind), _ = fault.Parse(p.oneOf(what, n, oneOf))
	case shapeSame:
		*into.(*bool) = p.oneOf(what, n, []string{"same"}) == "same"
	case shapeBool:
		*into.(*bool) = p.oneOf(what, n, []string{"true", "false"}) == "true"
	case shapeSpan:
		*into.(*Span) = p.span(what, n)
	case shapeSteps:
		*into.(*[]Step) = p.stepList(what, n)
	case shapeSpanSteps:
		p.spanOrSteps(what, n, into.(*Step))
	case shapePercent:
		*into.(*float64) = p.percent(what, n)
	case shapeTimes:
		*into.(*Times) = p.times(what, n)
	case shapeCount:
		*into.(*int) = p.count(what, n)
	case shapeWeight:
		*into.(*float64) = p.positive(what, n)
	case shapeBranches:
		*into.(*[]Branch) = p.branches(what, n)
	case shapeSend:
		*into.(**Send) = p.send(what, n)
	case shapeAgents:
		*into.(*[]Agent) = p.agents(what, n)
	case shapeWrap:
		p.wrap(what, n, into.(*Agent))
	case shapeAssume:
		*into.(*assume.Set) = p.assumptions(what, n)
	default:
		p.workloadValue(what, n, s, into)
	}
}

func (p *parser) wrap(what string, n *source.Node, into *Agent) {
	if !source.IsMapping(n) && n.Value == "none" {
		into.NoWrap = true
		return
	}
	into.Wrap = p.span(what, n)
}

var agentFields = []field[Agent]{
	{"agentId", shapeText, false, nil, "the display ID; leading zeros are kept", func(a *Agent) any { return &a.AgentID }},
	{"userId", shapeGUID, false, nil, "the user's GUID", func(a *Agent) any { return &a.UserID }},
	{"wrap", shapeWrap, false, nil, `after-work where the story gives none; "none": no wrap phase at all`, func(a *Agent) any { return a }},
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
