package watch

import (
	"strings"
	"unicode/utf8"
)

// mood is how a text looks.
type mood uint8

const (
	plain mood = iota
	heavy
	faint
	bad
	warning
)

// paint is text in its mood, as a terminal wants it.
func (m mood) paint(text string) string {
	if m == plain || text == "" {
		return text
	}
	return "\x1b[" + [...]string{heavy: "1", faint: "2", bad: "31", warning: "33"}[m] + "m" + text + "\x1b[0m"
}

// line is a line of texts, each in its mood.
type line []span

type span struct {
	text string
	how  mood
}

// fit is the line cut to a width.
func (l line) fit(width int, colours bool) string {
	var b strings.Builder
	for _, s := range l.cut(width, false) {
		if colours {
			b.WriteString(s.how.paint(s.text))
		} else {
			b.WriteString(s.text)
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// cut is the line cut to a width, and filled up to it if wanted.
func (l line) cut(width int, fill bool) line {
	var out line
	left := max(0, width)
	for _, s := range l {
		text := clip(s.text, left)
		left -= utf8.RuneCountInString(text)
		out = append(out, span{text, s.how})
	}
	if fill {
		out = append(out, span{strings.Repeat(" ", left), plain})
	}
	return out
}

// clip is the beginning of text that fits into a width. Control characters, which would
// move the cursor, are left out.
func clip(text string, width int) string {
	var b strings.Builder
	for _, r := range text {
		if r < ' ' || r == 0x7f {
			continue
		}
		if width--; width < 0 {
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}

// stack puts tables one below the other, with an empty line between two.
func stack(blocks ...[]line) []line {
	var all []line
	for i, b := range blocks {
		if i > 0 {
			all = append(all, nil)
		}
		all = append(all, b...)
	}
	return all
}

// beside puts columns side by side.
func beside(columns ...[]line) []line {
	height := 0
	for _, c := range columns {
		height = max(height, len(c))
	}
	all := make([]line, height)
	for i, c := range columns {
		for y := range all {
			var part line
			if y < len(c) {
				part = c[y]
			}
			if i > 0 {
				all[y] = append(all[y], span{strings.Repeat(" ", gap), plain})
			}
			all[y] = append(all[y], part.cut(blockWidth, i < len(columns)-1)...)
		}
	}
	return all
}
