package scenario

import (
	"math/bits"
	"time"
)

// quarter is the sine at 25 even places of a quarter of a circle, times 1e9. It is written
// down because a computed one could differ from one kind of processor to another.
var quarter = [...]int64{0, 65403129, 130526192, 195090322, 258819045, 321439465, 382683432, 442288690, 500000000,
	555570233, 608761429, 659345815, 707106781, 751839807, 793353340, 831469612, 866025404, 896872742, 923879533,
	946930129, 965925826, 980785280, 991444861, 997858923, 1000000000}

// knots is how many straight pieces stand for one wave. Between two knots the wave is off
// its sine by at most (2π/96)²/8, which is 0.054 % of its height over the middle.
const knots = 4 * (len(quarter) - 1)

// height is how high the wave is at a knot, counted from the peak: from -1e9 to 1e9.
func height(k int64) int64 {
	k = (k%int64(knots) + int64(knots)) % int64(knots)
	half := int64(knots) / 2
	if k > half {
		k = int64(knots) - k // the wave falls as it rises
	}
	if k > half/2 {
		return -quarter[k-half/2]
	}
	return quarter[half/2-k]
}

// waves are the stretches of a wave: pieces from knot to knot, cut where the wave begins
// and ends.
func (a *Arrival) waves() []Stretch {
	every := int64(a.Every)
	place := func(k int64) int64 { return int64(a.Peak) + mulDiv(k, every, int64(knots)) }
	first := int64(0)
	for place(first) > 0 { // the peak is at most one wave away
		first--
	}
	var all []Stretch
	for k, over := first, int64(a.Over); place(k) < over; k++ {
		begin, end := place(k), place(k+1)
		if begin == end {
			continue
		}
		low, high := a.atKnot(k), a.atKnot(k+1)
		cut := func(at int64) Rate { return between(low, high, at-begin, end-begin) }
		from, to := max(begin, 0), min(end, over)
		all = append(all, Stretch{From: cut(from), To: cut(to), Over: time.Duration(to - from), Poisson: a.Poisson})
	}
	return all
}

// pieces is how many stretches the wave takes at most.
func (a *Arrival) pieces() int64 {
	if a.Every == 0 {
		return 0
	}
	return (int64(a.Over/a.Every) + 2) * int64(knots)
}

// scale is the time in which the rates of waves and curves are whole numbers: they are
// known to a billionth of one a second.
const scale = 1e9 * time.Second

// scaled is how often something happens in scale, rounded down. Rates are at most story.MaxRate.
func scaled(r Rate) int64 {
	if r.IsZero() {
		return 0
	}
	hi, lo := bits.Mul64(r.Times, uint64(scale))
	n, _ := bits.Div64(hi, lo, uint64(r.Per))
	return int64(n)
}

// atKnot is the scaled rate of the wave at a knot.
func (a *Arrival) atKnot(k int64) int64 {
	low, high := scaled(a.Low), scaled(a.High)
	return low + mulDiv(high-low, height(k)+1e9, 2e9)
}

// between is the rate on the straight line from one scaled rate to another.
func between(from, to, at, of int64) Rate {
	n := from + mulDiv(to-from, at, of)
	per := int64(scale)
	g := gcd(n, per)
	if n == 0 {
		return Rate{Per: time.Second}
	}
	return Rate{Times: uint64(n / g), Per: time.Duration(per / g)}
}

// mulDiv is a times b divided by c, rounded towards 0. C is above 0, and the result fits.
func mulDiv(a, b, c int64) int64 {
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	q, _ := bits.Div64(hi, lo, uint64(c))
	if (a < 0) != (b < 0) {
		return -int64(q)
	}
	return int64(q)
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return uint64(-v)
	}
	return uint64(v)
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
