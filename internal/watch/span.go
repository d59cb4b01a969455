package watch

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// mood is how a text looks, as a terminal knows it.
type mood string

const (
	plain   mood = ""
	heavy   mood = "1"
	faint   mood = "2"
	bad     mood = "31"
	warning mood = "33"
)

// line is a line of texts, each in its mood.
type line []span

type span struct {
	text string
	how  mood
}

// fit is the line cut to a width.
func (l line) fit(width int, colours bool) string {
	var b strings.Builder
	for _, s := range l {
		text := clip(s.text, width)
		width -= utf8.RuneCountInString(text)
		if colours && s.how != plain && text != "" {
			text = "\x1b[" + string(s.how) + "m" + text + "\x1b[0m"
		}
		b.WriteString(text)
	}
	return strings.TrimRight(b.String(), " ")
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

// stack puts tables one below the other, with an empty row between two.
func stack(tables ...[]span) []span {
	all := tables[0]
	for _, t := range tables[1:] {
		all = append(append(all, span{}), t...)
	}
	return all
}

// beside puts columns of tables side by side.
func beside(columns ...[]span) []line {
	height := 0
	for _, c := range columns {
		height = max(height, len(c))
	}
	all := make([]line, height)
	for y := range all {
		for i, c := range columns {
			if i > 0 {
				all[y] = append(all[y], span{strings.Repeat(" ", gap), plain})
			}
			var cell span
			if y < len(c) {
				cell = c[y]
			}
			cell.text = fmt.Sprintf("%-*.*s", blockWidth, blockWidth, cell.text)
			all[y] = append(all[y], cell)
		}
	}
	return all
}
