package capacity

import (
	"math"
	"slices"

	"github.com/ringback/ringback/internal/gate"
)

// z is the quantile of a confidence of 95 %, one-sided on each side.
const z = 1.96

// Needed is how many requests it takes for all gates to be decided where the consumer keeps to them well: with none beyond the bound of
// p99, it takes some 300 to be sure that no more than 1 in 100 is.
func Needed(gates []gate.Gate) (n float64) {
	const none = 3 // the rule of three: 95 % confidence that fewer than 3/n are, if none of n is
	n = 30
	for _, g := range gates {
		if p, ok := g.Percentile(); ok && p < 100 {
			n = max(n, none/(1-p/100))
		}
		if g.Share && g.Value > 0 && g.Value < 100 {
			n = max(n, none/(min(g.Value, 100-g.Value)/100))
		}
	}
	return min(n, 1e6)
}

// Tolerant reports whether a gate lets a share of something pass, such as of refusals.
func Tolerant(gates []gate.Gate) bool {
	return slices.ContainsFunc(gates, func(g gate.Gate) bool { return g.Share && g.Value > 0 && g.Value < 100 })
}

// Decided reports whether k of n say for certain that a share is below, or above, p: whether p lies outside of their Wilson interval.
func Decided(k, n uint64, p float64) bool {
	if n == 0 {
		return false
	}
	low, high := interval(float64(k), float64(n))
	return high <= p || low > p
}

// interval is Wilson's, of a share.
func interval(k, n float64) (low, high float64) {
	share := k / n
	middle := (share + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(share*(1-share)/n+z*z/(4*n*n))
	return max(0, middle-half), min(1, middle+half)
}
