package gate

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
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

// mostText bounds the text of a gate, in bytes.
const mostText = 1000

// Parse reads a gate: a figure, a comparison and a value. Its errors are of type *Error.
func Parse(text string) (Gate, error) { return parse(text, false) }

func parse(text string, compared bool) (Gate, error) {
	p := &parser{text: text, compared: compared}
	if len(text) > mostText {
		p.text = strings.ToValidUTF8(text[:50], "") + "…"
		return Gate{}, p.errorf(0, "%d bytes are too long for a gate; want at most %d", len(text), mostText)
	}
	at := strings.IndexAny(text, opRunes)
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
	text     string
	compared bool // there is another run to compare with
	err      error
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

func words(text string, form *regexp.Regexp) (all []word) {
	for _, loc := range form.FindAllStringIndex(text, -1) {
		all = append(all, word{text[loc[0]:loc[1]], loc[0]})
	}
	return all
}

var (
	nameForm = regexp.MustCompile(`[^\s_-]+`) // given_up and given-up, as files have them, too
	wordForm = regexp.MustCompile(`\S+`)
)

func join(all []word) string {
	return strings.Join(nearest.Names(all, func(w word) string { return w.text }), " ")
}

// left reads the figure and, behind or before a spread, the statistic.
func (p *parser) left(text string) (g Gate) {
	all := words(text, nameForm)
	if len(all) == 0 {
		p.errorf(0, "want a figure such as accepted; see \"ringback help gates\"")
		return g
	}
	g.asked = join(all)
	if trimmed := strings.TrimSpace(text); strings.Trim(trimmed, "_-") != trimmed {
		p.errorf(strings.Index(text, trimmed), "unknown figure %q%s", trimmed, nearest.DidYouMean(trimmed, names()))
		return g
	}
	if r, ok := row(g.asked); ok {
		if g.Row = r; r.Kind == Spread {
			p.errorf(len(strings.TrimRight(text, " ")), "%s: want a statistic behind it: %s", g.asked, statistics)
		}
		return g
	}
	last := all[len(all)-1]
	r, ok := row(join(all[:len(all)-1]))
	if before, is := row(join(all[1:])); is && !ok {
		r, ok, last = before, true, all[0]
	}
	switch {
	case !ok, r.Kind != Spread && nearest.Word(g.asked, names()) != "":
		p.unknown(all)
	case r.Kind != Spread:
		p.errorf(last.at, "%s has no statistics; want a comparison, one of %s", r.Figure, opList())
	default:
		g.Row = r
		if g.Statistic, ok = statistic(last.text); !ok {
			p.errorf(last.at, "unknown statistic %q%s; want %s", last.text, nearest.DidYouMean(last.text, []string{"min", "mean", "max", "median"}), statistics)
		}
	}
	return g
}

// unknown names the nearest figure, with or without a word that may be a statistic.
func (p *parser) unknown(all []word) {
	typed := join(all)
	hint := nearest.DidYouMean(typed, names())
	if n := len(all) - 1; hint == "" && n > 0 {
		hint = cmp.Or(nearest.DidYouMean(join(all[:n]), names()), nearest.DidYouMean(join(all[1:]), names()))
	}
	if hint == "" {
		hint = `; see "ringback help gates"`
	}
	p.errorf(all[0].at, "unknown figure %q%s", typed, hint)
}

// op reads the comparison and returns the byte behind it.
func (p *parser) op(g *Gate, at int) int {
	written := p.text[at:]
	if end := strings.IndexFunc(written, func(r rune) bool { return !strings.ContainsRune(opRunes, r) }); end >= 0 {
		written = written[:end]
	}
	for _, c := range comparisons {
		if string(c.op) == written {
			g.Op = c.op
			return at + len(c.op)
		}
	}
	p.errorf(at, "unknown comparison %q; want %s", written, cmp.Or(meant[written], "one of "+opList()))
	return len(p.text)
}

// opRunes are what comparisons are written with, in our language or another.
const opRunes = "<>=!≥≤≠"

// meant are comparisons of other languages.
var meant = map[string]string{"=": "==", "===": "==", "!==": "!=", "=>": ">=", "=<": "<=", "<>": "!=", "≥": ">=", "≤": "<=", "≠": "!="}

func opList() string {
	return strings.Join(nearest.Names(comparisons, func(c comparison) string { return string(c.op) }), ", ")
}

// valueForm is a number, and what it is a number of.
var valueForm = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?(?:[eE]\+?[0-9]{1,2})?)(%|/s|/m|/h)?$`)

// value reads the right side by the figure's kind. A blank may stand before the unit.
func (p *parser) value(g *Gate, from int) {
	all := words(p.text[from:], wordForm)
	_, example := g.form()
	if len(all) == 0 {
		p.errorf(len(p.text), "want a value, such as %s", example)
		return
	}
	text, at := all[0].text, from+all[0].at
	if len(all) > 1 && strings.IndexFunc(all[1].text, unicode.IsDigit) < 0 && !slices.Contains(connectives, all[1].text) {
		text += all[1].text
		all = slices.Delete(all, 1, 2)
	}
	if len(all) > 1 {
		p.errorf(from+all[1].at, "want nothing behind the value %q; each condition is a gate of its own", all[0].text)
		return
	}
	g.bound = text
	if p.relative(g, text, at) {
		return
	}
	switch g.Kind {
	case Time, Spread:
		p.time(g, text, at)
	case Rate:
		p.rate(g, text, at)
	default:
		p.count(g, text, at)
	}
}

// connectives are what people join two conditions with.
var connectives = []string{"and", "or", "&&", "||", ",", ";", "&", "|"}

func (p *parser) time(g *Gate, text string, at int) {
	d, err := time.ParseDuration(text)
	switch number := valueForm.FindStringSubmatch(text); {
	case err == nil && d >= 0:
		g.Value = float64(d)
	case number != nil && number[2] == "%" && p.compared:
		p.errorf(at, "want a time such as 500ms, a factor such as 1.2x or a change such as +20%%, got %q", text)
	case number != nil && number[2] == "":
		p.errorf(at, "want a time such as 500ms, got %q; with its unit it is %sms or %[2]ss", text, text)
	default:
		p.errorf(at, "want a time such as 500ms, got %q", text)
	}
}

// perSecond are the units of rates.
var perSecond = map[string]float64{"/s": 1, "/m": 60, "/h": 3600}

func (p *parser) rate(g *Gate, text string, at int) {
	m := valueForm.FindStringSubmatch(text)
	switch {
	case m != nil && m[2] == "":
		p.errorf(at, "want a value such as 100/s, got %q; with its unit it is %s/s", text, text)
	case m != nil && m[2] == "%" && p.compared:
		p.errorf(at, "want a value such as 100/s, a factor such as 0.9x or a change such as -10%%, got %q", text)
	case m == nil || m[2] == "%":
		p.errorf(at, "want a value such as 100/s, got %q", text)
	default:
		g.Value = valueOf(m[1]) / perSecond[m[2]]
	}
}

// count reads a whole number, or a percentage with any digits.
func (p *parser) count(g *Gate, text string, at int) {
	_, example := g.form()
	m := valueForm.FindStringSubmatch(text)
	if m == nil || perSecond[m[2]] > 0 {
		hint := ""
		if point := strings.ReplaceAll(text, ",", "."); point != text && valueForm.MatchString(point) {
			hint = "; write it without a comma"
		}
		p.errorf(at, "want a value such as %s, got %q%s", example, text, hint)
		return
	}
	g.Value, g.Share = valueOf(m[1]), m[2] == "%"
	whole := g.Value == math.Trunc(g.Value)
	switch share := strconv.FormatFloat(math.Round(g.Value*1e8)/1e6, 'f', -1, 64) + "%"; {
	case g.Share && g.Of == "":
		p.errorf(at, "%s is a share of nothing; want a number such as 0, got %q", g.Figure, text)
	case g.Share && g.Value > 100:
		p.errorf(at, "no share is over 100%%, got %q", text)
	case g.Share:
	case strings.HasSuffix(g.asked, " rate") && g.Value <= 1:
		p.errorf(at, "%s: want a percentage, got %q; write %s", g.asked, text, share)
	case strings.HasSuffix(g.asked, " rate"):
		p.errorf(at, "%s: want a percentage, got %q; write %[2]s%%", g.asked, text)
	case g.Value > mostCounted:
		p.errorf(at, "want a number of at most %.0e, got %q", float64(mostCounted), text)
	case whole:
	case g.Of == "":
		p.errorf(at, "%s is a count: want a whole number, got %q; write %.0f or %.0f", g.asked, text, math.Floor(g.Value), math.Ceil(g.Value))
	case g.Value < 1:
		p.errorf(at, "%s is a count: want a whole number, got %q; as a percentage it is %s", g.asked, text, share)
	default:
		p.errorf(at, "%s is a count: want a whole number, got %q; write %.0f or %.0f, or %s%% for a share of %s",
			g.asked, text, math.Floor(g.Value), math.Ceil(g.Value), m[1], g.Of)
	}
}

// mostCounted is the highest count of a gate; larger numbers would not be exact.
const mostCounted = 1e15

// valueOf is a number that has the form of one.
func valueOf(text string) float64 {
	value, _ := strconv.ParseFloat(text, 64)
	return value
}
