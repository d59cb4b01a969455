package shrink

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// before breaks if a stands before b, and both are there.
func before(a, b int) Breaks {
	return func(s []int) (bool, bool) {
		i, j := slices.Index(s, a), slices.Index(s, b)
		return i >= 0 && j >= 0 && i < j, true
	}
}

func TestWhatBreaksIsReducedToTheLeast(t *testing.T) {
	for _, c := range []struct {
		name string
		try  Breaks
		want []int
	}{
		{"a pair the wrong way round", before(7, 3), []int{7, 3}},
		{"a pair the right way round", before(3, 7), []int{3, 7}},
		{"one element", func(s []int) (bool, bool) { return slices.Contains(s, 5), true }, []int{5}},
		{"three elements", func(s []int) (bool, bool) {
			one, _ := before(9, 2)(s)
			two, _ := before(9, 4)(s)
			return one && two, true
		}, []int{9, 2, 4}},
		{"whatever is sent", func([]int) (bool, bool) { return true, true }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			for seed := range uint64(50) {
				s := rand.New(rand.NewPCG(seed, 7)).Perm(11)
				if breaks, _ := c.try(s); !breaks {
					continue
				}
				tried := 0
				got := Sequence(s, func(s []int) (bool, bool) { tried++; return c.try(s) })
				if c.want != nil && !slices.Equal(got, c.want) || c.want == nil && len(got) != 1 {
					t.Errorf("seed %d: %v became %v, want %v", seed, s, got, c.want)
				}
				if most := 11*11 + 11*11*10; tried > most {
					t.Errorf("seed %d: %d were tried, want at most %d", seed, tried, most)
				}
			}
		})
	}
}

func TestAllElementsMayBeNeeded(t *testing.T) {
	s := []int{4, 0, 3, 1, 2}
	got := Sequence(s, func(s []int) (bool, bool) {
		at := func(v int) int { return slices.Index(s, v) }
		return len(s) == 5 && at(4) < at(2), true
	})
	if Moved(got) != 1 || len(got) != 5 {
		t.Errorf("got %v, want five with one out of place", got)
	}
}

func TestTheReductionEndsWhenNothingMoreCanBeTried(t *testing.T) {
	s := []int{5, 4, 3, 2, 1, 0}
	left := 3
	got := Sequence(s, func([]int) (bool, bool) { left--; return true, left >= 0 })
	if breaks := len(got) < len(s) && len(got) > 0; !breaks {
		t.Errorf("got %v, want what was reached", got)
	}
}

func TestMoved(t *testing.T) {
	for _, c := range []struct {
		of   []int
		want int
	}{{nil, 0}, {[]int{1, 2, 3}, 0}, {[]int{2, 1}, 1}, {[]int{3, 1, 2}, 1}, {[]int{3, 2, 1}, 2}} {
		if got := Moved(c.of); got != c.want {
			t.Errorf("%v: %d, want %d", c.of, got, c.want)
		}
	}
}
