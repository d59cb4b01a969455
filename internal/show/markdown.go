package show

import (
	"regexp"
	"strings"
)

// markdownForm is what means something else than itself in a line or in a cell of a table.
var markdownForm = regexp.MustCompile("[\\\\`*_\\[\\]|#~$]")

// Markdown is text that means itself, in a line and in a cell of a table.
func Markdown(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r':
			return ' '
		case r < ' ':
			return -1
		}
		return r
	}, text)
	return strings.ReplaceAll(markdownForm.ReplaceAllString(text, `\$0`), "<", "&lt;")
}
