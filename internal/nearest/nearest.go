// Package nearest finds the word that somebody probably meant.
//
// A mistyped word, or a pattern of event types, and the known ones come in; the closest known word comes out.
// It promises to stay silent where nothing is close. It never changes what was typed.
package nearest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/show"
)

// Word returns the known word with the fewest changed, missing, additional or swapped
// letters, the one that begins most alike where several are equally close, and "" if none is close: a word far off
// sends whoever reads it astray.
func Word(typed string, known []string) string {
	if typed = strings.ToLower(typed); typed == "" {
		return ""
	}
	best, most, alike := "", mistakes(len(typed)), -1
	for _, k := range known {
		lower := strings.ToLower(k)
		if longer := len(typed) - len(lower); longer > most || -longer > most {
			continue // so many edits at the least, and a long text takes its time
		}
		d, begins := distance(typed, lower), beginsAlike(typed, lower)
		if d < most || d == most && begins > alike {
			best, most, alike = k, d, begins
		}
	}
	return best
}

// mistakes is how many edits a word of so many letters may be away from what was meant: one in four letters, at most three. In a short
// word two edits make another word.
func mistakes(letters int) int {
	switch {
	case letters < 5:
		return 1
	case letters < 8:
		return 2
	}
	return 3
}

// beginsAlike is how many letters of two words are the same before the first other one.
func beginsAlike(a, b string) (n int) {
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// DidYouMean is a phrase to append to an error about an unknown word: empty, or
// ` (did you mean "word"?)`.
func DidYouMean(typed string, known []string) string {
	if w := Word(typed, known); w != "" {
		return ` (did you mean "` + w + `"?)`
	}
	return ""
}

// OneOf is nil for a known word. For another one it is an error, which lists the words, of which there are at least two,
// and names the nearest: want a, b or cd, got "ce" (did you mean "cd"?).
func OneOf(typed string, known []string) error {
	if slices.Contains(known, typed) {
		return nil
	}
	last := len(known) - 1
	return fmt.Errorf("want %s or %s, got %q%s", strings.Join(known[:last], ", "), known[last], typed, DidYouMean(typed, known))
}

// EventType returns an error if a pattern of a subscription selects no event type. It names what was probably meant:
// "chanel.held" selects no event type (did you mean "channel.held.*"?).
func EventType(pattern string) error {
	known := []string{"channel.*", "agent.*"}
	for _, t := range event.Types() {
		if event.Match(pattern, t.String()) {
			return nil
		}
		known = append(known, t.Kind.String(), t.Kind.String()+".*", t.String())
	}
	meant := Word(pattern, known)
	if slices.ContainsFunc(event.Kinds(), func(k event.Kind) bool { return k.String() == meant }) {
		meant += ".*" // of each version
	}
	hint := ""
	if meant != "" {
		hint = fmt.Sprintf(" (did you mean %q?)", meant)
	}
	return fmt.Errorf("%q selects no event type%s", show.Clip(pattern, 60), hint)
}

// distance counts edits between a and b: Damerau's, with swaps of neighbours, byte-wise.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			same := 1
			switch {
			case a[i] == b[j]:
				same = 0
			case isDigit(a[i]) && isDigit(b[j]):
				same = 2 // another number is hardly a mistake in writing
			case i == 0 && j == 0:
				same = 2 // nor is another first letter
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+same)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// Names lists what each item is called, or another text of it, in their order.
func Names[T any](items []T, name func(T) string) []string {
	all := make([]string, len(items))
	for i, item := range items {
		all[i] = name(item)
	}
	return all
}
