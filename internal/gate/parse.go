package gate

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ringback/ringback/internal/nearest"
)

// Error says what is wrong with the text of a gate.
type Error struct {
	Text    string
	Column  int    // where, in characters from 1
	Problem string // what, and what is wanted
}

// Error is one line.
func (e *Error) Error() string {
	return fmt.Sprintf("%q, character %d: %s", e.Text, e.Column, e.Problem)
}

// Parse reads a gate: a figure, a comparison and a value. Its errors are of type *Error.
func Parse(text string) (Gate, error) {
	p := &parser{text: text}
	at := strings.IndexAny(text, "<>=!")
	if at < 0 {
		return Gate{}, p.errorf(len(strings.TrimRight(text, " ")), "want a comparison, one of %s, and a value", opList())
	}
	g := p.left(text[:at])
	rest := p.op(&g, at)
	p.value(&g, rest)
	if p.err != nil {
		return Gate{}, p.err
	}
	return g, nil
}

// parser keeps the first error.
type parser struct {
	text string
	err  error
}

// errorf records an error at a byte of the text.
func (p *parser) errorf(at int, format string, args ...any) error {
	if p.err == nil {
		column := utf8.RuneCountInString(p.text[:min(at, len(p.text))]) + 1
		p.err = &Error{p.text, column, fmt.Sprintf(format, args...)}
	}
	return p.err
}

// word is a word of the text and the byte at which it begins.
type word struct {
	text string
	at   int
}

func words(text string) (all []word) {
	for _, loc := range wordForm.FindAllStringIndex(text, -1) {
		all = append(all, word{text[loc[0]:loc[1]], loc[0]})
	}
	return all
}

var wordForm = regexp.MustCompile(`\S+`)

func join(all []word) string {
	return strings.Join(nearest.Names(all, func(w word) string { return w.text }), " ")
}

// left reads the figure and, behind a spread, the statistic.
func (p *parser) left(text string) (g Gate) {
	all := words(text)
	if len(all) == 0 {
		p.errorf(0, "want a figure such as accepted; see \"ringback help gates\"")
		return g
	}
	if r, ok := row(join(all)); ok {
		if g.Row = r; r.Kind == Spread {
			p.errorf(len(strings.TrimRight(text, " ")), "%s: want a statistic behind it: p50, p99, p99.9, min, mean or max", r.Figure)
		}
		return g
	}
	last := all[len(all)-1]
	r, ok := row(join(all[:len(all)-1]))
	switch {
	case !ok:
		p.unknown(all)
	case r.Kind != Spread:
		p.errorf(last.at, "%s has no statistics; want a comparison, one of %s", r.Figure, opList())
	default:
		g.Row, g.Statistic = r, last.text
		if _, ok := g.Percentile(); !ok && !slices.Contains(statistics[:], last.text) {
			p.errorf(last.at, "unknown statistic %q; want p50, p99, p99.9, min, mean or max", last.text)
		}
	}
	return g
}

// unknown names the nearest figure, with or without a last word that may be a statistic.
func (p *parser) unknown(all []word) {
	typed := join(all)
	hint := nearest.DidYouMean(typed, names())
	if n := len(all) - 1; hint == "" && n > 0 {
		hint = nearest.DidYouMean(join(all[:n]), names())
	}
	if hint == "" {
		hint = `; see "ringback help gates"`
	}
	p.errorf(all[0].at, "unknown figure %q%s", typed, hint)
}

// op reads the comparison and returns the byte behind it.
func (p *parser) op(g *Gate, at int) int {
	for _, c := range comparisons {
		if strings.HasPrefix(p.text[at:], string(c.op)) {
			g.Op = c.op
			return at + len(c.op)
		}
	}
	p.errorf(at, "unknown comparison; want one of %s", opList())
	return len(p.text)
}

func opList() string {
	return strings.Join(nearest.Names(comparisons, func(c comparison) string { return string(c.op) }), ", ")
}

var valueForm = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)(%|/s)?$`)

// value reads the right side by the figure's kind.
func (p *parser) value(g *Gate, from int) {
	all := words(p.text[from:])
	_, example := g.form()
	if len(all) == 0 {
		p.errorf(len(p.text), "want a value, such as %s", example)
		return
	}
	if len(all) > 1 {
		p.errorf(from+all[1].at, "want nothing behind the value %q", all[0].text)
		return
	}
	text, at := all[0].text, from+all[0].at
	g.bound = text
	if g.Kind == Time || g.Kind == Spread {
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 {
			p.errorf(at, "want a time such as 500ms, got %q", text)
		}
		g.Value = float64(d)
		return
	}
	m := valueForm.FindStringSubmatch(text)
	fits := m != nil && (g.Kind == Rate) == (m[2] == "/s")
	if !fits {
		p.errorf(at, "want a value such as %s, got %q", example, text)
		return
	}
	if g.Share = m[2] == "%"; g.Share && g.Of == "" {
		p.errorf(at, "%s is a share of nothing; want a number such as 0, got %q", g.Figure, text)
	}
	g.Value, _ = strconv.ParseFloat(m[1], 64)
}
