// Package jsontext writes JSON that encoding/json does not. Texts and members come in; JSON
// comes out, with as few escapes as JSON allows, and with members in the order given. It
// promises valid JSON whatever a text holds, and strings without an allocation beyond the
// destination's. It reads nothing but
// what kind of value a text is.
package jsontext

import (
	"bytes"
	"encoding/json"
	"io"
	"unicode/utf8"
)

// AppendString appends s as a JSON string.
func AppendString(dst []byte, s string) []byte {
	return append(AppendEscaped(append(dst, '"'), s), '"')
}

// AppendEscaped appends s as it stands inside a JSON string. Bytes that are not UTF-8
// become U+FFFD, since a JSON text cannot hold them.
func AppendEscaped(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
			i++
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			i++
		case c < utf8.RuneSelf:
			dst = append(dst, c)
			i++
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
		}
	}
	return dst
}

// TypeName says in words what kind of value a JSON text is, which must not be empty.
func TypeName[Text ~string | ~[]byte](value Text) string {
	switch value[0] {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "an array"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

// Object is an object with a member for each item, in their order, which a map would lose.
// Values are written without the escapes that are for HTML.
func Object[T any](items []T, member func(T) (name string, value any)) ([]byte, error) {
	b := bytes.NewBufferString("{")
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	for i, item := range items {
		if i > 0 {
			b.WriteByte(',')
		}
		name, value := member(item)
		b.Write(append(AppendString(nil, name), ':'))
		if err := enc.Encode(value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// WriteIndented writes v as indented JSON and a new line, without the escapes that are for HTML.
func WriteIndented(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
