package seeded

import (
	"encoding/binary"
	"math/bits"
	"time"

	"github.com/segmentio/ksuid"
)

// FirstTime and LastTime bound the moments that a KSUID can hold: its clock counts
// seconds in 32 bits and starts in 2014, and a moment outside wraps silently.
var (
	FirstTime = time.Unix(1_400_000_000, 0).UTC()
	LastTime  = time.Unix(1_400_000_000+1<<32-1, 0).UTC()
)

// UUID is the random (version 4) UUID named k, as text.
func (k Key) UUID() (text [36]byte) {
	k.PutUUID(&text)
	return text
}

// PutUUID writes UUID to text: a copy of what was written just before takes longer than writing.
func (k Key) PutUUID(text *[36]byte) {
	hi := k.hi&^0xf000 | 0x4000    // version 4
	lo := k.lo&^(3<<62) | 0b10<<62 // the variant of RFC 9562
	putGUID(text, hi, lo)
}

// GUID is the GUID named k, as text, in a form that no RFC knows: of version 0 or above 8, and of
// another variant.
func (k Key) GUID() (text [36]byte) {
	k.PutGUID(&text)
	return text
}

// PutGUID writes GUID to text.
func (k Key) PutGUID(text *[36]byte) {
	hi, lo := k.hi, k.lo
	if version := hi >> 12 & 15; version >= 1 && version <= 8 {
		hi = hi&^0xf000 | (9+(version-1)%7)<<12
	}
	if lo>>62 == 2 {
		lo ^= 3 << 62
	}
	putGUID(text, hi, lo)
}

// putGUID writes 8-4-4-4-12 hexadecimal digits.
func putGUID(text *[36]byte, hi, lo uint64) {
	le := binary.LittleEndian
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	le.PutUint64(text[0:], hexDigits(uint32(hi>>32)))
	x := hexDigits(uint32(hi))
	le.PutUint32(text[9:], uint32(x))
	le.PutUint32(text[14:], uint32(x>>32))
	x = hexDigits(uint32(lo >> 32))
	le.PutUint32(text[19:], uint32(x))
	le.PutUint32(text[24:], uint32(x>>32))
	le.PutUint64(text[28:], hexDigits(uint32(lo)))
}

// hexDigits is the eight digits of v, the first of them in the lowest byte. All are made at once,
// each in a byte of its own.
func hexDigits(v uint32) uint64 {
	const each = 0x0101010101010101
	x := uint64(bits.ReverseBytes32(v))
	x = (x | x<<16) & 0x0000ffff0000ffff
	x = (x | x<<8) & 0x00ff00ff00ff00ff
	x = x>>4&(0x0f*0x0001000100010001) | x&(0x0f*0x0001000100010001)<<8
	letters := (x + 6*each) >> 4 & each // 1 where a digit is a letter
	return x + '0'*each + letters*('a'-'0'-10)
}

// KSUID is the KSUID named k whose embedded time is the second of t, as text; t must lie
// between FirstTime and LastTime.
func (k Key) KSUID(t time.Time) (text [27]byte) {
	k.PutKSUID(&text, t)
	return text
}

// PutKSUID writes KSUID to text.
func (k Key) PutKSUID(text *[27]byte, t time.Time) {
	base62(uint64(t.Unix()-FirstTime.Unix())&0xffffffff, k.hi, k.lo, text)
}

// Moment is the second that a KSUID embeds. It is an error if text is no KSUID.
func Moment(text string) (time.Time, error) {
	id, err := ksuid.Parse(text)
	if err != nil {
		return time.Time{}, err
	}
	return id.Time().UTC(), nil
}

// base62 writes the 20 bytes of a KSUID, given as 4, 8 and 8, as the library does, in a third of the time: every
// notification has one, and nothing else in its making costs as much but the hashes. The
// number is divided by 62 to the power of 10, twice, and the rest of each split from there.
func base62(high, middle, low uint64, text *[27]byte) {
	const ten = 62 * 62 * 62 * 62 * 62 * 62 * 62 * 62 * 62 * 62 // below 2^60
	middle, rest := bits.Div64(high, middle, ten)
	low, rest = bits.Div64(rest, low, ten)
	tenDigits(rest, text[17:27])

	rest = middle % ten // what is above is 0: 160 bits without 119 leave 41
	low, rest = bits.Div64(rest, low, ten)
	tenDigits(rest, text[7:17])

	head, tail := uint32(low/fourth), uint32(low%fourth)
	twoDigits(tail%second, text[5:7])
	twoDigits(tail/second, text[3:5])
	twoDigits(head%second, text[1:3])
	text[0] = alphabet[head/second]
}

const (
	alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	second   = 62 * 62
	fourth   = second * second
	fifth    = 62 * fourth
)

// tenDigits writes n in two halves, which do not wait for one another.
func tenDigits(n uint64, text []byte) {
	fiveDigits(uint32(n%fifth), text[5:10])
	fiveDigits(uint32(n/fifth), text[0:5])
}

func fiveDigits(n uint32, text []byte) {
	text = text[:5]
	rest := n / second
	twoDigits(n%second, text[3:])
	twoDigits(rest%second, text[1:])
	text[0] = alphabet[rest/second]
}

func twoDigits(n uint32, text []byte) { text[0], text[1] = alphabet[n/62], alphabet[n%62] }
