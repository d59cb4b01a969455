package source

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/show"
)

// Problem is one thing wrong with a file.
type Problem struct {
	File string
	Pos
	What string // what is wrong and what was wanted
	Hint string // how to put it right, or ""
	Line string // the text of the line
}

// Error is one line, as editors and terminals know it: file:line:column: problem.
func (f *Problem) Error() string {
	const mostShown = 1000 // characters: a word of the file may be as long as the file
	return fmt.Sprintf("%s:%d:%d: %s", f.File, f.Pos.Line, f.Column, show.Clip(f.What, mostShown))
}

// Detail is Error, the line with a caret under the place, and the hint.
func (f *Problem) Detail() string {
	var b strings.Builder
	b.WriteString(f.Error())
	if strings.TrimSpace(f.Line) != "" {
		line, column := window(f.Line, f.Column)
		fmt.Fprintf(&b, "\n    %s\n    %s^", visible(line), margin(line, column))
	}
	if f.Hint != "" {
		b.WriteString("\n    hint: " + f.Hint)
	}
	return b.String()
}

// window cuts a long line to what stands around a column.
func window(line string, column int) (part string, at int) {
	const before, width = 60, 100
	runes := []rune(line)
	if len(runes) <= width+before {
		return line, column
	}
	from := max(0, min(column-before, len(runes)-width))
	part = string(runes[from:min(from+width, len(runes))])
	if from+width < len(runes) {
		part += "…"
	}
	if from > 0 {
		return "…" + part, column - from + 1
	}
	return part, column
}

// wide lists the scripts whose characters take two columns of a terminal.
var wide = []*unicode.RangeTable{unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana}

// margin is as wide as what stands before a column: tabs stay tabs, and wide characters
// leave a wide space.
func margin(line string, column int) string {
	var b strings.Builder
	for _, r := range line {
		if column--; column < 1 {
			break
		}
		switch {
		case r == '\t':
		case unicode.In(r, wide...):
			r = '\u3000'
		default:
			r = ' '
		}
		b.WriteRune(r)
	}
	return b.String()
}

// credentials are those of a URL.
var credentials = regexp.MustCompile(`://[^/?#@\s"'<>]+@`)

// visible keeps a hostile file from steering the terminal that shows its problems, and hides the credentials of URLs.
func visible(line string) string {
	line = credentials.ReplaceAllStringFunc(line, func(text string) string {
		return "://" + strings.Repeat("•", utf8.RuneCountInString(text)-len("://@")) + "@"
	})
	return strings.Map(func(r rune) rune {
		if r != '\t' && !unicode.IsPrint(r) {
			return '�'
		}
		return r
	}, line)
}

// Problems is everything wrong with a file, sorted by place.
type Problems []*Problem

// Error has one line per problem.
func (fs Problems) Error() string {
	return strings.Join(nearest.Names(fs, (*Problem).Error), "\n")
}

// Detail is the detail of every problem, one after the other.
func (fs Problems) Detail() string {
	return strings.Join(nearest.Names(fs, (*Problem).Detail), "\n")
}

// Unwrap lists the problems for errors.Is and errors.As.
func (fs Problems) Unwrap() []error {
	all := make([]error, len(fs))
	for i, f := range fs {
		all[i] = f
	}
	return all
}
