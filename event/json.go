package event

import (
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ringback/ringback/internal/jsontext"
)

// checkJSON reports the first thing that keeps body from being one JSON text in UTF-8. The
// functions below rely on it: they read sound JSON only and have no errors of their own.
func checkJSON(body []byte) error {
	if !utf8.Valid(body) {
		return errors.New("not valid UTF-8")
	}
	if err := jsontext.Check(body); err != nil {
		return fmt.Errorf("not valid JSON: %w", err)
	}
	return nil
}

// members yields the names and values of an object, both as they stand in the text.
func members(object string) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		rest := trim(object[1:])
		for rest[0] != '}' {
			end := valueEnd(rest)
			name := rest[:end]
			rest = trim(rest[end:])
			rest = trim(rest[1:]) // the colon
			end = valueEnd(rest)
			if !yield(name, rest[:end]) {
				return
			}
			rest = trim(rest[end:])
			if rest[0] == ',' {
				rest = trim(rest[1:])
			}
		}
	}
}

// trim cuts the white space at the start that JSON knows, less than strings.TrimSpace does.
func trim(s string) string {
	for len(s) > 0 && (s[0] == ' ' || s[0] == '\n' || s[0] == '\t' || s[0] == '\r') {
		s = s[1:]
	}
	return s
}

// valueEnd is the length of the value that s starts with.
func valueEnd(s string) int {
	switch s[0] {
	case '"':
		return textEnd(s)
	case '{', '[':
		return nestEnd(s)
	}
	if i := strings.IndexAny(s, ",]} \t\r\n"); i >= 0 {
		return i
	}
	return len(s)
}

func textEnd(s string) int {
	i := 1
	for s[i] != '"' {
		if s[i] == '\\' {
			i++
		}
		i++
	}
	return i + 1
}

func nestEnd(s string) int {
	depth := 0
	for i := 0; ; i++ {
		switch s[i] {
		case '"':
			i += textEnd(s[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
}

// unquote is the text of a JSON string, and false if an escape in it is half of a surrogate
// pair and therefore no character.
func unquote(raw string) (string, bool) {
	inner := raw[1 : len(raw)-1]
	if !strings.Contains(inner, `\`) {
		return inner, true
	}
	text := make([]byte, 0, len(inner))
	for {
		plain, escape, found := strings.Cut(inner, `\`)
		text = append(text, plain...)
		if !found {
			return string(text), true
		}
		r, n := escaped(escape)
		if n == 0 {
			return "", false
		}
		text = utf8.AppendRune(text, r)
		inner = escape[n:]
	}
}

// escaped reads what follows a backslash: the character and the length of its escape, which
// is 0 for half of a surrogate pair.
func escaped(s string) (rune, int) {
	if i := strings.IndexByte("bfnrt", s[0]); i >= 0 {
		return rune("\b\f\n\r\t"[i]), 1
	}
	if s[0] != 'u' {
		return rune(s[0]), 1 // a quote or a slash of either direction
	}
	r := codeUnit(s[1:])
	if !utf16.IsSurrogate(r) {
		return r, 5
	}
	if !strings.HasPrefix(s[5:], `\u`) {
		return 0, 0
	}
	if r = utf16.DecodeRune(r, codeUnit(s[7:])); r == utf8.RuneError {
		return 0, 0
	}
	return r, 11
}

func codeUnit(s string) rune {
	n, _ := strconv.ParseUint(s[:4], 16, 16) // four hexadecimal digits, as checkJSON saw
	return rune(n)
}
