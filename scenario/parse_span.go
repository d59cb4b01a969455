package scenario

import (
	"strings"
	"time"

	"github.com/ringback/ringback/internal/source"
)

// spanLaw is one distribution of the language. Read gives a span whose bounds are still
// open.
type spanLaw struct {
	name  string
	shape string // how it is written, for errors and the reference
	read  func(*parser, *source.Node) Span
}

func spanLaws() []spanLaw {
	return []spanLaw{
		{"normal", "{mean: 1m, sd: 10s}", func(p *parser, n *source.Node) Span {
			return p.law(normal, n, param{"mean", true}, param{"sd", true})
		}},
		{"lognormal", "{median: 1m, sigma: 0.6}", func(p *parser, n *source.Node) Span {
			return p.law(lognormal, n, param{"median", true}, param{"sigma", false})
		}},
		{"exponential", "{mean: 90s}", func(p *parser, n *source.Node) Span {
			return p.law(exponential, n, param{"mean", true})
		}},
		{"gamma", "{shape: 2, scale: 30s}", func(p *parser, n *source.Node) Span {
			return p.law(gamma, n, param{"shape", false}, param{"scale", true})
		}},
		{"choice", "[5s, 20s, 1m]", (*parser).choice},
		{"empirical", "[[5s, 10], [20s, 3]]", (*parser).empirical},
	}
}

// span reads a time: 30s, 5s..20s, or a distribution with min and max beside it.
func (p *parser) span(what string, n *source.Node) Span {
	if !source.IsMapping(n) {
		text, ok := p.Text(what, n)
		if !ok {
			return Span{}
		}
		s, err := ParseSpan(text)
		if err != nil {
			p.Errorf(source.Of(n), "%s: %v", what, err)
		}
		return s
	}
	var s Span
	found := ""
	low, high := time.Duration(0), MaxSpan
	var known []string
	for _, e := range p.Entries(what, n) {
		known = known[:0]
		for _, l := range spanLaws() {
			known = append(known, l.name)
			if l.name != e.Key.Value {
				continue
			}
			if found != "" {
				p.Errorf(source.Of(e.Key), "%s: %q stands beside %q; want one distribution", what, l.name, found)
			}
			found = l.name
			s = l.read(p, e.Value)
		}
		switch {
		case e.Key.Value == "min":
			low = p.time("min", e.Value)
		case e.Key.Value == "max":
			high = p.time("max", e.Value)
		case found != e.Key.Value:
			p.UnknownKey(what, e.Key, append(known, "min", "max"))
		}
	}
	switch {
	case found == "":
		p.Errorf(source.Of(n), "%s: want a time such as 30s, or a distribution: %s", what, strings.Join(known, ", "))
	case high < low:
		p.Errorf(source.Of(n), "%s: max is below min", what)
	}
	s.min, s.max = low.Milliseconds(), high.Milliseconds()
	return s
}

// param is one parameter of a law: a time, or a number above 0.
type param struct {
	name   string
	isTime bool
}

func (p *parser) law(l law, n *source.Node, params ...param) Span {
	s := Span{law: l}
	to := []*float64{&s.a, &s.b}
	seen := 0
	for _, e := range p.Entries(lawNames[l], n) {
		known := make([]string, len(params))
		at := -1
		for i, prm := range params {
			if known[i] = prm.name; prm.name == e.Key.Value {
				at = i
			}
		}
		switch {
		case at < 0:
			p.UnknownKey(lawNames[l], e.Key, known)
			continue
		case params[at].isTime:
			*to[at] = float64(p.time(params[at].name, e.Value).Milliseconds())
		default:
			*to[at] = p.positive(params[at].name, e.Value)
		}
		seen++
	}
	if source.IsMapping(n) && seen < len(params) {
		for _, prm := range params {
			if !p.hasKey(n, prm.name) {
				p.Errorf(source.Of(n), "%s needs %q", lawNames[l], prm.name)
			}
		}
	}
	if l == gamma && s.a > 1000 || l == lognormal && s.b > 10 {
		p.Errorf(source.Of(n), "%s: shape is at most 1000 and sigma at most 10", lawNames[l])
	}
	return s
}

func (p *parser) time(what string, n *source.Node) time.Duration {
	text, ok := p.Text(what, n)
	if !ok {
		return 0
	}
	d, err := parseTime(text)
	if err != nil {
		p.Errorf(source.Of(n), "%s: %v", what, err)
	}
	return d
}

func (p *parser) choice(n *source.Node) Span {
	s := Span{law: table}
	for _, item := range p.List("choice", n) {
		s.add(p.time("choice", item), 1)
	}
	return p.filled("choice", n, s)
}

func (p *parser) empirical(n *source.Node) Span {
	s := Span{law: table}
	for _, item := range p.List("empirical", n) {
		pair := p.List("empirical", item)
		if len(pair) != 2 {
			p.Errorf(source.Of(item), "empirical: want pairs of a time and its weight, such as [5s, 10]")
			continue
		}
		at, weight := p.time("empirical", pair[0]), p.positive("empirical", pair[1])
		s.add(at, weight)
	}
	return p.filled("empirical", n, s)
}

func (p *parser) filled(what string, n *source.Node, s Span) Span {
	const most = 10_000
	if len(s.points) == 0 || len(s.points) > most {
		p.Errorf(source.Of(n), "%s: want 1 to %d times, got %d", what, most, len(s.points))
		s.add(0, 1)
	}
	return s
}

func (s *Span) add(at time.Duration, share float64) {
	sum := share
	if n := len(s.points); n > 0 {
		sum += s.points[n-1].upTo
	}
	s.points = append(s.points, point{at.Milliseconds(), sum, share})
}
