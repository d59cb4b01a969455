package control

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/ringback/ringback/sandbox/internal/store"
)

// curl is a line for a POSIX shell that sends the same request again: the same headers in the
// same order, with the token of that attempt, and the same bytes.
func curl(url string, header store.Header, body []byte) string {
	var b strings.Builder
	data := "--data-raw " + quoted(string(body)) // which, unlike --data, reads no file for a first @
	if !plain(body) {
		b.WriteString("printf '" + octal(body) + "' | ")
		data = "--data-binary @-"
	}
	b.WriteString("curl --include --globoff --http1.1 --request POST " + quoted(url))
	given := map[string]bool{}
	for _, line := range header {
		name := strings.ToLower(line[0])
		given[name] = true
		switch name {
		case "host", "content-length", "connection", "transfer-encoding", "expect":
			continue // curl's own business
		}
		text := line[0] + ": " + line[1]
		if line[1] == "" {
			text = line[0] + ";" // so curl sends a header without a value
		}
		b.WriteString(" \\\n  --header " + quoted(oneLine(text)))
	}
	for _, name := range []string{"User-Agent", "Accept", "Content-Type"} {
		if !given[strings.ToLower(name)] { // what curl adds by itself
			b.WriteString(" \\\n  --header " + quoted(name+":"))
		}
	}
	b.WriteString(" \\\n  " + data)
	return b.String()
}

// quoted is s as one word of a POSIX shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// oneLine keeps what cannot be in a header out of one.
func oneLine(s string) string { return strings.NewReplacer("\r", "", "\n", "", "\x00", "").Replace(s) }

// plain tells whether a body survives a terminal: text without control characters but line ends
// and tabs.
func plain(body []byte) bool {
	return utf8.Valid(body) && !strings.ContainsFunc(string(body), func(c rune) bool {
		return c < ' ' && c != '\n' && c != '\t' || c == 0x7f
	})
}

// octal is a body as printf of any shell writes it.
func octal(body []byte) string {
	var b strings.Builder
	for _, c := range body {
		fmt.Fprintf(&b, `\%03o`, c)
	}
	return b.String()
}
