package scenario

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/internal/story"
	"github.com/ringback/ringback/scenario/assume"
)

// Document is what a file holds: exactly one of the two is not nil.
type Document struct {
	Scenario *Scenario
	Workload *Workload
}

// Advice is what is right in the file and, for a workload that is resolved, in its scenarios,
// but may not do what the author expects.
func (d Document) Advice() (all Problems) {
	var scs []*Scenario
	if d.Scenario != nil {
		scs = []*Scenario{d.Scenario}
	} else if d.Workload != nil {
		scs = d.Workload.Scenarios
	}
	for _, sc := range scs {
		for _, advice := range sc.Advice {
			if !slices.Contains(all, advice) { // a scenario may stand in a mix twice
				all = append(all, advice)
			}
		}
	}
	return all
}

// Parse reads and checks a scenario. The name stands in errors and need not be a file's.
// An error contains Problems.
func Parse(name string, text []byte) (*Scenario, error) {
	doc, err := ParseDocument(name, text)
	switch {
	case err != nil:
		return nil, err
	case doc.Workload != nil:
		return nil, Problems{{File: name, Pos: Pos{Line: 1, Column: 1},
			What: "this is a workload (it has a mix); want a scenario"}}
	}
	return doc.Scenario, nil
}

// ParseDocument is Values.ParseDocument with the defaults of the parameters.
func ParseDocument(name string, text []byte) (Document, error) {
	return Values{}.ParseDocument(name, text)
}

var scenarioFields = []field[Scenario]{
	{"name", shapeIdentifier, true, "the scenario's name: lower case, digits and hyphens", func(s *Scenario) any { return &s.Name }},
	{"story", shapeText, true, "what happens, in a sentence", func(s *Scenario) any { return &s.Story }},
	{"params", shapeParams, false, "parameters with their defaults, such as {hold: 30s}; $hold stands for the value", func(s *Scenario) any { return &s.Params }},
	{"agents", shapeAgents, false, "agents with identifiers or wrap of their own; without, every conversation brings its own", func(s *Scenario) any { return &s.Agents }},
	{"assume", shapeAssume, false, "choices where the API's documentation is silent", func(s *Scenario) any { return &s.Assume }},
	{"faults", shapeFaults, false, "what goes wrong on the way", func(s *Scenario) any { return &s.Faults }},
	{"gates", shapeGates, false, "conditions on the result, such as accepted >= 99.9%", func(s *Scenario) any { return &s.Gates }},
	{"steps", shapeSteps, true, "the story", func(s *Scenario) any { return &s.Steps }},
	{"expect", shapeExpect, false, "what the consumer should know of the conversation afterwards", func(s *Scenario) any { return &s.Expect }},
}

func (p *parser) scenario(root *source.Node) *Scenario {
	sc := &Scenario{}
	p.declared = p.params(root)
	parseFields(p, "the scenario", root, sc, scenarioFields)
	if p.Err() != nil {
		return nil // what the steps mean is not judged before they can be read
	}
	p.Given()
	if cost(sc.Steps, maxExpansion) > maxExpansion {
		p.Errorf(source.Of(root), "the story takes more than %d operations when its repeats are written out", maxExpansion).
			Hint = "repeat less, or play the scenario several times"
		return nil
	}
	if longest := MaxStory.Milliseconds(); least(sc.Steps, longest) > longest {
		p.Errorf(source.Of(root), "the story takes more than %d years", MaxStory/(365*24*time.Hour)).
			Hint = "use shorter times, or repeat less"
		return nil
	}
	var rests []story.Rest
	prog, sound := story.Lower(p.File, sc.Agents, sc.Steps)
	if sc.Program = prog; sound {
		half := story.Inactivity.Milliseconds()
		rests = story.Check(p.File, prog, story.RulesOf(sc.Assume), least(sc.Steps, half) > half)
	}
	if p.Err() == nil {
		sc.strangers(p.File, sc.Expect, "the story", "")
		sc.file = p.File
		p.advise(sc)
		p.adviseRest(sc, rests)
	}
	return sc
}

// CheckUnder checks the story again under assumptions that go over its own: a workspace may forbid
// what another one allows. The error contains Problems.
func (sc *Scenario) CheckUnder(set assume.Set) error {
	rules, own := story.RulesOf(sc.Assume.Over(set)), story.RulesOf(sc.Assume)
	if rules.Workspace == own.Workspace || sc.file == nil {
		return nil
	}
	f := sc.file.Again()
	story.Check(f, sc.Program, rules, false)
	return f.Err()
}

// advise says what a story that was written for an earlier version may not expect.
func (p *parser) advise(sc *Scenario) {
	advise := func(at *Pos, says []assume.Name, hint, format string, args ...any) {
		chosen := slices.ContainsFunc(says, func(n assume.Name) bool { _, is := sc.Assume.Chosen(n); return is })
		if at != nil && !chosen {
			advice := p.Problem(*at, format, args...)
			advice.Hint = hint
			sc.Advice = append(sc.Advice, advice)
		}
	}
	advise(p.rings, []assume.Name{assume.AgentLeg}, `say how long, for example "agent-ring: 3s..8s"; "assume: {agent-leg: answered}" connects the agent at once, as earlier versions did`,
		"dial: the agent's phone rings first, for %s, before the other party is dialled", story.DialRing)
	advise(p.instant, nil, "say how long, for example 3s..8s",
		"a phone rings for no time here, and nobody answers so fast: only the first channel of an inbound interaction is connected in the instant in which it alerts")
	agents := ""
	if p.misses != nil { // only agents are in No Answer
		agents = ", and its agent is in No Answer until then"
	}
	advise(cmp.Or(p.misses, p.fails), []assume.Name{assume.UnexpectedTime}, `say how long, for example "unexpected: 5s"; "assume: {unexpected-time: 0s}" ends it at once, as earlier versions did`,
		"a channel that does not connect ends %s later%s", assume.Rows()[assume.UnexpectedTime].Default, agents)
}

// adviseRest says where the contact centre would have logged an agent out.
func (p *parser) adviseRest(sc *Scenario, rests []story.Rest) {
	for _, r := range rests {
		advice := p.Problem(r.Step.Pos, "%s: %s has done nothing for %s; the contact centre logs agents out of ContactPad after %s without activity",
			r.Step.Word, r.Agent, show.Brief(r.Time), show.Brief(story.Inactivity))
		advice.Hint = fmt.Sprintf(`the presence stays as it was, and work is still offered; for one who logs out, write "presence: {agent: %s, to: logged-out}", and "to: ready" before this step`, r.Agent)
		sc.Advice = append(sc.Advice, advice)
	}
}

// least is the shortest time, in milliseconds, that steps take when all of them happen,
// cut at most+1.
func least(steps []Step, most int64) int64 {
	return sum(steps, most, 0, func(s *Step) int64 {
		return s.Time.Min().Milliseconds() + s.Talk.Min().Milliseconds() + s.Queue.Min().Milliseconds() + s.AgentRing.Min().Milliseconds()
	})
}

// cost is the number of operations on the longest path through steps, cut at most+1.
func cost(steps []Step, most int64) int64 {
	return sum(steps, most, 2, func(s *Step) int64 { // no word makes more by itself, chance included
		if s.Queued {
			return 9
		}
		return 8
	})
}

// sum adds up what the steps on the longest path take, cut at most+1: own by itself, and
// around more for a repeat step and each way of a choose.
func sum(steps []Step, most, around int64, own func(*Step) int64) (total int64) {
	for i := range steps {
		s := &steps[i]
		inside := sum(s.Steps, most, around, own)
		n := own(s) + inside
		if s.Word == "repeat" {
			if inside > most/int64(max(1, s.Times.Max)) {
				return most + 1
			}
			n = inside*int64(s.Times.Max) + around
		}
		for _, b := range s.Branches {
			n = max(n, sum(b.Steps, most, around, own)+around)
		}
		if total += n; total > most {
			return most + 1
		}
	}
	return total
}
