// Package nearest finds the word that somebody probably meant.
//
// A mistyped word and the known ones come in; the closest known word comes out. It
// promises to stay silent where nothing is close. It never changes what was typed.
package nearest

import "strings"

// Word returns the known word with the fewest changed, missing, additional or swapped
// letters, the one that begins most alike where several are equally close, and "" if none is close.
func Word(typed string, known []string) string {
	typed = strings.ToLower(typed)
	best, most, alike := "", max(1, min(3, len(typed)/2)), -1
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
			if a[i] == b[j] {
				same = 0
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

// Names lists what each item is called, or another text of it, in their order.
func Names[T any](items []T, name func(T) string) []string {
	all := make([]string, len(items))
	for i, item := range items {
		all[i] = name(item)
	}
	return all
}
