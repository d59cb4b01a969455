package scenario

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/internal/story"
	"github.com/ringback/ringback/scenario/assume"
	"github.com/ringback/ringback/scenario/fault"
)

// Document is what a file holds: exactly one of the two is not nil.
type Document struct {
	Scenario *Scenario
	Workload *Workload
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

// ParseDocument reads and checks a scenario or a workload; what has a mix is a workload.
func ParseDocument(name string, text []byte) (Document, error) {
	f, root := source.Open(name, text)
	if root == nil {
		return Document{}, f.Err()
	}
	p := &parser{File: f}
	var doc Document
	if p.hasKey(root, "mix") {
		doc.Workload = p.workload(root)
	} else {
		doc.Scenario = p.scenario(root)
	}
	if err := f.Err(); err != nil {
		return Document{}, err
	}
	return doc, nil
}

// parser turns nodes into the model. Problems collect in the file, and parsing goes on
// after each, so that one pass finds all.
type parser struct {
	*source.File
	depth int // of steps within steps
	steps int // seen so far
}

func (p *parser) hasKey(root *source.Node, name string) bool {
	if !source.IsMapping(root) {
		return false
	}
	for i := 0; i < len(root.Content); i += 2 {
		if root.Content[i].Value == name {
			return true
		}
	}
	return false
}

var scenarioFields = []field[Scenario]{
	{"name", shapeIdentifier, true, nil, "the scenario's name: lower case, digits and hyphens", func(s *Scenario) any { return &s.Name }},
	{"story", shapeText, true, nil, "what happens, in a sentence", func(s *Scenario) any { return &s.Story }},
	{"agents", shapeAgents, false, nil, "agents with identifiers or wrap of their own; without, every conversation brings its own", func(s *Scenario) any { return &s.Agents }},
	{"assume", shapeAssume, false, nil, "choices where the API's documentation is silent", func(s *Scenario) any { return &s.Assume }},
	{"faults", shapeFaults, false, nil, "what goes wrong on the way", func(s *Scenario) any { return &s.Faults }},
	{"gates", shapeGates, false, nil, "conditions on the result, such as accepted >= 99.9%", func(s *Scenario) any { return &s.Gates }},
	{"steps", shapeSteps, true, nil, "the story", func(s *Scenario) any { return &s.Steps }},
	{"expect", shapeExpect, false, nil, "what the consumer should know of the conversation afterwards", func(s *Scenario) any { return &s.Expect }},
}

func (p *parser) scenario(root *source.Node) *Scenario {
	sc := &Scenario{}
	parseFields(p, "the scenario", root, sc, scenarioFields)
	if p.Err() != nil {
		return nil // what the steps mean is not judged before they can be read
	}
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
	prog, sound := story.Lower(p.File, sc.Agents, sc.Steps)
	if sc.Program = prog; sound {
		story.Check(p.File, prog, story.RulesOf(sc.Assume))
	}
	if p.Err() == nil {
		sc.strangers(p.File, sc.Expect, "the story", "")
	}
	return sc
}

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

func findField[T any](fields []field[T], name string) *field[T] {
	for i := range fields {
		if fields[i].name == name {
			return &fields[i]
		}
	}
	return nil
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

var (
	nameForm       = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)
	identifierForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
)

func (p *parser) name(what string, n *source.Node) string {
	return lawful(p, what, "a name of letters, digits, - and _", n, func(text string) (string, bool) { return text, nameForm.MatchString(text) })
}

func (p *parser) identifier(what string, n *source.Node) string {
	return lawful(p, what, "lower-case letters and digits joined by hyphens, at most 64", n, func(text string) (string, bool) {
		return text, len(text) <= 64 && identifierForm.MatchString(text)
	})
}

func (p *parser) oneOf(what string, n *source.Node, known []string) string {
	text, ok := p.Scalar(what, "one of "+strings.Join(known, ", "), n)
	if !ok || slices.Contains(known, text) {
		return text
	}
	p.Errorf(source.Of(n), "%s: unknown value %s%s", what, source.Describe(n), nearest.DidYouMean(text, known)).
		Hint = "known values: " + strings.Join(known, ", ")
	return ""
}
