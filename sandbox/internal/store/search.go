package store

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ringback/ringback/internal/nearest"
)

// Search is what deliveries must have, all of it. The zero value is in every delivery.
type Search struct{ terms []term }

// term is a word or a phrase, in one field or in any.
type term struct {
	fields uint
	part   string // of a text in its words
}

// The fields that are searched, as bits.
const (
	inType uint = 1 << iota
	inParty
	inAgent
	inID
	inTarget
	inStatus
	inSaid
	inAny = 1<<iota - 1
)

// searchFields are the names of fields before a colon.
var searchFields = map[string]uint{
	"type": inType, "party": inParty, "agent": inAgent, "id": inID, "target": inTarget, "status": inStatus, "said": inSaid,
}

// SearchFields lists the names of fields in the order of the alphabet.
func SearchFields() []string { return slices.Sorted(maps.Keys(searchFields)) }

// The bounds of a search. Each term is a bit of a number, beside those of the filter.
const (
	mostSearched = 256 // bytes
	mostTerms    = 16
)

// ParseSearch reads words and phrases, each in one field or in any: `503 party:44 said:"too many"`. A word finds all that begins with
// it, in any case, with accents or without; in quotes it is whole. Whatever is typed, an error says what to change.
func ParseSearch(text string) (s Search, err error) {
	if len(text) > mostSearched {
		return s, fmt.Errorf("at most %d bytes, got %d", mostSearched, len(text))
	}
	if !utf8.ValidString(text) {
		return s, fmt.Errorf("it is not UTF-8")
	}
	for rest := strings.TrimSpace(text); rest != ""; rest = strings.TrimSpace(rest) {
		var t term
		if t, rest, err = nextTerm(rest); err != nil {
			return Search{}, err
		}
		if s.terms = append(s.terms, t); len(s.terms) > mostTerms {
			return Search{}, fmt.Errorf("at most %d words, or phrases in quotes", mostTerms)
		}
	}
	return s, nil
}

// nextTerm reads the first term of a text, and returns what is behind it.
func nextTerm(text string) (t term, rest string, err error) {
	t.fields = inAny
	name, value := fieldOf(text)
	if name != "" {
		known := searchFields[strings.ToLower(name)]
		if known == 0 {
			return t, "", fmt.Errorf("unknown field %q%s; known are %s; put quotes around text with a colon",
				name, nearest.DidYouMean(strings.ToLower(name), SearchFields()), strings.Join(SearchFields(), ", "))
		}
		t.fields = known
	}
	typed, rest, whole := valueOf(value)
	t.part = wordsOf(typed)
	switch {
	case name != "" && strings.TrimSpace(typed) == "":
		return t, "", fmt.Errorf("%s: a word must follow the colon", name)
	case t.part == "":
		return t, "", fmt.Errorf("%q has no letter or digit to look for", typed)
	case !whole:
		t.part = strings.TrimSuffix(t.part, " ") // the last word may go on
	}
	if t.fields == inStatus {
		err = checkStatus(name, typed, t.part)
	}
	return t, rest, err
}

// fieldOf splits the name of a field from what follows; "" if there is none.
func fieldOf(text string) (name, value string) {
	for i, c := range []byte(text) {
		switch {
		case c == ':' && i > 0:
			return text[:i], text[i+1:]
		case (c < 'a' || c > 'z') && (c < 'A' || c > 'Z'):
			return "", text
		}
	}
	return "", text
}

// valueOf reads a word, or a phrase in quotes, and reports whether its last word is whole. A phrase that has no second quote yet, is still typed.
func valueOf(text string) (value, rest string, whole bool) {
	if phrase, quoted := strings.CutPrefix(text, `"`); quoted {
		value, rest, whole = strings.Cut(phrase, `"`)
		return value, rest, whole
	}
	end := strings.IndexFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n\v\f", r) })
	if end < 0 {
		end = len(text)
	}
	return text[:end], text[end:], false
}

// checkStatus refuses what no status begins with, which would find nothing.
func checkStatus(name, typed, part string) error {
	number := strings.TrimSpace(part)
	if len(number) <= 3 && strings.Trim(number, "0123456789") == "" {
		return nil
	}
	var names []string
	for _, state := range states {
		if strings.Contains(wordsOf(string(state)), part) {
			return nil
		}
		names = append(names, string(state))
	}
	return fmt.Errorf("%s: want an HTTP status such as 503, or one of %s, got %q%s", name, strings.Join(names, ", "), typed, nearest.DidYouMean(typed, names))
}
