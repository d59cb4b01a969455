package jsontext

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Style is a lawful way to write JSON. The zero value is Compact.
type Style uint8

// The styles.
const (
	Compact   Style = iota
	Spaced          // a blank behind commas and colons
	Pretty          // a line for each member, indented
	Reordered       // members from the last to the first
	Escaped         // \u for the first character of each text and for what is not ASCII, \/ for slashes
	Newline         // a line break behind it
	NonASCII        // in the texts of description and reason
)

// Styles lists the names of the styles, in their order.
func Styles() []string {
	return []string{"compact", "spaced", "pretty", "reordered", "escaped", "newline", "non-ascii"}
}

// AppendStyled appends a JSON text in a style. What is no JSON in UTF-8 is appended as it is.
func AppendStyled(dst, text []byte, s Style) []byte {
	if s == Compact || !utf8.Valid(text) || !json.Valid(text) {
		return append(dst, text...)
	}
	w := styler{s, dst}
	w.value("", text, 0)
	if s == Newline {
		w.dst = append(w.dst, '\n')
	}
	return w.dst
}

// styler writes values, which are valid, in a style.
type styler struct {
	style Style
	dst   []byte
}

// value writes the value of the member with that name.
func (w *styler) value(name string, raw []byte, depth int) {
	switch raw = bytes.TrimSpace(raw); raw[0] {
	case '{':
		all := split(raw)
		if w.style == Reordered && !again(all) { // else the last one counts
			slices.Reverse(all)
		}
		w.list("{}", len(all), depth, func(i int) {
			name := unquoted(all[i].name)
			w.text(name)
			w.dst = append(w.dst, ':')
			if w.style == Spaced || w.style == Pretty {
				w.dst = append(w.dst, ' ')
			}
			w.value(name, all[i].value, depth+1)
		})
	case '[':
		items := split(raw)
		w.list("[]", len(items), depth, func(i int) { w.value("", items[i].value, depth+1) })
	case '"':
		text := unquoted(raw)
		if w.style == NonASCII && text != "" && (name == "description" || name == "reason") {
			text = strings.NewReplacer("a", "ä", "e", "é", "o", "ö").Replace(text) + " 📞"
		}
		w.text(text)
	default:
		w.dst = append(w.dst, raw...)
	}
}

// item is a member of an object, or an element of an array, which has no name.
type item struct{ name, value []byte }

// split parts an object or array, which is valid JSON.
func split(raw []byte) (all []item) {
	var it item
	depth, from, inText := 0, 1, false
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case inText && c == '\\':
			i++ // what follows ends no text
		case c == '"':
			inText = !inText
		case inText:
		case c == '{' || c == '[':
			depth++
		case c == ':' && depth == 1:
			it.name, from = bytes.TrimSpace(raw[from:i]), i+1
		case c == ',' && depth == 1, (c == '}' || c == ']') && depth == 1:
			if it.value = bytes.TrimSpace(raw[from:i]); len(it.value) > 0 { // else there is nothing between the brackets
				all = append(all, it)
			}
			from = i + 1
			if c != ',' {
				return all
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return all
}

// again reports whether two members have the same name.
func again(all []item) bool {
	seen := map[string]bool{}
	for _, it := range all {
		name := unquoted(it.name)
		if seen[name] {
			return true
		}
		seen[name] = true
	}
	return false
}

// unquoted is the text that a JSON string says.
func unquoted(raw []byte) (text string) {
	if !bytes.ContainsRune(raw, '\\') {
		return string(raw[1 : len(raw)-1])
	}
	_ = json.Unmarshal(raw, &text)
	return text
}

// list writes n things between brackets.
func (w *styler) list(brackets string, n, depth int, item func(i int)) {
	line := func(depth int) {
		if w.style == Pretty && n > 0 {
			w.dst = append(append(w.dst, '\n'), strings.Repeat("  ", depth)...)
		}
	}
	w.dst = append(w.dst, brackets[0])
	for i := range n {
		if i > 0 {
			w.dst = append(w.dst, ',')
			if w.style == Spaced {
				w.dst = append(w.dst, ' ')
			}
		}
		line(depth + 1)
		item(i)
	}
	line(depth)
	w.dst = append(w.dst, brackets[1])
}

func (w *styler) text(s string) {
	if w.style != Escaped {
		w.dst = AppendString(w.dst, s)
		return
	}
	w.dst = append(w.dst, '"')
	for i, r := range s {
		switch {
		case r == '/':
			w.dst = append(w.dst, `\/`...)
		case i == 0 || r >= utf8.RuneSelf:
			for _, unit := range utf16.AppendRune(nil, r) {
				w.dst = fmt.Appendf(w.dst, `\u%04x`, unit)
			}
		default:
			w.dst = AppendEscaped(w.dst, s[i:i+1])
		}
	}
	w.dst = append(w.dst, '"')
}
