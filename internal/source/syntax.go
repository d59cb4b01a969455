package source

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// lineEnd is where YAML ends lines.
var lineEnd = regexp.MustCompile("\r\n|[\r\n\u0085\u2028\u2029]")

const (
	aliased = "YAML aliases (*…) are not supported" // the name may be a secret without quotes
	hint    = "write it out, or use repeat or a parameter; a text that begins with * or & needs quotes"
)

// readable refuses, with their places, the characters that YAML forbids; its library
// only says that there are some.
func (f *File) readable() bool {
	for i, line := range f.lines {
		column := 0
		for at, r := range line {
			column++
			_, size := utf8.DecodeRuneInString(line[at:])
			switch {
			case r == utf8.RuneError && size == 1:
				f.Errorf(Pos{i + 1, column}, "the byte %#x is not UTF-8", line[at]).Hint = "save the file as UTF-8"
				return false
			case r < ' ' && r != '\t', r >= 0x7f && r < 0xa0, r == 0xfeff, r == 0xfffe, r == 0xffff:
				f.Errorf(Pos{i + 1, column}, "the control character %U is not allowed", r).Hint = `write it as an escape in double quotes, or take it out`
				return false
			}
		}
	}
	return true
}

var (
	lineNumber    = regexp.MustCompile(`line (\d+): `)
	unknownAnchor = regexp.MustCompile(`^unknown anchor '(.+)' referenced$`)
)

// early lists the errors for which the YAML library names the line before the one it
// means, since it counts those from 0.
var early = []string{"<stream-start>", "<document start>", "node content", "'-' indicator", "key", "',' or ']'", "',' or '}'"}

// syntax records an error of the YAML library, which names a line at best, and sometimes
// one beyond the end.
func (f *File) syntax(err error) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if m := unknownAnchor.FindStringSubmatch(text); m != nil {
		f.Errorf(f.find("*"+m[1]), aliased).Hint = hint
		return
	}
	at := Pos{1, 1}
	if m := lineNumber.FindStringSubmatchIndex(text); m != nil {
		n, _ := strconv.Atoi(text[m[2]:m[3]]) // digits by the expression; too many give 0
		text = text[:m[0]] + text[m[1]:]
		if what, found := strings.CutPrefix(text, "did not find expected "); found && slices.Contains(early, what) {
			n++
		}
		at.Line = max(1, min(n, len(f.lines)))
	}
	for at.Line > 1 && strings.TrimSpace(f.lines[at.Line-1]) == "" {
		at.Line-- // what is missing is missed behind the last word
	}
	at.Column += len(indent(f.lines[at.Line-1]))
	if strings.Contains(text, "tab character") { // the line named is the one before, or where the block began
		if i := slices.IndexFunc(f.lines[at.Line-1:], func(l string) bool { return strings.Contains(indent(l), "\t") }); i >= 0 {
			at.Line += i
			at.Column = 1 + len(indent(f.lines[at.Line-1]))
		}
	}
	f.Errorf(at, "not YAML: %s", text).Hint = advice(text)
}

// indent is what stands before the first word of a line.
func indent(line string) string { return line[:len(line)-len(strings.TrimLeft(line, " \t"))] }

// advice says in the words of a writer what the YAML library says in those of a parser.
func advice(text string) string {
	switch {
	case strings.Contains(text, "tab character"):
		return "indent with spaces, not tabs"
	case strings.Contains(text, "cannot start any token"):
		return "indent with spaces, not tabs; put texts that begin with %, @ or ` in quotes"
	case strings.Contains(text, "mapping values are not allowed"):
		return "put texts that have a colon and a space in them in quotes"
	case strings.Contains(text, "unexpected end of stream"):
		return "a quote that is opened here is never closed"
	case strings.Contains(text, "',' or"):
		return "a bracket or brace that is opened here is never closed, or a comma is missing"
	case strings.Contains(text, "expected ':'"):
		return "a key needs a colon and a space behind it"
	case strings.Contains(text, "expected key"), strings.Contains(text, "'-' indicator"):
		return "the indentation does not fit the lines before"
	}
	return ""
}

// find is the first place of a text, or the first of the file.
func (f *File) find(text string) Pos {
	for i, line := range f.lines {
		if before, _, found := strings.Cut(line, text); found {
			return Pos{i + 1, utf8.RuneCountInString(before) + 1}
		}
	}
	return Pos{1, 1}
}
