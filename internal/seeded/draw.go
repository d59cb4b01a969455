package seeded

import "math"

// Normal draws from the normal distribution with mean 0 and standard deviation 1, by
// Marsaglia's polar method: of the functions that it needs, only the square root comes
// from the standard library, and that one is exact everywhere.
func (s *Source) Normal() float64 {
	for {
		u, v := 2*s.Float()-1, 2*s.Float()-1
		q := float64(u*u) + float64(v*v)
		if q > 0 && q < 1 {
			return u * math.Sqrt(-2*Log(q)/q)
		}
	}
}

// Exponential draws from the exponential distribution with mean 1.
func (s *Source) Exponential() float64 { return -Log(1 - s.Float()) }

// Gamma draws from the gamma distribution with the given shape, above 0, and scale 1, by
// the method of Marsaglia and Tsang (2000).
func (s *Source) Gamma(shape float64) float64 {
	if shape < 1 { // boost: Gamma(a) = Gamma(a+1) · U^(1/a)
		u := 1 - s.Float()
		return s.Gamma(shape+1) * Exp(Log(u)/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := s.Normal()
		v := 1 + float64(c*x)
		if v <= 0 {
			continue
		}
		v = v * v * v
		u := 1 - s.Float()
		if Log(u) < float64(0.5*x*x)+float64(d*(1-v))+float64(d*Log(v)) {
			return d * v
		}
	}
}

// The conversions to float64 below look idle. They forbid the compiler to fuse a product
// and a sum into one instruction, which some processors have and others lack: fused, the
// last bit differs, and with it, once in a long while, a planned millisecond.

const (
	ln2High = 6.93147180369123816490e-01 // the upper bits of ln 2, exact when multiplied by small integers
	ln2Low  = 1.90821492927058770002e-10 // the rest
)

// inverses are the factors of the series of atanh, from the last to the first.
var inverses = [...]float64{1. / 21, 1. / 19, 1. / 17, 1. / 15, 1. / 13, 1. / 11, 1. / 9, 1. / 7, 1. / 5, 1. / 3, 1}

// Log is the natural logarithm of x > 0, the same bits on every processor and within
// 1e-15 of the true value, relatively.
func Log(x float64) float64 {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = m*2, e-1
	}
	// ln m = 2·atanh(t) for t = (m-1)/(m+1), |t| < 0.1716
	t := (m - 1) / (m + 1)
	t2 := t * t
	sum := 0.0
	for _, inverse := range inverses {
		sum = inverse + float64(sum*t2)
	}
	return float64(float64(e)*ln2High) + (float64(2*t*sum) + float64(float64(e)*ln2Low))
}

// Exp is e to the power x, the same bits on every processor and within 1e-15 of the true
// value, relatively. Beyond ±700 it gives 0 or +Inf.
func Exp(x float64) float64 {
	if x > 700 {
		return math.Inf(1)
	}
	if x < -700 {
		return 0
	}
	k := math.Floor(x/math.Ln2 + 0.5)
	r := (x - float64(k*ln2High)) - float64(k*ln2Low) // |r| ≤ 0.35
	sum := 1.0
	for n := 16; n >= 1; n-- {
		sum = 1 + float64(sum*(r/float64(n)))
	}
	return math.Ldexp(sum, int(k))
}
