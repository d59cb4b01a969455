package scenario

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/scenario/fault"
)

// maxFault bounds the text of a rule, in bytes: its pattern is compared with the type of each notification.
const maxFault = 300

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
	if len(text) > maxFault {
		return FaultRule{}, fmt.Errorf("want at most %d characters, got %d", maxFault, len(text))
	}
	words := splitWords(text)
	end := words[len(words)-1]
	if len(words) == 1 {
		return FaultRule{}, end.errorf("want a fault such as %q", "duplicate 2%")
	}
	kind, err := fault.Parse(words[0].word)
	if err != nil {
		return FaultRule{}, words[0].errorf("%w; want one of %s", err, strings.Join(fault.Names(), ", "))
	}
	r := FaultRule{Kind: kind}
	seen := map[string]bool{} // clauses, and "%" for a percentage
	for i := 1; i < len(words)-1; i++ {
		w := words[i]
		name := w.word
		if strings.HasSuffix(name, "%") {
			name = "%"
		}
		twice := seen[name]
		seen[name] = true
		switch {
		case name != "%" && !slices.Contains(clauses(), name):
			err = w.errorf("unknown word %q%s: want a percentage, or one of %s", w.word,
				nearest.DidYouMean(w.word, clauses()), strings.Join(clauses(), ", "))
		case twice:
			err = w.errorf("%q is there twice", name)
		case seen["%"] && seen["every"]:
			err = w.errorf("want either a percentage or \"every\"")
		case name == "%":
			r.Rate, err = want(w, "a percentage from 0% to 100%", percentage)
		case i+2 == len(words):
			err = end.errorf("want something behind %q", name)
		default:
			i++
			err = r.clause(w, words[i])
		}
		if err != nil {
			return FaultRule{}, err
		}
	}
	switch {
	case !seen["%"] && !seen["every"]:
		return FaultRule{}, end.errorf("want how often, such as \"%[1]s 1%%\" or \"%[1]s every 100\"", kind)
	case kind == fault.Delay && !seen["by"]:
		return FaultRule{}, end.errorf("want how long, such as \"by 1s..90s\"")
	}
	return r, nil
}

// placed is a word of a text, and the byte at which it begins, from 0.
type placed struct {
	text string
	at   int
	word string
}

func (w placed) errorf(format string, args ...any) error {
	return fmt.Errorf("%q, character %d: %w", w.text, utf8.RuneCountInString(w.text[:w.at])+1, fmt.Errorf(format, args...))
}

var wordForm = regexp.MustCompile(`[^ \t]+`)

// splitWords finds the words of a text. The last one is empty, at the text's end.
func splitWords(text string) (all []placed) {
	for _, at := range wordForm.FindAllStringIndex(text, -1) {
		all = append(all, placed{text, at[0], text[at[0]:at[1]]})
	}
	return append(all, placed{text, len(text), ""})
}

// clauses are the words of which another one stands behind.
func clauses() []string { return []string{"every", "of", "by", "count"} }

// clause reads what stands behind a word.
func (r *FaultRule) clause(clause, w placed) (err error) {
	switch clause.word {
	case "every":
		r.Every, err = number(w)
	case "count":
		r.Count, err = number(w)
	case "of":
		r.Of = w.word
		if err := nearest.EventType(w.word); err != nil {
			return w.errorf("%w", err)
		}
	case "by":
		if r.Kind != fault.Delay {
			return clause.errorf("\"by\" is for delay alone, not for %s", r.Kind)
		}
		if r.By, err = ParseSpan(w.word); err != nil {
			return w.errorf("%w", err)
		}
		if r.By.IsZero() {
			return w.errorf("want a time above 0, got %q", w.word)
		}
	}
	return err
}

// number reads a whole number from 1.
func number(w placed) (n int, err error) {
	if n, err = counted(w.word); err != nil {
		err = w.errorf("%w", err)
	}
	return n, err
}

func want[T any](w placed, what string, read func(string) (T, bool)) (T, error) {
	v, ok := read(w.word)
	if !ok {
		return v, w.errorf("want %s, got %q", what, w.word)
	}
	return v, nil
}
