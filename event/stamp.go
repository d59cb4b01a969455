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
func (s Stamp) Append(dst []byte) []byte {
	t := s.UTC()
	year, month, day := t.Date()
	hour, minute, sec := t.Clock()
	text := [20]byte{4: '-', 7: '-', 10: 'T', 13: ':', 16: ':', 19: '.'}
	twoDigits(text[0:2], year/100)
	twoDigits(text[2:4], year%100)
	twoDigits(text[5:7], int(month))
	twoDigits(text[8:10], day)
	twoDigits(text[11:13], hour)
	twoDigits(text[14:16], minute)
	twoDigits(text[17:19], sec)
	return s.appendFraction(append(dst, text[:19]...))
}

// appendLike is Append where the text of another moment stands in dst. The two moments of a
// notification are seldom of different seconds.
func (s *Stamp) appendLike(dst []byte, other *Stamp, at int) []byte {
	if s.Unix() != other.Unix() {
		return s.Append(dst)
	}
	return s.appendFraction(append(dst, dst[at:at+19]...))
}

// appendFraction appends the digits behind the seconds.
func (s *Stamp) appendFraction(dst []byte) []byte {
	n := int(min(s.Digits, MaxDigits))
	if n == 0 {
		return append(dst, 'Z')
	}
	ns := uint32(s.Nanosecond())
	text := [9]byte{0: '.'}
	twoDigits(text[1:3], int(ns/1e7))
	twoDigits(text[3:5], int(ns/1e5%100))
	twoDigits(text[5:7], int(ns/1e3%100))
	twoDigits(text[7:9], int(ns/10%100))
	text[1+n] = 'Z'
	return append(dst, text[:2+n]...)
}

func twoDigits(text []byte, v int) {
	text[0], text[1] = '0'+byte(v/10), '0'+byte(v%10)
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
