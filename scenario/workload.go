package scenario

import (
	"fmt"
	"strings"

	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/scenario/fault"
)

var workloadFields = []field[Workload]{
	{"name", shapeIdentifier, true, "the workload's name: lower case, digits and hyphens", func(w *Workload) any { return &w.Name }},
	{"story", shapeText, true, "what the traffic is like, in a sentence", func(w *Workload) any { return &w.Story }},
	{"agents", shapePool, false, "the agent pool: {count: 40, patience: …}; without, every conversation brings its own agents", func(w *Workload) any { return w }},
	{"conversations", shapeFile, false, "a CSV file of conversation IDs, one GUID a line", func(w *Workload) any { return &w.IDsFrom }},
	{"arrivals", shapeArrivals, false, "how often conversations begin, stretch by stretch", func(w *Workload) any { return &w.Arrivals }},
	{"population", shapeCount, false, "how many conversations are kept alive, instead of arrivals", func(w *Workload) any { return &w.Population }},
	{"events", shapeRate, false, "how many notifications are sent, such as 500/s, instead of arrivals; without agents", func(w *Workload) any { return &w.Events }},
	{"mix", shapeMix, true, "the scenarios and how often each is played", func(w *Workload) any { return &w.Mix }},
	{"set", shapeSet, false, "values for the parameters of the scenarios, such as {hold: 2m}", func(w *Workload) any { return &w.Set }},
	{"faults", shapeFaults, false, "what goes wrong on the way", func(w *Workload) any { return &w.Faults }},
	{"gates", shapeGates, false, "conditions on the result, such as accepted >= 99.9%", func(w *Workload) any { return &w.Gates }},
	{"assume", shapeAssume, false, "choices where the API's documentation is silent", func(w *Workload) any { return &w.Assume }},
	{"expect", shapeExpect, false, "what the consumer should know of each conversation afterwards", func(w *Workload) any { return &w.Expect }},
}

var poolFields = []field[Workload]{
	{"count", shapeCount, false, "how many agents there are; without, as many as the file has", func(w *Workload) any { return &w.AgentCount }},
	{"patience", shapeSpan, false, "how long somebody waits in the queue before giving up; without, for ever", func(w *Workload) any { return &w.Patience }},
	{"from", shapeFile, false, "a CSV file that says who they are: a header with agentId, userId or both, and a line for each", func(w *Workload) any { return &w.AgentsFrom }},
}

var partFields = []field[Part]{
	{"scenario", shapeText, true, "the name of a ready-made scenario, or a path", func(p *Part) any { return &p.Scenario }},
	{"weight", shapeWeight, true, "how often, compared with the others", func(p *Part) any { return &p.Weight }},
	{"set", shapeSet, false, "values for its parameters, over those of the workload", func(p *Part) any { return &p.Set }},
}

var faultFields = []field[FaultRule]{
	{"by", shapeSpan, false, "how long, for delay", func(r *FaultRule) any { return &r.By }},
	{"of", shapeText, false, "a type pattern such as channel.held.*", func(r *FaultRule) any { return &r.Of }},
	{"every", shapeCount, false, "every nth notification, instead of a percentage", func(r *FaultRule) any { return &r.Every }},
	{"count", shapeCount, false, "at most so many", func(r *FaultRule) any { return &r.Count }},
}

func (p *parser) workload(root *source.Node) *Workload {
	p.Unfilled("a workload has no parameters: write the value itself")
	w := &Workload{file: p.File, values: p.values}
	parseFields(p, "the workload", root, w, workloadFields)
	if at := valueOf(root, "population"); w.Population > MaxAtOnce {
		p.Errorf(source.Of(at), "population: want 1 to %d, got %d", MaxAtOnce, w.Population)
	}
	p.oneOfThree(root, w)
	return w
}

// oneOfThree demands one way in which conversations begin.
func (p *parser) oneOfThree(root *source.Node, w *Workload) {
	given := 0
	for _, key := range waysToBegin {
		if p.hasKey(root, key) {
			given++
		}
	}
	if given != 1 {
		p.Errorf(source.Of(root), "the workload needs one of \"arrivals\", \"population\" and \"events\"")
	}
	switch at := valueOf(root, "events"); {
	case at == nil:
	case w.Events.IsZero():
		p.Errorf(source.Of(at), "events: want a rate above 0, such as 500/s")
	case p.hasKey(root, "agents"):
		p.Errorf(source.Of(at), "events: a pool of agents decides by itself how much is sent; use \"arrivals\" instead, or no agents")
	}
}

// waysToBegin are the keys of a workload that say when conversations begin.
var waysToBegin = []string{"arrivals", "population", "events"}

func (p *parser) part(what string, n *source.Node) Part {
	part := Part{Pos: source.Of(n)}
	parseFields(p, what, n, &part, partFields)
	return part
}

// pool reads the agent pool.
func (p *parser) pool(what string, n *source.Node, w *Workload) {
	parseFields(p, what, n, w, poolFields)
	switch {
	case source.IsMapping(n) && !p.hasKey(n, "count") && !p.hasKey(n, "from"):
		p.Errorf(source.Of(n), "%s needs \"count\" or \"from\"", what).Hint = "for example {count: 40} or {from: agents.csv}"
	case w.AgentCount > MaxPool:
		p.Errorf(source.Of(n), "%s: want at most %d agents, got %d", what, MaxPool, w.AgentCount)
	}
}

func (p *parser) file(what string, n *source.Node) FileRef {
	path, _ := p.Scalar(what, "the path of a CSV file", n)
	return FileRef{source.Of(n), path}
}

func (p *parser) rate(what string, n *source.Node) Rate {
	return scalar(p, what, "a rate such as 5/s", n, ParseRate)
}

// fault reads a rule such as {duplicate: 1%, of: channel.held.*}.
func (p *parser) fault(_ string, n *source.Node) FaultRule {
	r := FaultRule{Pos: source.Of(n)}
	strange := false
	for _, e := range p.Entries("the fault", n) {
		if f := findField(faultFields, e.Key.Value); f != nil {
			f.shape.read(p, f.name, e.Value, f.into(&r))
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
	percent := !source.IsEmpty(valueOf(n, r.Kind.String()))
	switch every := p.hasKey(n, "every"); {
	case percent && every:
		p.Errorf(r.Pos, "%s: want either a percentage or \"every\"", r.Kind)
	case !percent && !every:
		p.Errorf(r.Pos, "%s: want how often", r.Kind).Hint = fmt.Sprintf("for example {%s: 1%%} or {%[1]s: , every: 100}", r.Kind)
	case r.Kind != fault.Delay && p.hasKey(n, "by"):
		p.Errorf(r.Pos, "%s: \"by\" is for delay alone", r.Kind)
	case r.Of != "" && nearest.EventType(r.Of) != nil:
		p.Errorf(r.Pos, "%s: %v", r.Kind, nearest.EventType(r.Of))
	case r.Kind == fault.Delay && !p.hasKey(n, "by"):
		p.Errorf(r.Pos, "delay: want how long, in \"by\"").Hint = "for example {delay: 2%, by: 1s..90s}"
	}
}

func (p *parser) gate(what string, n *source.Node) Gate {
	text, ok := p.Text(what, n)
	if !ok {
		return Gate{}
	}
	g, err := gate.Parse(text)
	if err != nil {
		p.Errorf(source.Of(n), "%s: %v", what, err).Hint = "\"ringback help gates\" lists all figures"
	}
	return Gate{p.Name(), source.Of(n), g.String()}
}
