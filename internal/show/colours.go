package show

import (
	"io"
	"os"
)

// Colours marks text for terminals, and leaves it alone everywhere else.
type Colours bool

// ColoursFor finds out whether w is a terminal that wants colours; see no-color.org.
func ColoursFor(w io.Writer) Colours {
	f, isFile := w.(*os.File)
	if !isFile || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return Colours(err == nil && info.Mode()&os.ModeCharDevice != 0)
}

// Good marks what is as it should be.
func (c Colours) Good(text string) string { return c.paint("32", text) }

// Bad marks what is not.
func (c Colours) Bad(text string) string { return c.paint("31", text) }

// Faint marks what matters less.
func (c Colours) Faint(text string) string { return c.paint("2", text) }

func (c Colours) paint(code, text string) string {
	if !c {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
