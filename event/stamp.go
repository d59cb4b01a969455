package event

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// MaxDigits is the most fractional digits that a Stamp shows: 100 ns steps.
const MaxDigits = 7

// Stamp is a moment and how many fractional digits show it on the wire, 0 to 7; further
// digits are cut off, not rounded.
type Stamp struct {
	time.Time
	Digits uint8
}

// Append appends the moment as ISO 8601 in UTC, ending in Z.
func (s Stamp) Append(dst []byte) []byte { return s.append(dst) }

func (s *Stamp) append(dst []byte) []byte {
	t := s.UTC()
	year, month, day := t.Date()
	hour, minute, sec := t.Clock()
	dst = append(dst, "0000-00-00T00:00:00.0000000Z"...)
	text := dst[len(dst)-28:]
	twoDigits(text[0:2], year/100)
	twoDigits(text[2:4], year%100)
	twoDigits(text[5:7], int(month))
	twoDigits(text[8:10], day)
	twoDigits(text[11:13], hour)
	twoDigits(text[14:16], minute)
	twoDigits(text[17:19], sec)
	return dst[:len(dst)-28+s.fraction(text)]
}

// appendLike is append where the text of another moment begins at a place of dst. The two moments
// of a notification are seldom of different seconds.
func (s *Stamp) appendLike(dst []byte, other *Stamp, at int) []byte {
	if s.Unix() != other.Unix() {
		return s.append(dst)
	}
	dst = append(dst, dst[at:at+28]...)
	return dst[:len(dst)-28+s.fraction(dst[len(dst)-28:])]
}

// fraction writes what is behind the seconds of a text, and is the length of the text.
func (s *Stamp) fraction(text []byte) int {
	n := int(min(s.Digits, MaxDigits))
	if n == 0 {
		text[19] = 'Z'
		return 20
	}
	ns := s.Nanosecond()
	text[19] = '.'
	twoDigits(text[20:22], ns/1e7)
	twoDigits(text[22:24], ns/1e5%100)
	twoDigits(text[24:26], ns/1e3%100)
	text[26] = '0' + byte(ns/1e2%10)
	text[20+n] = 'Z'
	return 21 + n
}

func twoDigits(text []byte, v int) {
	const all = "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"
	text[0], text[1] = all[2*v], all[2*v+1]
}

// String is the moment as it stands in a body.
func (s Stamp) String() string { return string(s.Append(nil)) }

// Truncated is the moment that the digits show.
func (s Stamp) Truncated() time.Time {
	step := time.Second
	for range min(s.Digits, MaxDigits) {
		step /= 10
	}
	return s.Time.Truncate(step)
}

// ParseStamp reads a moment as bodies hold it: YYYY-MM-DDTHH:MM:SS, 1 to 7 fractional
// digits or none, and Z. The date must exist in the calendar; leap seconds do not. Digits
// is the number of fractional digits, so that Append gives s again.
func ParseStamp(s string) (Stamp, error) {
	t, err := time.Parse(time.RFC3339, s)
	if e, ok := errors.AsType[*time.ParseError](err); ok && strings.HasSuffix(e.Message, "out of range") {
		return Stamp{}, fmt.Errorf("want a date and time that exist, got %q", s)
	}
	stamp := Stamp{Time: t, Digits: uint8(max(0, len(s)-len("2006-01-02T15:04:05.Z")))}
	var again [40]byte
	if err != nil || string(stamp.Append(again[:0])) != s { // time.Parse reads other forms, too
		return Stamp{}, fmt.Errorf("want a UTC time such as 2022-08-30T14:34:36.088Z with at most %d fractional digits, got %q", MaxDigits, s)
	}
	return stamp, nil
}
