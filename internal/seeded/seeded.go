// Package seeded gives random choices names instead of turns.
//
// A seed and the numbers that name a choice come in; random numbers and identifiers come
// out. The same seed and name give the same result on every platform, whatever else is
// drawn, so adding a choice moves no other one. The package never uses a shared source,
// a clock or the floating-point functions of the standard library, whose last bits differ
// between processors.
package seeded

import "math/bits"

// Key names one choice. Derive it from a Seed with From, and narrow it with With.
type Key struct{ hi, lo uint64 }

// From is the root of all names under one seed.
func From(seed uint64) Key {
	return Key{mix(seed ^ 0x9e3779b97f4a7c15), mix(seed + 0xd1b54a32d192ed03)}
}

// With is the name k.n. The two halves are mixed independently, so that identifiers made
// from a key have 128 bits of their own.
func (k Key) With(n uint64) Key {
	return Key{
		hi: mix(k.hi ^ n*0xff51afd7ed558ccd + 0x632be59bd9b4e019),
		lo: mix(k.lo + bits.RotateLeft64(n, 32)*0xc4ceb9fe1a85ec53 + 0x2545f4914f6cdd1d),
	}
}

// WithText is the name k.s, for names that come from a user's file.
func (k Key) WithText(s string) Key {
	for i := 0; i < len(s); i++ {
		k = k.With(uint64(s[i]) + 1)
	}
	return k.With(uint64(len(s)))
}

// Source starts the stream of numbers of the choice k.
func (k Key) Source() Source { return Source{k.hi ^ bits.RotateLeft64(k.lo, 17)} }

// Source is a stream of random numbers. Its zero value is a valid, constant stream.
type Source struct{ state uint64 }

// Uint64 draws 64 random bits.
func (s *Source) Uint64() uint64 {
	s.state += 0x9e3779b97f4a7c15
	return mix(s.state)
}

// Float draws from [0, 1) in steps of 2^-53.
func (s *Source) Float() float64 { return float64(s.Uint64()>>11) / (1 << 53) }

// Below draws a whole number from [0, n); n must not be 0.
func (s *Source) Below(n uint64) uint64 {
	hi, _ := bits.Mul64(s.Uint64(), n) // the bias is below n/2^64
	return hi
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood, 2014): every bit of the
// result depends on every bit of x.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
