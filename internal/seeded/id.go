package seeded

import (
	"encoding/binary"
	"math/bits"
	"time"

	"github.com/google/uuid"
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
	id := k.bytes()
	id[6] = id[6]&0x0f | 0x40 // version 4
	id[8] = id[8]&0x3f | 0x80 // the variant of RFC 9562
	return hexed(id)
}

// GUID is the GUID named k, as text, in a form that no RFC knows: of version 0 or above 8, and of
// another variant.
func (k Key) GUID() (text [36]byte) {
	id := k.bytes()
	if id[6]>>4 >= 1 && id[6]>>4 <= 8 {
		id[6] = id[6]&0x0f | (9+(id[6]>>4-1)%7)<<4
	}
	if id[8]>>6 == 2 {
		id[8] ^= 0xc0
	}
	return hexed(id)
}

func (k Key) bytes() (id uuid.UUID) {
	binary.BigEndian.PutUint64(id[:8], k.hi)
	binary.BigEndian.PutUint64(id[8:], k.lo)
	return id
}

func hexed(id uuid.UUID) (text [36]byte) {
	const digits = "0123456789abcdef"
	at := 0
	for i, b := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			text[at] = '-'
			at++
		}
		text[at], text[at+1] = digits[b>>4], digits[b&15]
		at += 2
	}
	return text
}

// KSUID is the KSUID named k whose embedded time is the second of t, as text; t must lie
// between FirstTime and LastTime.
func (k Key) KSUID(t time.Time) (text [27]byte) {
	var id ksuid.KSUID
	binary.BigEndian.PutUint32(id[:4], uint32(t.Unix()-FirstTime.Unix()))
	binary.BigEndian.PutUint64(id[4:12], k.hi)
	binary.BigEndian.PutUint64(id[12:], k.lo)
	base62((*[20]byte)(&id), &text)
	return text
}

// Moment is the second that a KSUID embeds. It is an error if text is no KSUID.
func Moment(text string) (time.Time, error) {
	id, err := ksuid.Parse(text)
	if err != nil {
		return time.Time{}, err
	}
	return id.Time().UTC(), nil
}

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
