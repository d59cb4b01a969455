package jsontext

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// numberMayEnd reports whether the scanner is in a number that is complete as it stands.
func (s *Scanner) numberMayEnd() bool {
	return s.want == afterZero || s.want == afterDigits || s.want == inFraction || s.want == inExponent
}

func (s *Scanner) endNumber() {
	if s.numberMayEnd() {
		s.valueEnds()
	}
}

// number takes a byte of a number, if it is one.
func (s *Scanner) number(c byte) bool {
	digit := c >= '0' && c <= '9'
	switch {
	case s.want == aDigit && c == '0':
		s.want = afterZero
	case s.want == aDigit && digit, s.want == afterDigits && digit:
		s.want = afterDigits
	case (s.want == afterZero || s.want == afterDigits) && c == '.':
		s.want = aFraction
	case (s.want == aFraction || s.want == inFraction) && digit:
		s.want = inFraction
	case (s.want == afterZero || s.want == afterDigits || s.want == inFraction) && (c == 'e' || c == 'E'):
		s.want = anExponent
	case s.want == anExponent && (c == '+' || c == '-'):
		s.want = exponentDigit
	case (s.want == anExponent || s.want == exponentDigit || s.want == inExponent) && digit:
		s.want = inExponent
	default:
		return false
	}
	return true
}

// Character names the first character of a text for people. The text must not be empty.
func Character(text []byte) string {
	if bytes.HasPrefix(text, []byte("\ufeff")) {
		return "a byte order mark"
	}
	r, n := utf8.DecodeRune(text)
	switch {
	case r == utf8.RuneError && n == 1:
		return fmt.Sprintf("byte 0x%02x", text[0])
	case r == '\n' || r == '\r':
		return "a line break"
	case !unicode.IsPrint(r):
		return fmt.Sprintf("character U+%04X", r)
	}
	return string(r)
}
