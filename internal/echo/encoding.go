package echo

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"mime/quotedprintable"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Encoding is a way in which a server repeats a text: escapes of its templates, dumps of its debuggers, values of headers, and what
// comes of two of these.
type Encoding struct {
	Name   string
	Encode func(string) string
}

// Encodings lists them all.
func Encodings() []Encoding {
	return []Encoding{
		{"as it is", func(s string) string { return s }},
		{"percent", url.QueryEscape},
		{"percent, in a path", url.PathEscape},
		{"percent, all", func(s string) string { return "%" + strings.Join(pairs(large(hexed(s))), "%") }},
		{"percent, all, small", func(s string) string { return "%" + strings.Join(pairs(hexed(s)), "%") }},
		{"percent, twice", func(s string) string { return url.QueryEscape(url.QueryEscape("/" + s + "%")) }},
		{"Base64", in64},
		{"Base64 of URLs", func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }},
		{"Base64 behind a letter", func(s string) string { return "x" + in64(s) }},
		{"Base64 of JSON", func(s string) string { return in64(`{"key":"` + s + `"}`) }},
		{"Base64 in lines", func(s string) string { return strings.Join(cut(in64(s), 76), "\r\n") }},
		{"Base64 of Base64", func(s string) string { return in64(in64(s)) }},
		{"Base64, percent", func(s string) string { return url.QueryEscape(in64(s)) }},
		{"Base64, hex", func(s string) string { return hexed(in64(s)) }},
		{"Base64 in a MIME word", func(s string) string { return "=?utf-8?B?" + in64(s) + "?=" }},
		{"hex", hexed},
		{"hex, large", func(s string) string { return large(hexed(s)) }},
		{"hex, with colons", func(s string) string { return strings.Join(pairs(hexed(s)), ":") }},
		{"hex, with 0x", func(s string) string { return "0x" + strings.Join(pairs(hexed(s)), ", 0x") }},
		{"a buffer of Node.js", func(s string) string { return "<Buffer " + strings.Join(pairs(hexed(s)), " ") + ">" }},
		{"a buffer as JSON", func(s string) string {
			return `{"type":"Buffer","data":` + strings.ReplaceAll(fmt.Sprint([]byte(s)), " ", ",") + "}"
		}},
		{"bytes of Go", func(s string) string { return fmt.Sprint([]byte(s)) }},
		{"bytes of Python", func(s string) string { return `b'\x` + strings.Join(pairs(hexed(s)), `\x`) + "'" }},
		{"octal", func(s string) string {
			return `\` + strings.ReplaceAll(strings.Trim(fmt.Sprintf("%03o", []byte(s)), "[]"), " ", `\`)
		}},
		{"a string of Go", strconv.Quote},
		{"JSON", inJSON},
		{"JSON of PHP", func(s string) string { return strings.ReplaceAll(s, "/", `\/`) }},
		{"JSON in ASCII", func(s string) string { return each(s, `\u%04x`) }},
		{"JSON in ASCII, large", func(s string) string { return each(s, `\u%04X`) }},
		{"JSON in JSON", func(s string) string { return inJSON(inJSON(s)) }},
		{"JavaScript", func(s string) string { return each(s, `\u{%x}`) }},
		{"HTML", html.EscapeString},
		{"HTML in numbers", func(s string) string { return each(s, "&#%d;") }},
		{"HTML in hex", func(s string) string { return each(s, "&#x%X;") }},
		{"HTML of JSON", func(s string) string { return html.EscapeString(inJSON(s)) }},
		{"quoted-printable", quotedPrintable},
		{"quoted-printable, all", func(s string) string { return "=" + strings.Join(pairs(large(hexed(s))), "=") }},
		{"large letters", large},
		{"UTF-16", inUTF16},
		{"lines", func(s string) string { return strings.Join(cut(s, 16), "\n ") }},
		{"Base32", in32},
		{"Base32, small, without padding", func(s string) string { return strings.ToLower(strings.TrimRight(in32(s), "=")) }},
		{"binary digits", func(s string) string { return strings.Trim(fmt.Sprintf("%08b", []byte(s)), "[]") }},
		{"binary digits in a row", func(s string) string {
			return strings.ReplaceAll(strings.Trim(fmt.Sprintf("%08b", []byte(s)), "[]"), " ", "")
		}},
		{"wide letters", wide},
		{"blanks for +", func(s string) string { return strings.ReplaceAll(s, "+", " ") }},
	}
}

func in32(s string) string  { return base32.StdEncoding.EncodeToString([]byte(s)) }
func in64(s string) string  { return base64.StdEncoding.EncodeToString([]byte(s)) }
func hexed(s string) string { return hex.EncodeToString([]byte(s)) }
func large(s string) string { return strings.ToUpper(s) }

func inJSON(s string) string {
	text, _ := json.Marshal(s) // a string always can be
	return string(text)
}

func pairs(digits string) []string { return cut(digits, 2) }

func cut(s string, n int) (all []string) {
	for len(s) > n {
		all, s = append(all, s[:n]), s[n:]
	}
	return append(all, s)
}

// each writes every character in a format.
func each(s, format string) string {
	var b strings.Builder
	for _, c := range s {
		fmt.Fprintf(&b, format, c)
	}
	return b.String()
}

func quotedPrintable(s string) string {
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	_, _ = w.Write([]byte(s)) // into memory
	_ = w.Close()
	return b.String()
}

// wide has letters as wide as those of East Asian scripts.
func wide(s string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r <= '~' {
			return r - '!' + '！'
		}
		return r
	}, s)
}

func inUTF16(s string) string {
	var b []byte
	for _, c := range utf16.Encode([]rune(s)) {
		b = append(b, byte(c), byte(c>>8))
	}
	return string(b)
}
