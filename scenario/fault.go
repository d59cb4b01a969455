package scenario

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/scenario/fault"
)

// ParseFault reads a rule as the flag --fault has it: a fault, how often, and what else
// there is to say, in any order.
//
//	duplicate 2% of channel.held.*
//	delay 2% by 1s..90s
//	wrong-key every 10 count 3
//
// How often is a percentage from 0% to 100%, or every and a whole number. Behind of stands
// a pattern of event types, behind count the most times, and behind by, of delay alone,
// how long. An error says where in the text the mistake is: at which character, from 1.
func ParseFault(text string) (FaultRule, error) {
	words := splitWords(text)
	end := place{text, len(text)}
	if len(words) == 0 {
		return FaultRule{}, end.errorf("want a fault such as %q", "duplicate 2%")
	}
	kind, err := fault.Parse(words[0].word)
	if err != nil {
		return FaultRule{}, words[0].errorf("%w", err)
	}
	r := ruleReader{words: words[1:], end: end, rule: FaultRule{Kind: kind}}
	if err := r.read(); err != nil {
		return FaultRule{}, err
	}
	return r.rule, nil
}

// place is where something stands in a text: at a byte, from 0.
type place struct {
	text string
	at   int
}

func (p place) errorf(format string, args ...any) error {
	return fmt.Errorf("%q, character %d: %w", p.text, utf8.RuneCountInString(p.text[:p.at])+1, fmt.Errorf(format, args...))
}

// placed is a word and its place.
type placed struct {
	place
	word string
}

var wordForm = regexp.MustCompile(`[^ \t]+`)

func splitWords(text string) (all []placed) {
	for _, at := range wordForm.FindAllStringIndex(text, -1) {
		all = append(all, placed{place{text, at[0]}, text[at[0]:at[1]]})
	}
	return all
}

// clauses are the words of which another one stands behind.
func clauses() []string { return []string{"every", "of", "by", "count"} }

// ruleReader reads what stands behind the name of a fault.
type ruleReader struct {
	words []placed
	end   place
	rule  FaultRule
	seen  []string // clauses, and "%" for a percentage
}

func (r *ruleReader) read() error {
	for len(r.words) > 0 {
		if err := r.clause(r.next()); err != nil {
			return err
		}
	}
	rate, every := slices.Contains(r.seen, "%"), slices.Contains(r.seen, "every")
	switch {
	case rate == every:
		return r.end.errorf("want how often, such as \"%[1]s 1%%\" or \"%[1]s every 100\"", r.rule.Kind)
	case r.rule.Kind == fault.Delay && !slices.Contains(r.seen, "by"):
		return r.end.errorf("want how long, such as \"by 1s..90s\"")
	}
	return nil
}

func (r *ruleReader) next() placed {
	w := r.words[0]
	r.words = r.words[1:]
	return w
}

// clause reads a percentage, or a word with the one behind it.
func (r *ruleReader) clause(w placed) error {
	name := w.word
	number, isRate := strings.CutSuffix(w.word, "%")
	switch {
	case isRate:
		name = "%"
	case !slices.Contains(clauses(), name):
		return w.errorf("unknown word %q%s: want a percentage, or one of %s", w.word,
			nearest.DidYouMean(w.word, clauses()), strings.Join(clauses(), ", "))
	}
	if slices.Contains(r.seen, name) {
		return w.errorf("%q is there twice", name)
	}
	r.seen = append(r.seen, name)
	if isRate {
		return r.rate(w, number)
	}
	if name == "every" && slices.Contains(r.seen, "%") {
		return w.errorf("want either a percentage or \"every\"")
	}
	if len(r.words) == 0 {
		return r.end.errorf("want something behind %q", name)
	}
	return r.value(w, r.next())
}

func (r *ruleReader) rate(w placed, number string) error {
	v, ok := decimal(number)
	switch {
	case !ok || v > 100:
		return w.errorf("want a percentage from 0%% to 100%%, got %q", w.word)
	case slices.Contains(r.seen, "every"):
		return w.errorf("want either a percentage or \"every\"")
	}
	r.rule.Rate = v / 100
	return nil
}

// value reads what stands behind a word.
func (r *ruleReader) value(clause, w placed) (err error) {
	switch clause.word {
	case "every":
		r.rule.Every, err = count(w)
	case "count":
		r.rule.Count, err = count(w)
	case "of":
		if !selects(w.word) {
			return w.errorf("%q selects no event type", w.word)
		}
		r.rule.Of = w.word
	case "by":
		if r.rule.Kind != fault.Delay {
			return clause.errorf("\"by\" is for delay alone, not for %s", r.rule.Kind)
		}
		if r.rule.By, err = ParseSpan(w.word); err != nil {
			return w.errorf("%w", err)
		}
		if r.rule.By.IsZero() {
			return w.errorf("want a time above 0, got %q", w.word)
		}
	}
	return err
}

func count(w placed) (int, error) {
	n, ok := whole(w.word)
	if !ok || n < 1 {
		return 0, w.errorf("want a whole number from 1, got %q", w.word)
	}
	return n, nil
}

// selects reports whether a pattern selects any event type.
func selects(pattern string) bool {
	return slices.ContainsFunc(event.Types(), func(t event.Type) bool { return event.Match(pattern, t.String()) })
}
