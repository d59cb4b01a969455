package control

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/signature"
)

// curl is a command for a POSIX shell that repeats a request: the same headers in the same order,
// with the token of that attempt, and the same bytes, also those that would not survive a terminal.
func curl(url string, header store.Header, body []byte) string {
	var b strings.Builder
	data := "--data-raw " + quoted(string(body)) // --data would read a file after a first @
	if !utf8.Valid(body) || bytes.ContainsFunc(body, func(c rune) bool { return c < ' ' && c != '\n' && c != '\t' || c == 0x7f }) {
		b.WriteString("printf '")
		for _, c := range body {
			fmt.Fprintf(&b, `\%03o`, c)
		}
		b.WriteString("' | ")
		data = "--data-binary @-"
	}
	b.WriteString("curl --include --globoff --http1.1 --request POST " + quoted(url))
	given := map[string]bool{}
	for _, line := range header {
		name := strings.ToLower(line[0])
		given[name] = true
		switch name {
		case "host", "content-length", "connection", "transfer-encoding", "expect":
			continue // curl writes them itself
		}
		text := line[0] + ": " + line[1]
		if line[1] == "" {
			text = line[0] + ";" // this way curl sends an empty header
		}
		b.WriteString(" \\\n  --header " + quoted(headerText.Replace(text)))
	}
	for _, name := range []string{"User-Agent", "Accept", "Content-Type"} {
		if !given[strings.ToLower(name)] { // curl would add them
			b.WriteString(" \\\n  --header " + quoted(name+":"))
		}
	}
	b.WriteString(" \\\n  " + data)
	return b.String()
}

// quoted makes s one word of a POSIX shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// headerText removes what a header must not contain.
var headerText = strings.NewReplacer("\r", "", "\n", "", "\x00", "")

// token is a decoded JWT. It is not verified: some are invalid on purpose.
type token struct {
	Header json.RawMessage `json:"header"`
	Claims json.RawMessage `json:"claims"`
}

// decoded is the token in the headers of an attempt, or nil.
func decoded(h store.Header) *token {
	i := slices.IndexFunc(h, func(line [2]string) bool { return strings.EqualFold(line[0], signature.HeaderName) })
	if i < 0 || len(h[i][1]) > signature.MaxHeaderLen {
		return nil
	}
	parts := strings.Split(strings.TrimPrefix(h[i][1], signature.BearerPrefix), ".")
	if len(parts) != 3 {
		return nil
	}
	if header, claims := object(parts[0]), object(parts[1]); header != nil && claims != nil {
		return &token{header, claims}
	}
	return nil
}

// object decodes a part of a token, or is nil.
func object(part string) json.RawMessage {
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil || !json.Valid(text) || !strings.HasPrefix(strings.TrimSpace(string(text)), "{") {
		return nil
	}
	return text
}
