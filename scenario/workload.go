package scenario

import (
	"fmt"
	"strings"

	"github.com/ringback/ringback/fault"
	"github.com/ringback/ringback/gate"
	"github.com/ringback/ringback/internal/source"
)

var workloadFields = []field[Workload]{
	{"name", shapeIdentifier, true, nil, "the workload's name: lower case, digits and hyphens", func(w *Workload) any { return &w.Name }},
	{"story", shapeText, true, nil, "what the traffic is like, in a sentence", func(w *Workload) any { return &w.Story }},
	{"agents", shapePool, false, nil, "the agent pool: {count: 40, patience: …}", func(w *Workload) any { return w }},
	{"arrivals", shapeArrivals, false, nil, "how often conversations begin, stretch by stretch", func(w *Workload) any { return &w.Arrivals }},
	{"population", shapeCount, false, nil, "how many conversations are kept alive, instead of arrivals", func(w *Workload) any { return &w.Population }},
	{"mix", shapeMix, true, nil, "the scenarios and how often each is played", func(w *Workload) any { return &w.Mix }},
	{"faults", shapeFaults, false, nil, "what goes wrong on the way", func(w *Workload) any { return &w.Faults }},
	{"gates", shapeGates, false, nil, "conditions on the result, such as accepted >= 99.9%", func(w *Workload) any { return &w.Gates }},
	{"assume", shapeAssume, false, nil, "choices where the API's documentation is silent", func(w *Workload) any { return &w.Assume }},
	{"expect", shapeExpect, false, nil, "what the consumer should know of each conversation afterwards", func(w *Workload) any { return &w.Expect }},
}

var poolFields = []field[Workload]{
	{"count", shapeCount, true, nil, "how many agents there are", func(w *Workload) any { return &w.AgentCount }},
	{"patience", shapeSpan, false, nil, "how long somebody waits in the queue before giving up", func(w *Workload) any { return &w.Patience }},
}

var arrivalFields = []field[Arrival]{
	{"rate", shapeRate, false, nil, "a constant rate such as 4/s", func(a *Arrival) any { return &a.From }},
	{"from", shapeRate, false, nil, "the rate at the beginning of a ramp", func(a *Arrival) any { return &a.From }},
	{"to", shapeRate, false, nil, "the rate at its end", func(a *Arrival) any { return &a.To }},
	{"over", shapeSpan, true, nil, "how long the stretch lasts", func(a *Arrival) any { return &a.Over }},
	{"poisson", shapeBool, false, nil, "true: random arrivals with that rate on average", func(a *Arrival) any { return &a.Poisson }},
}

var partFields = []field[Part]{
	{"scenario", shapeText, true, nil, "the name of a ready-made scenario, or a path", func(p *Part) any { return &p.Scenario }},
	{"weight", shapeWeight, true, nil, "how often, compared with the others", func(p *Part) any { return &p.Weight }},
}

var faultFields = []field[FaultRule]{
	{"by", shapeSpan, false, nil, "how long, for delay", func(r *FaultRule) any { return &r.By }},
	{"of", shapeText, false, nil, "a type pattern such as channel.held.*", func(r *FaultRule) any { return &r.Of }},
	{"every", shapeCount, false, nil, "every nth notification, instead of a percentage", func(r *FaultRule) any { return &r.Every }},
	{"count", shapeCount, false, nil, "at most so many", func(r *FaultRule) any { return &r.Count }},
}

func (p *parser) workload(root *source.Node) *Workload {
	w := &Workload{}
	parseFields(p, "the workload", root, w, workloadFields)
	if p.hasKey(root, "arrivals") == p.hasKey(root, "population") {
		p.Errorf(source.Of(root), "the workload needs either \"arrivals\" or \"population\"")
	}
	return w
}

// workloadValue reads the shapes that only stand at the top of a file.
func (p *parser) workloadValue(what string, n *source.Node, s shape, into any) {
	switch s {
	case shapePool:
		parseFields(p, "agents", n, into.(*Workload), poolFields)
	case shapeRate:
		p.rate(what, n, into.(*Rate))
	case shapeArrivals:
		for _, item := range p.filledList(what, n) {
			a := Arrival{Pos: source.Of(item)}
			parseFields(p, "arrivals", item, &a, arrivalFields)
			p.rates(item, &a)
			*into.(*[]Arrival) = append(*into.(*[]Arrival), a)
		}
	case shapeMix:
		for _, item := range p.filledList(what, n) {
			part := Part{Pos: source.Of(item)}
			parseFields(p, "mix", item, &part, partFields)
			*into.(*[]Part) = append(*into.(*[]Part), part)
		}
	case shapeFaults:
		for _, item := range p.filledList(what, n) {
			*into.(*[]FaultRule) = append(*into.(*[]FaultRule), p.fault(item))
		}
	case shapeExpect:
		for _, item := range p.filledList(what, n) {
			*into.(*[]Expectation) = append(*into.(*[]Expectation), p.expectation(item))
		}
	case shapeWords:
		*into.(*[]string) = p.wordList(what, n)
	case shapeJSON:
		*into.(*[]Comparison) = p.comparisons(what, n)
	case shapeGates:
		for _, item := range p.filledList(what, n) {
			*into.(*[]Gate) = append(*into.(*[]Gate), p.gate(item))
		}
	}
}

func (p *parser) filledList(what string, n *source.Node) []*source.Node {
	items := p.List(what, n)
	if source.IsList(n) && len(items) == 0 {
		p.Errorf(source.Of(n), "%s: want at least one entry", what)
	}
	return items
}

func (p *parser) rate(what string, n *source.Node, into *Rate) {
	text, ok := p.Scalar(what, "a rate such as 5/s", n)
	if !ok {
		return
	}
	r, err := ParseRate(text)
	if err != nil {
		p.Errorf(source.Of(n), "%s: %v", what, err)
	}
	*into = r
}

// rates completes a stretch: a constant rate is a ramp between equal rates.
func (p *parser) rates(n *source.Node, a *Arrival) {
	constant, ramp := p.hasKey(n, "rate"), p.hasKey(n, "from") && p.hasKey(n, "to")
	if constant == ramp || constant && (p.hasKey(n, "from") || p.hasKey(n, "to")) {
		p.Errorf(a.Pos, "arrivals: want either \"rate\", or \"from\" and \"to\"")
	}
	if constant {
		a.To = a.From
	}
}

// fault reads a rule such as {duplicate: 1%, of: channel.held.*}.
func (p *parser) fault(n *source.Node) FaultRule {
	r := FaultRule{Pos: source.Of(n)}
	strange := false
	for _, e := range p.Entries("the fault", n) {
		if f := findField(faultFields, e.Key.Value); f != nil {
			p.value(f.name, e.Value, f.shape, f.oneOf, f.into(&r))
			continue
		}
		kind, err := fault.Parse(e.Key.Value)
		switch {
		case err != nil:
			p.UnknownKey("the fault", e.Key, append(fault.Names(), names(faultFields)...))
			strange = true
		case r.Kind != fault.None:
			p.Errorf(source.Of(e.Key), "%q stands beside %q; want one fault a rule", e.Key.Value, r.Kind)
		default:
			r.Kind = kind
			if !source.IsEmpty(e.Value) {
				r.Rate = p.percent(kind.String(), e.Value)
			}
		}
	}
	if r.Kind == fault.None && source.IsMapping(n) && !strange {
		p.Errorf(r.Pos, "want a fault such as {duplicate: 1%%}").Hint = "known faults: " + strings.Join(fault.Names(), ", ")
	}
	if r.Kind != fault.None && !strange {
		p.share(n, r)
	}
	return r
}

// share refuses a rule that does not say how often, or says so twice.
func (p *parser) share(n *source.Node, r FaultRule) {
	percent := false
	for i := 0; i+1 < len(n.Content); i += 2 {
		percent = percent || n.Content[i].Value == r.Kind.String() && !source.IsEmpty(n.Content[i+1])
	}
	switch every := p.hasKey(n, "every"); {
	case percent && every:
		p.Errorf(r.Pos, "%s: want either a percentage or \"every\"", r.Kind)
	case !percent && !every:
		p.Errorf(r.Pos, "%s: want how often", r.Kind).Hint = fmt.Sprintf("for example {%s: 1%%} or {%[1]s: , every: 100}", r.Kind)
	case r.Kind != fault.Delay && p.hasKey(n, "by"):
		p.Errorf(r.Pos, "%s: \"by\" is for delay alone", r.Kind)
	case r.Of != "" && !selects(r.Of):
		p.Errorf(r.Pos, "%s: %q selects no event type", r.Kind, r.Of)
	case r.Kind == fault.Delay && !p.hasKey(n, "by"):
		p.Errorf(r.Pos, "delay: want how long, in \"by\"").Hint = "for example {delay: 2%, by: 1s..90s}"
	}
}

func (p *parser) gate(n *source.Node) Gate {
	text, ok := p.Text("gates", n)
	if !ok {
		return Gate{}
	}
	g, err := gate.Parse(text)
	if err != nil {
		p.Errorf(source.Of(n), "gates: %v", err).Hint = "\"ringback help gates\" lists all figures"
	}
	return Gate{source.Of(n), g}
}
