package scenario

import (
	"strings"
	"time"

	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/internal/story"
)

// params are the parameters of a law, in the order of story.Distributed; times are in
// milliseconds.
type params struct{ a, b float64 }

func intoA(p *params) any { return &p.a }
func intoB(p *params) any { return &p.b }

// maxPoints bounds the lists of choice and empirical.
const maxPoints = 10_000

// spanLaws are the distributions of the language.
var spanLaws = []field[Span]{
	{"normal", distribution(story.Normal,
		field[params]{"mean", shapeMillis, true, "the mean", intoA},
		field[params]{"sd", shapeMillis, true, "the standard deviation", intoB}),
		false, "such as normal: {mean: 1m, sd: 10s}", intoSpan},
	{"lognormal", distribution(story.Lognormal,
		field[params]{"median", shapeMillis, true, "the median", intoA},
		field[params]{"sigma", shapeWeight, true, "the standard deviation of the logarithm", intoB}),
		false, "such as lognormal: {median: 1m, sigma: 0.6}", intoSpan},
	{"exponential", distribution(story.Exponential,
		field[params]{"mean", shapeMillis, true, "the mean", intoA}),
		false, "such as exponential: {mean: 90s}", intoSpan},
	{"gamma", distribution(story.Gamma,
		field[params]{"shape", shapeWeight, true, "the shape: the mean is shape times scale", intoA},
		field[params]{"scale", shapeMillis, true, "the scale: the mean is shape times scale", intoB}),
		false, "such as gamma: {shape: 2, scale: 30s}", intoSpan},
	{"choice", tabled(refer("time")), false, "such as choice: [5s, 20s, 1m]", intoSpan},
	{"empirical", tabled(form{Type: "array", PrefixItems: []form{refer("time"), refer("number")}, MinItems: 2, MaxItems: 2}),
		false, "such as empirical: [[5s, 10], [20s, 3]]", intoSpan},
}

func intoSpan(s *Span) any { return s }

// distribution is the shape of a law's parameters; the bounds of the span are still open.
func distribution(law story.Law, fields ...field[params]) *shape {
	return reads(func(p *parser, what string, n *source.Node) Span {
		var to params
		parseFields(p, what, n, &to, fields)
		switch {
		case law == story.Gamma && to.a > 1000:
			p.Errorf(source.Of(valueOf(n, "shape")), "gamma: want a shape of at most 1000")
		case law == story.Lognormal && to.b > 10:
			p.Errorf(source.Of(valueOf(n, "sigma")), "lognormal: want a sigma of at most 10")
		}
		return story.Distributed(law, to.a, to.b)
	}, fieldsForm(fields, form{}))
}

// tabled is the shape of a list of values.
func tabled(value form) *shape {
	return reads((*parser).table, form{Type: "array", Items: value, MinItems: 1, MaxItems: maxPoints})
}

// span reads a time: 30s, 5s..20s, or a distribution with min and max beside it.
func (p *parser) span(what string, n *source.Node) Span {
	if !source.IsMapping(n) {
		return scalar(p, what, "a time such as 30s", n, ParseSpan)
	}
	var s Span
	found, strange := "", false
	low, high := time.Duration(0), MaxSpan
	known := names(spanLaws)
	for _, e := range p.Entries(what, n) {
		switch law := findField(spanLaws, e.Key.Value); {
		case law != nil:
			if found != "" {
				p.Errorf(source.Of(e.Key), "%s: %q stands beside %q; want one distribution", what, e.Key.Value, found)
			}
			found = e.Key.Value
			law.shape.read(p, found, e.Value, &s)
		case e.Key.Value == "min":
			low = p.time("min", e.Value)
		case e.Key.Value == "max":
			high = p.time("max", e.Value)
		default:
			p.UnknownKey(what, e.Key, append(known, "min", "max"))
			strange = true
		}
	}
	switch {
	case found == "" && !strange:
		p.Errorf(source.Of(n), "%s: want a time such as 30s, or a distribution: %s", what, strings.Join(known, ", "))
	case high < low && p.hasKey(n, "max"):
		p.Errorf(source.Of(valueOf(n, "max")), "%s: max is below min", what)
	}
	return s.Within(low, high)
}

// wrap reads the after-work of an agent: none, or a span.
func (p *parser) wrap(what string, n *source.Node, into *Agent) {
	if !source.IsMapping(n) && n.Value == "none" {
		into.NoWrap = true
		return
	}
	into.Wrap = p.span(what, n)
}

func (p *parser) time(what string, n *source.Node) time.Duration {
	return scalar(p, what, "a time such as 30s", n, story.ParseTime)
}

func (p *parser) millis(what string, n *source.Node) float64 {
	return float64(p.time(what, n).Milliseconds())
}

// table reads a choice, a list of times, or an empirical distribution, a list of times with weights.
func (p *parser) table(what string, n *source.Node) Span {
	s := story.Distributed(story.Table, 0, 0)
	for _, item := range p.List(what, n) {
		switch {
		case what == "choice":
			story.Add(&s, p.time(what, item), 1)
		case !source.IsList(item) || len(item.Content) != 2:
			p.Errorf(source.Of(item), "%s: want a time and its weight, such as [5s, 10], got %s", what, source.Describe(item))
		default:
			at, weight := p.time(what, item.Content[0]), p.positive(what, item.Content[1])
			story.Add(&s, at, weight)
		}
	}
	if count := len(n.Content); source.IsList(n) && (count == 0 || count > maxPoints) {
		p.Errorf(source.Of(n), "%s: want 1 to %d times, got %d", what, maxPoints, count)
	}
	return s
}
