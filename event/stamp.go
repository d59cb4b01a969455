package event

import (
	"fmt"
	"time"
)

// ParseStamp reads a moment as bodies hold it: YYYY-MM-DDTHH:MM:SS, 1 to 7 fractional
// digits or none, and Z. The date must exist in the calendar; leap seconds do not. Digits
// is the number of fractional digits, so that Append gives s again.
func ParseStamp(s string) (Stamp, error) {
	const layout, whole = "0000-00-00T00:00:00", len("0000-00-00T00:00:00")
	problem := func() (Stamp, error) {
		return Stamp{}, fmt.Errorf("want a UTC time such as 2022-08-30T14:34:36.088Z with at most %d fractional digits, got %q", MaxDigits, s)
	}
	digits := len(s) - whole - len(".Z")
	if digits == -1 {
		digits = 0
	} else if digits < 1 || digits > MaxDigits || s[whole] != '.' {
		return problem()
	}
	if s[len(s)-1] != 'Z' {
		return problem()
	}
	for i := range whole {
		if c := s[i]; c != layout[i] && (layout[i] != '0' || !isDigit(c)) {
			return problem()
		}
	}
	nanos := 0
	for i := range 9 {
		nanos *= 10
		if i >= digits {
			continue
		}
		c := s[whole+1+i]
		if !isDigit(c) {
			return problem()
		}
		nanos += int(c - '0')
	}
	year, month, day := number(s[0:4]), time.Month(number(s[5:7])), number(s[8:10])
	hour, minute, second := number(s[11:13]), number(s[14:16]), number(s[17:19])
	t := time.Date(year, month, day, hour, minute, second, nanos, time.UTC)
	if t.Month() != month || t.Day() != day || t.Hour() != hour || t.Minute() != minute || t.Second() != second {
		return Stamp{}, fmt.Errorf("want a date and time that exist, got %q", s)
	}
	return Stamp{Time: t, Digits: uint8(digits)}, nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// number is the value of a string of decimal digits.
func number(s string) int {
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}
