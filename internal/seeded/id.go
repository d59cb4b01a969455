package seeded

import (
	"encoding/binary"
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
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], k.hi)
	binary.BigEndian.PutUint64(id[8:], k.lo)
	id[6] = id[6]&0x0f | 0x40 // version 4
	id[8] = id[8]&0x3f | 0x80 // the variant of RFC 9562
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
