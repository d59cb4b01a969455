package receiver

import "github.com/ringback/ringback/event"

// epoch is the Unix time in seconds at which the clock of KSUIDs starts, in May 2014.
const epoch = 1_400_000_000

// secondOf is the Unix time in seconds that a KSUID embeds: the first four of the twenty
// bytes that its 27 digits of base 62 stand for.
func secondOf(id event.ID) int64 {
	var words [5]uint32 // most significant first
	for _, c := range id {
		carry := digitOf(c)
		for i := len(words) - 1; i >= 0; i-- {
			carry += uint64(words[i]) * 62
			words[i] = uint32(carry)
			carry >>= 32
		}
	}
	return int64(words[0]) + epoch
}

// digitOf is the value of a base-62 digit.
func digitOf(c byte) uint64 {
	switch {
	case c <= '9':
		return uint64(c - '0')
	case c <= 'Z':
		return uint64(c-'A') + 10
	}
	return uint64(c-'a') + 36
}
