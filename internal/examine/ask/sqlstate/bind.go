package sqlstate

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ringback/ringback/internal/nearest"
)

// parameter stands in queries for the identifier of a conversation.
const parameter = "conversation"

// bind writes a query with the markers of the database in the place of the parameter, and counts the
// values to bind. Texts, names in quotes and comments are left alone.
func (d *dialect) bind(query string) (text string, params int, err error) {
	var out strings.Builder
	n := 0
	for rest := query; rest != ""; {
		size := d.untouched(rest, out.String())
		if size == 0 && rest[0] == ':' {
			name := word(rest[1:])
			switch {
			case name == parameter:
				out.WriteString(d.marker)
				rest, n = rest[1+len(name):], n+1
				continue
			case nearest.Word(name, []string{parameter}) != "", strings.EqualFold(name, parameter):
				return "", 0, fmt.Errorf("unknown parameter :%s (did you mean :%s?)", name, parameter)
			}
		}
		if size == 0 {
			_, size = utf8.DecodeRuneInString(rest)
		}
		out.WriteString(rest[:size])
		rest = rest[size:]
	}
	switch {
	case strings.TrimSpace(query) == "":
		return "", 0, errors.New("it is empty")
	case n == 0:
		return "", 0, fmt.Errorf("it has no :%s in it, which stands for the conversation that is asked for", parameter)
	case d.marker != "?": // the same value at each marker
		n = 1
	}
	return out.String(), n, nil
}

// untouched is how long the text, name, comment or cast is that a query begins with; 0: it is none.
// Before is what stands before it.
func (d *dialect) untouched(q, before string) int {
	has := func(start string) bool { return strings.HasPrefix(q, start) }
	switch {
	case has("'"):
		letter := strings.HasSuffix(strings.ToUpper(before), "E") && len(word(before[max(0, len(before)-2):])) < 2
		return quoted(q, '\'', d.escapes || d.dollars && letter)
	case has(`"`):
		return quoted(q, '"', d.escapes)
	case has("`"):
		return quoted(q, '`', false)
	case d.brackets && has("["):
		return until(q, 1, "]")
	case has("--"), d.hash && has("#"):
		return until(q, 1, "\n")
	case has("/*"):
		return until(q, 2, "*/")
	case has("::"):
		return 2 + len(word(q[2:]))
	case d.dollars && has("$"):
		if tag := word(q[1:]); strings.HasPrefix(q[1+len(tag):], "$") && (tag == "" || !unicode.IsDigit(rune(tag[0]))) {
			return until(q, len(tag)+2, "$"+tag+"$")
		}
	}
	return 0
}

// until is how long a text is up to and with an end that is looked for behind so many bytes.
func until(q string, from int, end string) int {
	if i := strings.Index(q[from:], end); i >= 0 {
		return from + i + len(end)
	}
	return len(q)
}

// quoted is how long a text in quotes is. A quote in it is written twice.
func quoted(q string, quote byte, escapes bool) int {
	for i := 1; i < len(q); i++ {
		switch {
		case escapes && q[i] == '\\':
			i++
		case q[i] == quote && i+1 < len(q) && q[i+1] == quote:
			i++
		case q[i] == quote:
			return i + 1
		}
	}
	return len(q)
}

// word is the letters, digits and underscores that a text begins with.
func word(text string) string {
	end := strings.IndexFunc(text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if end < 0 {
		return text
	}
	return text[:end]
}
