package scenario

import (
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/scenario/fault"
)

// shape is what a value may look like. The parser and the JSON Schema both go by it.
type shape struct {
	read func(p *parser, what string, n *source.Node, into any) // n stands behind what; into points to its place
	form form
}

var (
	shapeNone       = fills((*parser).nothing, form{Type: "null"})
	shapeName       = reads((*parser).name, refer("name"))
	shapeIdentifier = reads((*parser).identifier, refer("identifier"))
	shapeText       = reads((*parser).text, refer("text"))
	shapeWords      = lists(maxWords, (*parser).text, refer("text"))
	shapeFile       = reads((*parser).file, refer("text"))
	shapeGUID       = reads((*parser).guid, refer("guid"))
	shapeSame       = reads((*parser).same, orParam(form{Const: "same"}))
	shapeBool       = reads((*parser).boolean, orParam(form{Enum: []any{true, false, "true", "false"}}))
	shapePercent    = reads((*parser).percent, refer("percent"))
	shapeTimes      = reads((*parser).times, refer("times"))
	shapeCount      = reads((*parser).count, refer("count"))
	shapeWeight     = reads((*parser).positive, refer("number"))
	shapeTime       = reads((*parser).time, refer("time"))
	shapeMillis     = reads((*parser).millis, refer("time"))
	shapeSpan       = reads((*parser).span, refer("span"))
	shapeRate       = reads((*parser).rate, refer("rate"))
	shapeRates      = lists(maxRates, (*parser).rate, refer("rate"))
	shapeVariable   = reads((*parser).variable, form{Type: "string", Pattern: variableForm.String()})
	shapeParams     = reads(func(p *parser, _ string, _ *source.Node) []Param { return p.declared }, refer("params"))
	shapeSet        = reads((*parser).settings, refer("set"))
	shapeSteps      = reads((*parser).stepList, refer("steps"))
	shapeSpanSteps  = fills((*parser).spanOrSteps, either(refer("span"), refer("steps")))
	shapeTimed      = fills((*parser).timed, refer("span"))
	shapeQueue      = fills((*parser).queue, refer("span"))
	shapeHold       = fills((*parser).hold, either(refer("span"), refer("steps"), refer("hold")))
	shapeCall       = fills((*parser).call, either(refer("name"), refer("call")))
	shapeAtOnce     = fills((*parser).atOnce, refer("at-once"))
	shapeBranches   = reads((*parser).branches, form{Type: "array", Items: refer("way"), MinItems: 1, MaxItems: maxBranches})
	shapeSend       = reads((*parser).send, either(form{Type: "object"}, refer("text")))
	shapeFault      = reads((*parser).faultKind, orParam(oneWord(fault.Names())))
	shapeFaults     = lists(maxRules, (*parser).fault, refer("fault"))
	shapeWrap       = fills((*parser).wrap, either(form{Const: "none"}, refer("span")))
	shapeAgents     = reads((*parser).agents, form{Type: "object", PropertyNames: &form{Pattern: nameForm.String()}, Additional: refer("agent")})
	shapePool       = fills((*parser).pool, fieldsForm(poolFields, form{AnyOf: []form{needs("count"), needs("from")}}))
	shapeAssume     = reads((*parser).assumptions, refer("assume"))
	shapeGates      = lists(maxRules, (*parser).gate, orParam(form{Type: "string", Pattern: gate.Pattern()}))
	shapeArrivals   = lists(maxArrivals, (*parser).arrival, refer("arrival"))
	shapeMix        = lists(maxParts, (*parser).part, refer("part"))
	shapeExpect     = lists(maxRules, (*parser).expectation, refer("expectation"))
	shapeJSON       = reads((*parser).comparisons, form{Type: "object", PropertyNames: &form{Pattern: `^\$`}, MinProperties: 1})
)

// fills is a shape whose values set several fields of a T.
func fills[T any](read func(p *parser, what string, n *source.Node, into *T), f form) *shape {
	return &shape{func(p *parser, what string, n *source.Node, into any) { read(p, what, n, into.(*T)) }, f}
}

// reads is a shape whose values are of the type V.
func reads[V any](read func(p *parser, what string, n *source.Node) V, f form) *shape {
	return fills(func(p *parser, what string, n *source.Node, into *V) { *into = read(p, what, n) }, f)
}

// lists is a shape of lists with at least one entry, and at most some.
func lists[V any](most int, read func(p *parser, what string, n *source.Node) V, f form) *shape {
	many := list(f)
	many.MaxItems = most
	return reads(func(p *parser, what string, n *source.Node) (all []V) {
		for i, item := range p.List(what, n) {
			if i == most {
				p.Errorf(source.Of(item), "%s: want at most %d entries, got %d", what, most, len(n.Content))
				return all
			}
			all = append(all, read(p, what, item))
		}
		if source.IsList(n) && len(all) == 0 {
			p.Errorf(source.Of(n), "%s: want at least one entry", what)
		}
		return all
	}, many)
}

// oneOf is a shape of some words.
func oneOf(known ...string) *shape {
	return reads(func(p *parser, what string, n *source.Node) string { return p.oneOf(what, n, known) }, orParam(oneWord(known)))
}
