// Package jsontext writes JSON that encoding/json does not. Texts and members come in; JSON
// comes out, with as few escapes as JSON allows, and with members in the order given. It
// promises valid JSON whatever a text holds, and strings without an allocation beyond the
// destination's. It reads the
// members of a body, each with what kind of value it is, and no more.
package jsontext

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/ringback/ringback/internal/show"
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
			from := i
			for i++; i < len(s) && s[i] >= ' ' && s[i] < utf8.RuneSelf && s[i] != '"' && s[i] != '\\'; i++ {
			}
			dst = append(dst, s[from:i]...)
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

// WriteIndented writes v as indented JSON and a new line, without the escapes that are for HTML, but with those for characters
// that act on a terminal or an editor unseen.
func WriteIndented(w io.Writer, v any) error {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(w, show.Visible(text.String()))
	return err
}

// Member is one name and value of an object.
type Member struct {
	Name  string
	Value json.RawMessage
	Again bool // an earlier member has the same name
}

// Members lists those of the JSON object that a body must be, in its own order. The error says
// why the body is none, and repeats nothing of it, since it may hold a secret.
func Members(body []byte) (all []Member, err error) {
	switch text := bytes.TrimSpace(body); {
	case !utf8.Valid(body):
		return nil, errors.New("the body is not UTF-8")
	case len(text) == 0:
		return nil, errors.New("the body is missing; send a JSON object")
	}
	if wrong, is := errors.AsType[*SyntaxError](Check(body)); is {
		wrong.Got = ""
		return nil, fmt.Errorf("the body is not JSON: %w", wrong)
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if open, _ := d.Token(); open != json.Delim('{') {
		return nil, errors.New("the body must be a JSON object")
	}
	seen := make(map[string]bool)
	for d.More() {
		var m Member
		name, _ := d.Token() // never fails: the body is JSON
		m.Name, _ = name.(string)
		_ = d.Decode(&m.Value)
		m.Again = seen[m.Name]
		seen[m.Name] = true
		all = append(all, m)
	}
	return all, nil
}
