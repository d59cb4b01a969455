package seeded

import (
	"encoding/binary"
	"math/bits"
)

// base62 writes the 20 bytes of a KSUID as the library does, in a third of the time: every
// notification has one, and nothing else in its making costs as much but the hashes. The
// number is divided by 62 to the power of 10, twice, and the rest of each split from there.
func base62(id *[20]byte, text *[27]byte) {
	const ten = 62 * 62 * 62 * 62 * 62 * 62 * 62 * 62 * 62 * 62 // below 2^60
	high := uint64(binary.BigEndian.Uint32(id[:4]))
	middle, low := binary.BigEndian.Uint64(id[4:12]), binary.BigEndian.Uint64(id[12:])

	middle, rest := bits.Div64(high, middle, ten)
	low, rest = bits.Div64(rest, low, ten)
	tenDigits(rest, text[17:27])

	rest = middle % ten // what is above is 0: 160 bits without 119 leave 41
	low, rest = bits.Div64(rest, low, ten)
	tenDigits(rest, text[7:17])

	digits(uint32(low%fourth), text[3:7])
	digits(uint32(low/fourth), text[0:3])
}

const (
	fourth = 62 * 62 * 62 * 62
	fifth  = 62 * fourth
)

// tenDigits writes n in two halves, which do not wait for one another.
func tenDigits(n uint64, text []byte) {
	digits(uint32(n%fifth), text[5:10])
	digits(uint32(n/fifth), text[0:5])
}

// digits fills text with the last digits of n.
func digits(n uint32, text []byte) {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for i := len(text) - 1; i >= 0; i-- {
		text[i] = alphabet[n%62]
		n /= 62
	}
}
