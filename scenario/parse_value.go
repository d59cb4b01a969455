package scenario

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/source"
	"github.com/ringback/ringback/scenario/fault"
)

// parser turns nodes into the model. Problems collect in the file, and parsing goes on
// after each, so that one pass finds all.
type parser struct {
	*source.File
	words   []word // the vocabulary; here, because it refers to the methods of the parser
	depth   int    // of steps within steps
	steps   int    // seen so far
	instant *Pos   // of the first step in which a phone rings for no time
	rings   *Pos   // of the first dial step that does not say how long the agent's phone rings
	fails   *Pos   // of the first step that does not say how long an outside party's channel lasts that fails

	misses *Pos // of the first step that does not say so of an agent's channel

	values   Values
	declared []Param
}

func (p *parser) hasKey(n *source.Node, name string) bool { return valueOf(n, name) != nil }

// valueOf is what stands behind a key, or nil.
func valueOf(n *source.Node, name string) *source.Node {
	for i := 0; source.IsMapping(n) && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

func (p *parser) word(name string) *word {
	if i := slices.IndexFunc(p.words, func(w word) bool { return w.name == name }); i >= 0 {
		return &p.words[i]
	}
	return nil
}

func wordNames(all []word) []string { return nearest.Names(all, func(w word) string { return w.name }) }

func findField[T any](fields []field[T], name string) *field[T] {
	if i := slices.IndexFunc(fields, func(f field[T]) bool { return f.name == name }); i >= 0 {
		return &fields[i]
	}
	return nil
}

func names[T any](fields []field[T]) []string {
	return nearest.Names(fields, func(f field[T]) string { return f.name })
}

// scalar reads a value with a function whose errors say what they want; zero after one.
func scalar[T any](p *parser, what, want string, n *source.Node, read func(string) (T, error)) (none T) {
	text, ok := p.Scalar(what, want, n)
	if !ok {
		return none
	}
	v, err := read(text)
	if err != nil {
		p.Errorf(source.Of(n), "%s: %v", what, err)
		return none
	}
	return v
}

// lawful is scalar for what either has its form or has not.
func lawful[T any](p *parser, what, want string, n *source.Node, read func(string) (T, bool)) T {
	return scalar(p, what, want, n, func(text string) (v T, err error) {
		v, ok := read(text)
		if !ok {
			err = fmt.Errorf("want %s, got %q", want, text)
		}
		return v, err
	})
}

func (p *parser) percent(what string, n *source.Node) float64 {
	const want = "a percentage from 0% to 100%"
	return scalar(p, what, want, n, func(text string) (float64, error) {
		v, ok := percentage(text)
		share, isNumber := decimal(text)
		switch {
		case ok:
			return v, nil
		case isNumber && share > 0 && share < 1:
			return 0, fmt.Errorf("want %s, got %q (write %s, or %s%% if that is meant)", want, text, hundredfold(share), text)
		case isNumber && share <= 100:
			return 0, fmt.Errorf("want %s, got %q (write %s%%)", want, text, text)
		}
		return 0, fmt.Errorf("want %s, got %q", want, text)
	})
}

// hundredfold is a share as a percentage.
func hundredfold(share float64) string { return strconv.FormatFloat(share*100, 'g', 9, 64) + "%" }

func percentage(text string) (float64, bool) {
	number, isPercent := strings.CutSuffix(text, "%")
	v, ok := decimal(number)
	return v / 100, ok && isPercent && v <= 100
}

func (p *parser) positive(what string, n *source.Node) float64 {
	return scalar(p, what, "a number above 0", n, func(text string) (float64, error) {
		v, ok := decimal(text)
		switch number, isPercent := strings.CutSuffix(text, "%"); {
		case isPercent:
			if _, ok = decimal(number); ok {
				return 0, fmt.Errorf("want a number above 0, got the percentage %q", text)
			}
		case ok && v > 0:
			return v, nil
		case tooLarge(text):
			return 0, fmt.Errorf("want at most %d, got %q", mostWhole, text)
		}
		return 0, fmt.Errorf("want a number above 0, got %q", text)
	})
}

// boolean reads true or false. Other programs take more words for them than YAML 1.2 does.
func (p *parser) boolean(what string, n *source.Node) bool {
	text, ok := p.Scalar(what, "true or false", n)
	if !ok || text == "true" || text == "false" {
		return text == "true"
	}
	problem := p.Errorf(source.Of(n), "%s: want true or false, got %s", what, source.Describe(n))
	for meant, words := range map[string][]string{"true": {"true", "yes", "y", "on", "1"}, "false": {"false", "no", "n", "off", "0"}} {
		if slices.Contains(words, strings.ToLower(text)) {
			problem.Hint = fmt.Sprintf("write %s: %s; in YAML 1.2 yes, no, on and off are texts", what, meant)
		}
	}
	return false
}

// decimal reads plain decimal digits, the only way to write a number here: 1e3, 0x10,
// NaN and infinities are none, and neither is anything of a billion or more.
func decimal(text string) (float64, bool) {
	whole, fraction, pointed := strings.Cut(text, ".")
	if whole == "" || len(whole) > 9 || len(fraction) > 9 || pointed && fraction == "" ||
		strings.Trim(whole+fraction, "0123456789") != "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil
}

// whole reads decimal digits alone, below a billion.
func whole(text string) (int, bool) {
	if len(text) > 9 || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	v, err := strconv.Atoi(text)
	return v, err == nil
}

func (p *parser) count(what string, n *source.Node) int {
	return scalar(p, what, "a whole number from 1", n, counted)
}

// counted reads a whole number from 1.
func counted(text string) (int, error) {
	v, ok := whole(text)
	switch {
	case ok && v > 0:
		return v, nil
	case tooLarge(text):
		return 0, fmt.Errorf("want at most %d, got %q", mostWhole, text)
	}
	return 0, fmt.Errorf("want a whole number from 1, got %q", text)
}

// mostWhole is the largest number of the language: sums of some thousand of them stay exact.
const mostWhole = 999_999_999

// tooLarge reports whether a text is a number that is larger than all of the language.
func tooLarge(text string) bool {
	digits, fraction, _ := strings.Cut(text, ".")
	return len(digits) > 9 && strings.Trim(digits+fraction, "0123456789") == ""
}

func (p *parser) times(what string, n *source.Node) Times {
	const want = "how often, such as 3 or 2..4"
	return scalar(p, what, want, n, func(text string) (Times, error) {
		low, high, ranged := strings.Cut(text, "..")
		if !ranged {
			high = low
		}
		from, ok1 := whole(low)
		to, ok2 := whole(high)
		switch {
		case tooLarge(low), tooLarge(high):
			return Times{}, fmt.Errorf("want at most %d, got %q", mostWhole, text)
		case !ok1 || !ok2 || to < from || to == 0:
			return Times{}, fmt.Errorf("want %s, got %q", want, text)
		}
		return Times{Min: from, Max: to}, nil
	})
}

var (
	nameForm       = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)
	identifierForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
)

func (p *parser) name(what string, n *source.Node) string {
	return lawful(p, what, "a name of letters, digits, - and _, at most 64, with a letter first", n, func(text string) (string, bool) { return text, nameForm.MatchString(text) })
}

func (p *parser) identifier(what string, n *source.Node) string {
	return lawful(p, what, "lower-case letters and digits joined by hyphens, at most 64", n, func(text string) (string, bool) {
		return text, len(text) <= 64 && identifierForm.MatchString(text)
	})
}

func (p *parser) text(what string, n *source.Node) string {
	text, _ := p.Text(what, n)
	return text
}

func (p *parser) nothing(what string, n *source.Node, _ *Step) {
	if !source.IsEmpty(n) {
		p.Errorf(source.Of(n), "%s: want nothing behind it, got %s", what, source.Describe(n))
	}
}

func (p *parser) guid(what string, n *source.Node) string {
	return scalar(p, what, "a GUID", n, func(text string) (string, error) {
		_, err := event.ParseGUID(text)
		return strings.ToLower(text), err // one user, however written
	})
}

func (p *parser) faultKind(what string, n *source.Node) fault.Kind {
	kind, _ := fault.Parse(p.oneOf(what, n, fault.Names()))
	return kind
}

func (p *parser) same(what string, n *source.Node) bool {
	return p.oneOf(what, n, []string{"same"}) == "same"
}

func (p *parser) oneOf(what string, n *source.Node, known []string) string {
	text, ok := p.Scalar(what, "one of "+strings.Join(known, ", "), n)
	if !ok || slices.Contains(known, text) {
		return text
	}
	problem := p.Errorf(source.Of(n), "%s: unknown value %s%s", what, source.Describe(n), nearest.DidYouMean(text, known))
	if problem.Hint = "known values: " + strings.Join(known, ", "); len(known) == 1 {
		problem.Hint = "write " + what + ": " + known[0] + ", or leave it out"
	}
	return ""
}
