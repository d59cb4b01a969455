package report

import (
	"math"

	"github.com/ringback/ringback/internal/gate"
)

// interval is where a factor lies in 95 of 100 cases. How is by which method, or why there is none.
type interval struct {
	low, high float64
	how       string
	known     bool
}

func unknown(why string) interval { return interval{how: why} }

// settles reports whether chance alone hardly changes that a gate holds, or that it does not.
func (i interval) settles(g gate.Gate, holds bool) bool {
	within := i.low < g.Value && g.Value < i.high
	return i.known && !within && g.Holds(i.low) == holds && g.Holds(i.high) == holds
}

// twoSided is how many standard deviations leave 2.5% on either side of a normal distribution.
const twoSided = 1.959964

// part is how many of how many. Neither has to be whole.
type part struct{ k, n float64 }

func (s part) value() float64 { return s.k / s.n }

// shareRatio is the interval of the factor from one share to another, by the score test of Miettinen and Nurminen (Statistics in
// Medicine 4, 1985). It holds for shares near 0 and 1, too, where the usual approximation fails. Low is 0 and high infinite where
// nothing bounds them. Neither n may be 0.
func shareRatio(a, b part) (low, high float64) {
	const least, most = 1e-9, 1e9
	at := func(z float64) float64 { // score falls as the ratio grows
		from, to := least, most
		for range 100 {
			middle := math.Sqrt(from * to)
			if score(a, b, middle) > z {
				from = middle
			} else {
				to = middle
			}
		}
		return from
	}
	low, high = at(twoSided), at(-twoSided)
	if b.k == 0 {
		low = 0
	}
	if a.k == 0 || high > most/2 {
		high = math.Inf(1)
	}
	return low, high
}

// score says by how many standard deviations b is above ratio times a, if the truth is that ratio.
func score(a, b part, ratio float64) float64 {
	difference := b.value() - ratio*a.value()
	// The likeliest shares of which one is ratio times the other.
	all := a.n + b.n
	x, y, z := all*ratio, -(b.n*ratio + b.k + a.n + a.k*ratio), a.k+b.k
	likely := (-y - math.Sqrt(max(0, y*y-4*x*z))) / (2 * x)
	other := min(1, ratio*likely)
	variance := (other*(1-other)/b.n + ratio*ratio*likely*(1-likely)/a.n) * all / max(1, all-1)
	if variance <= 1e-18 {
		switch {
		case math.Abs(difference) < 1e-12:
			return 0
		case difference > 0:
			return math.Inf(1)
		}
		return math.Inf(-1)
	}
	return difference / math.Sqrt(variance)
}
