package jsontext

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxDepth is how many objects and arrays may lie within one another, as in encoding/json.
const MaxDepth = 10_000

// SyntaxError is the first place at which a text cannot be JSON.
type SyntaxError struct {
	Line, Column int    // from 1; columns are characters
	What         string // such as "want a comma or }"
	Got          string // the character that is there instead; "" if none is, or it does not matter
}

// Error is the place and what is wrong there.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Problem())
}

// Problem is what is wrong, without the place.
func (e *SyntaxError) Problem() string {
	if e.Got == "" {
		return e.What
	}
	return e.What + ", got " + e.Got
}

// Check returns a *SyntaxError for the first thing that keeps text from being one JSON value.
// It accepts what json.Valid does.
func Check(text []byte) error {
	if json.Valid(text) {
		return nil
	}
	s := NewScanner(1, 1)
	for i := range text {
		if wrong := s.Step(text[i:]); wrong != nil {
			return wrong
		}
	}
	if wrong := s.End(); wrong != nil {
		return wrong
	}
	return nil
}

// Scanner follows a JSON value byte by byte, and knows at the first byte that cannot be what
// was wanted in its place. It holds one byte for each nested object or array.
type Scanner struct {
	line, column int
	want         want
	open         []byte // { and [ that are not closed
	rest         string // of null, true or false, or how many hexadecimal digits a \u still needs
	began        SyntaxError
}

// NewScanner returns a scanner of a text that begins at a place.
func NewScanner(line, column int) *Scanner { return &Scanner{line: line, column: column} }

// want is what may come next.
type want uint8

const (
	aValue want = iota
	aValueOrEnd
	aName
	aNameOrEnd
	aColon
	aComma
	nothing
	inText
	inEscape
	inHex
	inWord
	aDigit      // after a minus
	afterZero   // a number that is complete and gets no more digits before the point
	afterDigits // a number before its point
	aFraction
	inFraction
	anExponent
	exponentDigit
	inExponent
)

// wants says in words what may come, but for a comma, which has two forms.
var wants = [...]string{
	aValue: "a value", aValueOrEnd: "a value or ]", aName: "a member's name in double quotes", aNameOrEnd: "a member's name in double quotes, or }",
	aColon: "a colon", nothing: "nothing after the value", inHex: "four hexadecimal digits after \\u",
	inEscape: `one of "\/bfnrtu after a backslash`, aDigit: "a digit", aFraction: "a digit after the point", anExponent: "a digit, + or - after e",
	exponentDigit: "a digit in the exponent",
}

// Done reports whether an object or array is complete.
func (s *Scanner) Done() bool { return s.want == nothing }

// Place is where the next byte stands.
func (s *Scanner) Place() (line, column int) { return s.line, s.column }

// Within reports whether the scanner is inside of a string.
func (s *Scanner) Within() bool { return s.want >= inText && s.want <= inHex }

// Step takes the first byte of rest; the bytes after it are only shown, if it is wrong.
func (s *Scanner) Step(rest []byte) *SyntaxError {
	c := rest[0]
	switch wrong := s.take(c); wrong {
	case "":
	case tooDeep:
		return s.at(wrong, "")
	default:
		return s.at("want "+wrong, Character(rest))
	}
	switch {
	case c == '\n':
		s.line, s.column = s.line+1, 1
	case utf8.RuneStart(c):
		s.column++
	}
	return nil
}

// End returns an error if the text may not end here.
func (s *Scanner) End() *SyntaxError {
	switch {
	case len(s.open) == 0 && (s.want == nothing || s.numberMayEnd()):
		return nil
	case s.want == inText:
		return s.at(fmt.Sprintf("the text ends within a string that begins in line %d, column %d", s.began.Line, s.began.Column), "")
	}
	return s.at("want "+s.wanted()+", but the text ends here", "")
}

func (s *Scanner) at(what, got string) *SyntaxError {
	return &SyntaxError{s.line, s.column, what, got}
}

const tooDeep = "objects and arrays are nested too deep"

// wanted says in words what may come.
func (s *Scanner) wanted() string {
	switch s.want {
	case inText:
		return `no control character within a string; write it as an escape such as \n`
	case inWord:
		return "null, true or false"
	case aComma, afterZero, afterDigits, inFraction, inExponent:
		switch {
		case len(s.open) == 0:
			return wants[nothing]
		case s.inObject():
			return "a comma or }"
		}
		return "a comma or ]"
	}
	return wants[s.want]
}

func (s *Scanner) inObject() bool { return s.open[len(s.open)-1] == '{' }

// take moves on by a byte, or says what was wanted in its place.
func (s *Scanner) take(c byte) (wrong string) {
	switch {
	case s.Within():
		return s.within(c)
	case s.want >= aDigit && s.number(c):
		return ""
	case s.want >= aDigit && !s.numberMayEnd():
		return s.wanted()
	case s.want == inWord:
		return s.word(c)
	case c == ' ' || c == '\t' || c == '\r' || c == '\n':
		s.endNumber()
		return ""
	}
	s.endNumber()
	return s.structure(c)
}

// valueEnds says what may follow a value.
func (s *Scanner) valueEnds() {
	s.want = aComma
	if len(s.open) == 0 {
		s.want = nothing
	}
}

func (s *Scanner) structure(c byte) (wrong string) {
	wrong = s.wanted()
	switch s.want {
	case aValue, aValueOrEnd:
		if s.want == aValueOrEnd && c == ']' {
			s.close()
			return ""
		}
		return s.value(c)
	case aName, aNameOrEnd:
		if s.want == aNameOrEnd && c == '}' {
			s.close()
			return ""
		}
		if c != '"' {
			return wrong
		}
		s.began = SyntaxError{Line: s.line, Column: s.column}
		s.want, s.rest = inText, "name"
		return ""
	case aColon:
		if c == ':' {
			s.want = aValue
			return ""
		}
	case aComma:
		switch {
		case c == ',' && s.inObject():
			s.want = aName
			return ""
		case c == ',':
			s.want = aValue
			return ""
		case c == '}' && s.inObject(), c == ']' && !s.inObject():
			s.close()
			return ""
		}
	}
	return wrong
}

func (s *Scanner) close() {
	s.open = s.open[:len(s.open)-1]
	s.valueEnds()
}

func (s *Scanner) value(c byte) (wrong string) {
	switch {
	case c == '{' || c == '[':
		if len(s.open) == MaxDepth {
			return tooDeep
		}
		s.open = append(s.open, c)
		if s.want = aNameOrEnd; c == '[' {
			s.want = aValueOrEnd
		}
	case c == '"':
		s.began = SyntaxError{Line: s.line, Column: s.column}
		s.want, s.rest = inText, ""
	case c == '-':
		s.want = aDigit
	case c == '0':
		s.want = afterZero
	case c >= '1' && c <= '9':
		s.want = afterDigits
	case c == 'n' || c == 't' || c == 'f':
		s.want, s.rest = inWord, map[byte]string{'n': "ull", 't': "rue", 'f': "alse"}[c]
	default:
		return s.wanted()
	}
	return ""
}

func (s *Scanner) word(c byte) (wrong string) {
	if c != s.rest[0] {
		return s.wanted()
	}
	if s.rest = s.rest[1:]; s.rest == "" {
		s.valueEnds()
	}
	return ""
}

// within takes a byte of a string. The rest tells a name from a value, and how many digits of an escape came.
func (s *Scanner) within(c byte) (wrong string) {
	name := strings.HasPrefix(s.rest, "name")
	switch {
	case s.want == inEscape && c == 'u':
		s.want, s.rest = inHex, s.rest+"...."
	case s.want == inEscape && strings.IndexByte(`"\/bfnrt`, c) >= 0:
		s.want = inText
	case s.want == inHex && isHex(c):
		if s.rest = s.rest[:len(s.rest)-1]; !strings.HasSuffix(s.rest, ".") {
			s.want = inText
		}
	case s.want != inText || c < ' ':
		return s.wanted()
	case c == '\\':
		s.want = inEscape
	case c == '"' && name:
		s.want = aColon
	case c == '"':
		s.valueEnds()
	}
	return ""
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
