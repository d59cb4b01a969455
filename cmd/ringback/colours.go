package main

import (
	"io"
	"os"
)

// colours marks text for terminals, and leaves it alone everywhere else.
type colours bool

// coloursFor finds out whether w is a terminal that wants colours; see no-color.org.
func coloursFor(w io.Writer) colours {
	f, isFile := w.(*os.File)
	if !isFile || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return colours(err == nil && info.Mode()&os.ModeCharDevice != 0)
}

func (c colours) good(text string) string  { return c.paint("32", text) }
func (c colours) bad(text string) string   { return c.paint("31", text) }
func (c colours) faint(text string) string { return c.paint("2", text) }

func (c colours) paint(code, text string) string {
	if !c {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
