package scenario

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/scenario/assume"
)

// scalar reads a value with a function whose errors say what they want; zero after one.
func scalar[T any](p *parser, what, want string, n *source.Node, read func(string) (T, error)) (none T) {
	text, ok := p.Scalar(what, want, n)
	if !ok {
		return none
	}
	v, err := read(text)
	if err != nil {
		p.Errorf(source.Of(n), "%s: %v", what, err)
		return none
	}
	return v
}

// lawful is scalar for what either has its form or has not.
func lawful[T any](p *parser, what, want string, n *source.Node, read func(string) (T, bool)) T {
	return scalar(p, what, want, n, func(text string) (v T, err error) {
		v, ok := read(text)
		if !ok {
			err = fmt.Errorf("want %s, got %q", want, text)
		}
		return v, err
	})
}

func (p *parser) percent(what string, n *source.Node) float64 {
	return lawful(p, what, "a percentage from 0% to 100%", n, func(text string) (float64, bool) {
		number, isPercent := strings.CutSuffix(text, "%")
		v, ok := decimal(number)
		return v / 100, ok && isPercent && v <= 100
	})
}

func (p *parser) positive(what string, n *source.Node) float64 {
	return lawful(p, what, "a number above 0", n, func(text string) (float64, bool) {
		v, ok := decimal(text)
		return v, ok && v > 0
	})
}

// decimal reads plain decimal digits, the only way to write a number here: 1e3, 0x10,
// NaN and infinities are none, and neither is anything of a billion or more.
func decimal(text string) (float64, bool) {
	whole, fraction, pointed := strings.Cut(text, ".")
	if whole == "" || len(whole) > 9 || len(fraction) > 9 || pointed && fraction == "" ||
		strings.Trim(whole+fraction, "0123456789") != "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil
}

// whole reads decimal digits alone, below a billion.
func whole(text string) (int, bool) {
	if len(text) > 9 || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	v, err := strconv.Atoi(text)
	return v, err == nil
}

func (p *parser) count(what string, n *source.Node) int {
	return lawful(p, what, "a whole number from 1", n, func(text string) (int, bool) {
		v, ok := whole(text)
		return v, ok && v > 0
	})
}

func (p *parser) times(what string, n *source.Node) Times {
	return lawful(p, what, "how often, such as 3 or 2..4", n, func(text string) (Times, bool) {
		low, high, ranged := strings.Cut(text, "..")
		if !ranged {
			high = low
		}
		from, ok1 := whole(low)
		to, ok2 := whole(high)
		return Times{Min: from, Max: to}, ok1 && ok2 && to >= from && to > 0
	})
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
