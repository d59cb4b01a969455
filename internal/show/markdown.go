package show

import (
	"regexp"
	"strings"
)

// markdownForm is what means something else than itself in a line or in a cell of a table.
var markdownForm = regexp.MustCompile("[\\\\`*_\\[\\]|#~$]")

// Markdown is text that means itself, in a line and in a cell of a table. What acts unseen stands there as it is escaped.
func Markdown(text string) string {
	text = Visible(strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\t", " ").Replace(text))
	return strings.ReplaceAll(markdownForm.ReplaceAllString(text, `\$0`), "<", "&lt;")
}
