package scenario

import (
	"fmt"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/scenario/fault"
)

var workloadFields = []field[Workload]{
	{"name", shapeIdentifier, true, nil, "the workload's name: lower case, digits and hyphens", func(w *Workload) any { return &w.Name }},
	{"story", shapeText, true, nil, "what the traffic is like, in a sentence", func(w *Workload) any { return &w.Story }},
	{"agents", shapePool, false, nil, "the agent pool: {count: 40, patience: …}; without, every conversation brings its own agents", func(w *Workload) any { return w }},
	{"conversations", shapeFile, false, nil, "a CSV file of conversation IDs, one GUID a line", func(w *Workload) any { return &w.IDsFrom }},
	{"arrivals", shapeArrivals, false, nil, "how often conversations begin, stretch by stretch", func(w *Workload) any { return &w.Arrivals }},
	{"population", shapeCount, false, nil, "how many conversations are kept alive, instead of arrivals", func(w *Workload) any { return &w.Population }},
	{"mix", shapeMix, true, nil, "the scenarios and how often each is played", func(w *Workload) any { return &w.Mix }},
	{"faults", shapeFaults, false, nil, "what goes wrong on the way", func(w *Workload) any { return &w.Faults }},
	{"gates", shapeGates, false, nil, "conditions on the result, such as accepted >= 99.9%", func(w *Workload) any { return &w.Gates }},
	{"assume", shapeAssume, false, nil, "choices where the API's documentation is silent", func(w *Workload) any { return &w.Assume }},
	{"expect", shapeExpect, false, nil, "what the consumer should know of each conversation afterwards", func(w *Workload) any { return &w.Expect }},
}

var poolFields = []field[Workload]{
	{"count", shapeCount, false, nil, "how many agents there are; without, as many as the file has", func(w *Workload) any { return &w.AgentCount }},
	{"patience", shapeSpan, false, nil, "how long somebody waits in the queue before giving up; without, for ever", func(w *Workload) any { return &w.Patience }},
	{"from", shapeFile, false, nil, "a CSV file that says who they are: a header with agentId, userId or both, and a line for each", func(w *Workload) any { return &w.AgentsFrom }},
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
	w := &Workload{file: p.File}
	parseFields(p, "the workload", root, w, workloadFields)
	if len(w.Mix) > maxParts {
		p.Errorf(w.Mix[maxParts].Pos, "mix: want at most %d scenarios, got %d", maxParts, len(w.Mix))
	}
	if p.hasKey(root, "arrivals") == p.hasKey(root, "population") {
		p.Errorf(source.Of(root), "the workload needs either \"arrivals\" or \"population\"")
	}
	return w
}

// workloadValue reads the shapes that only stand at the top of a file.
func (p *parser) workloadValue(what string, n *source.Node, s shape, into any) {
	switch s {
	case shapePool:
		p.pool(n, into.(*Workload))
	case shapeRate:
		*into.(*Rate) = p.rate(what, n)
	case shapeRates:
		*into.(*[]Rate) = listOf(p, what, n, func(item *source.Node) Rate { return p.rate(what, item) })
	case shapeTime:
		*into.(*time.Duration) = p.time(what, n)
	case shapeFile:
		p.file(what, n, into.(*FileRef))
	case shapeArrivals:
		*into.(*[]Arrival) = listOf(p, what, n, p.arrival)
	case shapeMix:
		*into.(*[]Part) = listOf(p, what, n, func(item *source.Node) Part {
			part := Part{Pos: source.Of(item)}
			parseFields(p, "mix", item, &part, partFields)
			return part
		})
	case shapeFaults:
		*into.(*[]FaultRule) = listOf(p, what, n, p.fault)
	case shapeExpect:
		*into.(*[]Expectation) = listOf(p, what, n, p.expectation)
	case shapeWords:
		*into.(*[]string) = listOf(p, what, n, func(item *source.Node) string {
			text, _ := p.Text(what, item)
			return text
		})
	case shapeJSON:
		*into.(*[]Comparison) = p.comparisons(what, n)
	case shapeGates:
		*into.(*[]Gate) = listOf(p, what, n, p.gate)
	}
}

// listOf reads each entry of a list, which needs at least one.
func listOf[T any](p *parser, what string, n *source.Node, read func(*source.Node) T) (all []T) {
	for _, item := range p.List(what, n) {
		all = append(all, read(item))
	}
	if source.IsList(n) && len(all) == 0 {
		p.Errorf(source.Of(n), "%s: want at least one entry", what)
	}
	return all
}

// pool reads the agent pool.
func (p *parser) pool(n *source.Node, w *Workload) {
	parseFields(p, "agents", n, w, poolFields)
	switch {
	case source.IsMapping(n) && !p.hasKey(n, "count") && !p.hasKey(n, "from"):
		p.Errorf(source.Of(n), "agents needs \"count\" or \"from\"").Hint = "for example {count: 40} or {from: agents.csv}"
	case w.AgentCount > MaxPool:
		p.Errorf(source.Of(n), "agents: want at most %d agents, got %d", MaxPool, w.AgentCount)
	}
}

func (p *parser) file(what string, n *source.Node, into *FileRef) {
	into.Pos = source.Of(n)
	into.Path, _ = p.Scalar(what, "the path of a CSV file", n)
}

func (p *parser) rate(what string, n *source.Node) Rate {
	r := scalar(p, what, "a rate such as 5/s", n, ParseRate)
	if tooHigh(r) {
		p.Errorf(source.Of(n), "%s: want at most %d/s, got %q", what, maxRate, n.Value)
	}
	return r
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
