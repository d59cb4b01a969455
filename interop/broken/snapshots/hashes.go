package snapshots

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/ringback/ringback/internal/rulebook"
)

// hashes are mistakes in what is hashed, and how the hash is compared.
var hashes = []Row{
	{"hash-if-there-is-one", "compares payload_hash if the token has one", rulebook.CompareHash, func(c *consumer) {
		ok := c.proof.hash
		c.proof.hash = func(t *token, body []byte) bool {
			claim, _ := t.claims["payload_hash"].(string)
			return claim == "" || ok(t, body)
		}
	}},
	{"hash-starts-with", "accepts a beginning of the hash, as startsWith does", rulebook.CompareHash, func(c *consumer) {
		c.proof.hash = func(t *token, body []byte) bool {
			claim, is := t.claims["payload_hash"].(string)
			return is && strings.HasPrefix(hashOf(body), claim)
		}
	}},
	{"hash-of-64", "compares 64 characters and does not see what follows, as strncmp does", rulebook.CompareHash, func(c *consumer) {
		c.proof.hash = func(t *token, body []byte) bool {
			claim, _ := t.claims["payload_hash"].(string)
			return strings.HasPrefix(claim, hashOf(body))
		}
	}},
	{"length-of-the-hash", "checks that payload_hash looks like a hash, and not that it is the body's", rulebook.CompareHash, func(c *consumer) {
		c.proof.hash = func(t *token, _ []byte) bool {
			claim, _ := t.claims["payload_hash"].(string)
			return len(claim) == 64
		}
	}},
	{"json-stringify", "hashes JSON.stringify(request.body)", rulebook.HashRawBody, func(c *consumer) {
		c.hashing(func(body []byte) []byte { return again(body, javascript) })
	}},
	{"json-dumps", "hashes json.dumps(request.json) of Python", rulebook.HashRawBody, func(c *consumer) {
		c.hashing(func(body []byte) []byte { return again(body, python) })
	}},
	{"json-encode", "hashes json_encode(json_decode(...)) of PHP, with escaped slashes", rulebook.HashRawBody, func(c *consumer) {
		c.hashing(func(body []byte) []byte { return again(body, php) })
	}},
	{"system-text-json", "hashes what System.Text.Json writes, which escapes HTML and all but ASCII", rulebook.HashRawBody, func(c *consumer) {
		c.hashing(func(body []byte) []byte { return again(body, csharp) })
	}},
	{"trims", "trims the body before it hashes it", rulebook.HashRawBody, func(c *consumer) {
		c.hashing(bytes.TrimSpace)
	}},
	{"latin-1", "decodes the body as Latin-1 and hashes it as UTF-8", rulebook.HashRawBody, func(c *consumer) {
		c.hashing(func(body []byte) []byte {
			var out []rune
			for _, b := range body {
				out = append(out, rune(b))
			}
			return []byte(string(out))
		})
	}},
}

// hashing changes the body before it is hashed.
func (c *consumer) hashing(change func([]byte) []byte) {
	ok := c.proof.hash
	c.proof.hash = func(t *token, body []byte) bool { return ok(t, change(body)) }
}

// language is how a library writes JSON.
type language struct {
	comma, colon string
	escaped      func(rune) bool // as \u
	slash        bool            // with a backslash before it
	upper        bool            // digits of \u
}

var (
	javascript = language{",", ":", func(r rune) bool { return r < ' ' }, false, false}
	python     = language{", ", ": ", func(r rune) bool { return r < ' ' || r > '~' }, false, false}
	php        = language{",", ":", func(r rune) bool { return r < ' ' || r > '~' }, true, false}
	csharp     = language{",", ":", func(r rune) bool { return r < ' ' || r > '~' || strings.ContainsRune(`<>&'+"`, r) || r == '`' }, false, true}
)

// again reads JSON and writes it as a language does, members in their order. What is no JSON stays
// as it is.
func again(body []byte, l language) []byte {
	var b bytes.Buffer
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	type level struct {
		object bool
		n      int // names and values so far
	}
	levels := []level{{}}
	for {
		token, err := d.Token()
		if err == io.EOF {
			return b.Bytes()
		} else if err != nil {
			return body
		}
		if token == json.Delim('}') || token == json.Delim(']') {
			levels = levels[:len(levels)-1]
			fmt.Fprint(&b, token)
			continue
		}
		top := &levels[len(levels)-1]
		if top.object && top.n%2 == 1 {
			b.WriteString(l.colon)
		} else if top.n > 0 {
			b.WriteString(l.comma)
		}
		top.n++
		switch v := token.(type) {
		case json.Delim:
			fmt.Fprint(&b, v)
			levels = append(levels, level{object: v == '{'})
		case string:
			l.write(&b, v)
		case json.Number:
			if f, err := v.Float64(); err == nil {
				b.WriteString(strconv.FormatFloat(f, 'f', -1, 64)) // 1.0 becomes 1
			}
		case nil:
			b.WriteString("null")
		default:
			fmt.Fprint(&b, v)
		}
	}
}

// write writes a text.
func (l language) write(b *bytes.Buffer, text string) {
	short := map[rune]string{'\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '\\': `\\`}
	format := `\u%04x`
	if l.upper {
		format = `\u%04X`
	}
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case short[r] != "":
			b.WriteString(short[r])
		case r == '/' && l.slash:
			b.WriteString(`\/`)
		case l.escaped(r):
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(b, format, unit)
			}
		case r == '"':
			b.WriteString(`\"`)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
}
