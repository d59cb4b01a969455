package scenario

import (
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/internal/story"
)

// spanLaw is one distribution of the language.
type spanLaw struct {
	name    string
	example string // how it is written, for errors and the schema
	law     story.Law
	params  []field[params] // of a mapping; lists have none
}

// params are the parameters of a law, in the order of story.Distributed; times are in
// milliseconds.
type params struct{ a, b float64 }

func intoA(p *params) any { return &p.a }
func intoB(p *params) any { return &p.b }

// maxPoints bounds the lists of choice and empirical.
const maxPoints = 10_000

func spanLaws() []spanLaw {
	return []spanLaw{
		{"normal", "{mean: 1m, sd: 10s}", story.Normal, []field[params]{
			{"mean", shapeMillis, true, "the mean", intoA},
			{"sd", shapeMillis, true, "the standard deviation", intoB}}},
		{"lognormal", "{median: 1m, sigma: 0.6}", story.Lognormal, []field[params]{
			{"median", shapeMillis, true, "the median", intoA},
			{"sigma", shapeWeight, true, "the standard deviation of the logarithm", intoB}}},
		{"exponential", "{mean: 90s}", story.Exponential, []field[params]{{"mean", shapeMillis, true, "the mean", intoA}}},
		{"gamma", "{shape: 2, scale: 30s}", story.Gamma, []field[params]{
			{"shape", shapeWeight, true, "the shape: the mean is shape times scale", intoA},
			{"scale", shapeMillis, true, "the scale: the mean is shape times scale", intoB}}},
		{"choice", "[5s, 20s, 1m]", story.Table, nil},
		{"empirical", "[[5s, 10], [20s, 3]]", story.Table, nil},
	}
}

// span reads a time: 30s, 5s..20s, or a distribution with min and max beside it.
func (p *parser) span(what string, n *source.Node) Span {
	if !source.IsMapping(n) {
		return scalar(p, what, "a time such as 30s", n, ParseSpan)
	}
	var s Span
	found, strange := "", false
	low, high := time.Duration(0), MaxSpan
	known := nearest.Names(spanLaws(), func(l spanLaw) string { return l.name })
	for _, e := range p.Entries(what, n) {
		switch at := slices.Index(known, e.Key.Value); {
		case at >= 0:
			if found != "" {
				p.Errorf(source.Of(e.Key), "%s: %q stands beside %q; want one distribution", what, e.Key.Value, found)
			}
			found = e.Key.Value
			s = p.law(&spanLaws()[at], e.Value)
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
	case high < low:
		p.Errorf(source.Of(n), "%s: max is below min", what)
	}
	return s.Within(low, high)
}

// law reads a distribution whose bounds are still open.
func (p *parser) law(l *spanLaw, n *source.Node) Span {
	if l.law == story.Table {
		return p.table(l.name, n)
	}
	var to params
	parseFields(p, l.name, n, &to, l.params)
	switch {
	case l.law == story.Gamma && to.a > 1000:
		p.Errorf(source.Of(n), "gamma: want a shape of at most 1000")
	case l.law == story.Lognormal && to.b > 10:
		p.Errorf(source.Of(n), "lognormal: want a sigma of at most 10")
	}
	return story.Distributed(l.law, to.a, to.b)
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
			s.Add(p.time(what, item), 1)
		case !source.IsList(item) || len(item.Content) != 2:
			p.Errorf(source.Of(item), "%s: want a time and its weight, such as [5s, 10], got %s", what, source.Describe(item))
		default:
			at, weight := p.time(what, item.Content[0]), p.positive(what, item.Content[1])
			s.Add(at, weight)
		}
	}
	if count := len(n.Content); source.IsList(n) && (count == 0 || count > maxPoints) {
		p.Errorf(source.Of(n), "%s: want 1 to %d times, got %d", what, maxPoints, count)
	}
	return s
}
