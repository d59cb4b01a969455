// Package shrink reduces what breaks a consumer to the least that still breaks it.
//
// A sequence that breaks and a way to try another one come in; a shorter and simpler sequence that
// breaks too goes out. It knows neither notifications nor consumers, and how often it tries is bounded
// by the length of the sequence.
package shrink

import "slices"

// Breaks tries a sequence of indices; ok is false if it cannot be tried any more, which ends the
// reduction.
type Breaks func(sequence []int) (breaks, ok bool)

// Sequence reduces a sequence that breaks: first to fewer elements, then to an order nearer to
// the natural one, which is that of growing indices.
func Sequence(sequence []int, try Breaks) []int { return order(fewest(sequence, try), try) }

// fewest leaves elements out, in halves first and singly last, for as long as what is left breaks.
func fewest(sequence []int, try Breaks) []int {
	for size := len(sequence) / 2; size > 0; {
		left := false
		for from := 0; from < len(sequence) && len(sequence) > 1; {
			shorter := slices.Delete(slices.Clone(sequence), from, min(from+size, len(sequence)))
			breaks, ok := len(shorter) > 0, true
			if breaks {
				breaks, ok = try(shorter)
			}
			switch {
			case !ok:
				return sequence
			case breaks:
				sequence, left = shorter, true
			default:
				from += size
			}
		}
		if !left || size > 1 {
			size /= 2
		}
	}
	return sequence
}

// order puts one element at a time where it belongs, or swaps two neighbours, and keeps what still
// breaks. Each that is kept has fewer inversions, of which there are at most n(n−1)/2, so that at most
// twice n·n(n−1)/2 sequences are tried.
func order(sequence []int, try Breaks) []int {
	for again := true; again; {
		again = false
		for i := range 2 * len(sequence) {
			better := simpler(sequence, i)
			if inversions(better) >= inversions(sequence) {
				continue
			}
			breaks, ok := try(better)
			if !ok {
				return sequence
			}
			if breaks {
				sequence, again = better, true
				break
			}
		}
	}
	return sequence
}

// simpler is the i-th order to try: first each element in its place, then each pair of neighbours swapped.
func simpler(sequence []int, i int) []int {
	n := len(sequence)
	if i < n {
		return placed(sequence, i)
	}
	swapped := slices.Clone(sequence)
	if i -= n; i+1 < n {
		swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
	}
	return swapped
}

// placed moves the i-th element behind the last one before which it belongs.
func placed(sequence []int, i int) []int {
	v := sequence[i]
	rest := slices.Delete(slices.Clone(sequence), i, i+1)
	best, least := 0, -1
	for at := range len(sequence) {
		moved := slices.Insert(slices.Clone(rest), at, v)
		if n := inversions(moved); least < 0 || n < least {
			best, least = at, n
		}
	}
	return slices.Insert(rest, best, v)
}

func inversions(sequence []int) (n int) {
	for i := range sequence {
		for _, later := range sequence[i+1:] {
			if later < sequence[i] {
				n++
			}
		}
	}
	return n
}

// Moved is how many elements must be taken out of a sequence for the others to be in their natural order.
func Moved(sequence []int) int {
	longest := make([]int, len(sequence)) // of an ordered part that ends here
	most := 0
	for i, v := range sequence {
		longest[i] = 1
		for j := range i {
			if sequence[j] <= v {
				longest[i] = max(longest[i], longest[j]+1)
			}
		}
		most = max(most, longest[i])
	}
	return len(sequence) - most
}
