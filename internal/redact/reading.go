package redact

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"strconv"
	"strings"
	"unicode/utf8"
)

// reading is what a text stands for in some encoding, or in none.
type reading struct {
	text  string
	depth int  // encodings that were taken off
	words bool // it is for people: a short secret can be told from the letters beside it
}

// How much is read of one text. JSON in JSON in an error of ours in quotation marks takes four; most texts have one reading.
const (
	maxDepth    = 5
	maxReadings = 200
)

// anyReading reports whether is holds for a text or for any of its readings.
func anyReading(text string, is func(reading) bool) bool {
	queue, seen := []reading{{text, 0, true}}, map[string]bool{text: true}
	for i := 0; i < len(queue); i++ {
		r := queue[i]
		if is(r) {
			return true
		}
		if r.depth == maxDepth {
			continue
		}
		for _, next := range decoded(r) {
			if next.text != "" && !seen[next.text] && len(queue) < maxReadings {
				seen[next.text] = true
				queue = append(queue, next)
			}
		}
	}
	return false
}

// decoded lists what a reading stands for in each encoding.
func decoded(r reading) (all []reading) {
	for _, decode := range []func(string) string{unpercent, unescape, unquote, html.UnescapeString, withoutZeros, withoutStrange, narrow} {
		if text := decode(r.text); text != r.text {
			all = append(all, reading{text, r.depth + 1, r.words})
		}
	}
	if text := withoutBlanks(r.text); text != r.text {
		all = append(all, reading{text, r.depth + 1, false})
	}
	for _, texts := range [][]string{unbase64(r.text), unbase32(r.text, r.words), unhex(r.text), unbits(r.text)} {
		for _, text := range texts {
			all = append(all, binary(text, r.depth+1))
			if letters := narrow(text); letters != text {
				all = append(all, binary(letters, r.depth+1))
			}
		}
	}
	return all
}

// binary is what bytes stand for: a text, or nothing that anybody would encode again.
func binary(text string, depth int) reading {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7f {
			return reading{text, maxDepth, false}
		}
	}
	if !utf8.ValidString(text) {
		depth = maxDepth
	}
	return reading{text, depth, utf8.ValidString(text)}
}

// unpercent decodes %41, as in URLs.
func unpercent(text string) string { return hexBehind(text, "%") }

// unquote decodes =41 and joins lines that end with =, as in emails.
func unquote(text string) string {
	if !strings.Contains(text, "=") {
		return text
	}
	return hexBehind(strings.NewReplacer("=\r\n", "", "=\n", "").Replace(text), "=")
}

// hexBehind replaces a mark and two hexadecimal digits by their byte.
func hexBehind(text, mark string) string {
	if !strings.Contains(text, mark) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == mark[0] && i+2 < len(text) {
			if n, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// escapes are the letters behind a backslash that stand for one character.
var escapes = strings.NewReplacer("n", "\n", "r", "\r", "t", "\t", "b", "\b", "f", "\f", "a", "\a", "v", "\v", "e", "\x1b")

// unescape decodes backslashes as JSON, JavaScript, Python, Go and shells write them.
func unescape(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		i++
		if size := number(&b, text[i:]); size > 0 {
			i += size - 1
			continue
		}
		b.WriteString(escapes.Replace(text[i : i+1]))
	}
	return b.String()
}

// number writes the character that stands behind a backslash as a number, and returns how long that was; 0: none does.
func number(b *strings.Builder, text string) int {
	digits, base, from := 0, 16, 1
	switch text[0] {
	case 'x':
		digits = 2
	case 'u':
		digits = 4
		if rest, braced := strings.CutPrefix(text, "u{"); braced {
			digits, from = max(0, strings.IndexByte(rest, '}')), 2
		}
	case 'U':
		digits = 8
	case '0', '1', '2', '3', '4', '5', '6', '7':
		digits, base, from = 1, 8, 0
		for digits < 3 && digits < len(text) && text[digits] >= '0' && text[digits] <= '7' {
			digits++
		}
	}
	if digits == 0 || from+digits > len(text) {
		return 0
	}
	n, err := strconv.ParseUint(text[from:from+digits], base, 21)
	if err != nil {
		return 0
	}
	if text[0] == 'u' || text[0] == 'U' {
		b.WriteRune(rune(n))
	} else {
		b.WriteByte(byte(n))
	}
	if from == 2 {
		digits++ // the brace
	}
	return from + digits
}

// withoutZeros reads a text of two or four bytes per character.
func withoutZeros(text string) string { return strings.ReplaceAll(text, "\x00", "") }

// withoutBlanks joins what lines were broken in, if anything is encoded by more than letters.
func withoutBlanks(text string) string {
	if !strings.ContainsAny(text, "\\%&=\n") {
		return text
	}
	return strings.Join(strings.Fields(text), "")
}

// withoutStrange leaves out what stands for bytes that are no UTF-8, and these bytes.
func withoutStrange(text string) string {
	if utf8.ValidString(text) && !strings.Contains(text, "\ufffd") {
		return text
	}
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\ufffd", ""), "")
}

// shortestRun is how many characters of Base64 or hexadecimal digits may stand for something.
const shortestRun = 4

// unbase64 decodes the runs of letters of either alphabet, from each character of the first four on: a run may have lost
// its beginning, or have another text before it. In paths, a slash is none of its letters.
func unbase64(text string) (all []string) {
	standard := toStandard.Replace(text)
	for _, letters := range []string{"+/", "+"} {
		if len(letters) == 1 && !strings.Contains(standard, "/") {
			break
		}
		for shift := range 4 {
			var joined []byte // what comes of the runs together: most of it is nothing
			for run := range strings.FieldsFuncSeq(standard, func(c rune) bool { return !isAlphanumeric(c) && !strings.ContainsRune(letters, c) }) {
				if len(run)-shift < shortestRun {
					continue
				}
				if run = run[shift:]; len(run)%4 == 1 {
					run = run[:len(run)-1]
				}
				from := len(joined)
				joined, _ = base64.RawStdEncoding.AppendDecode(joined, []byte(run))
				all = append(all, texts(joined[from:])...)
				joined = append(joined, separator)
			}
			all = append(all, string(joined))
		}
	}
	return all
}

// texts are stretches of bytes that may have been encoded as a text: all of them, or some that are too long for chance.
func texts(bytes []byte) (all []string) {
	const least = 6
	from := 0
	for i := 0; i <= len(bytes); i++ {
		if i < len(bytes) && (bytes[i] >= ' ' && bytes[i] < 0x7f || bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] == '\t') {
			continue
		}
		if i-from >= least || i > 1 && i-from == len(bytes) {
			all = append(all, string(bytes[from:i]))
		}
		from = i + 1
	}
	return all
}

// separator stands between what is decoded of different runs.
const separator = 0

var toStandard = strings.NewReplacer("-", "+", "_", "/")

// unhex decodes runs of hexadecimal digits, and lists of bytes as dumps and arrays have them: 73 33, 73:33, 0x73, 0x33,
// or in decimal [115, 51].
func unhex(text string) (all []string) {
	var hexes, tens bytesList
	for word := range strings.FieldsFuncSeq(text, func(c rune) bool { return !isAlphanumeric(c) }) {
		digits := strings.TrimPrefix(strings.TrimPrefix(word, "0x"), "0X")
		if len(digits) >= shortestRun {
			for shift := range 2 {
				even := digits[shift:]
				if bytes, err := hex.DecodeString(even[:len(even)/2*2]); err == nil {
					all = append(append(all, string(bytes)), texts(bytes)...)
				}
			}
		}
		hexes.next(number8(digits, 16, len(digits) == 2))
		tens.next(number8(word, 10, len(word) <= 8))
	}
	hexes.next(0, false)
	tens.next(0, false)
	return append(append(all, hexes.whole...), tens.whole...)
}

// number8 reads a byte, if a text has the length of one.
func number8(digits string, base int, is bool) (byte, bool) {
	if !is || digits[0] > '9' && base == 10 {
		return 0, false // without the error of strconv, which is memory
	}
	n, err := strconv.ParseUint(digits, base, 8)
	return byte(n), err == nil
}

// bytesList collects bytes that follow each other.
type bytesList struct {
	open  []byte
	whole []string
}

// next takes a byte, or what is none and ends the list.
func (l *bytesList) next(b byte, is bool) {
	if is {
		l.open = append(l.open, b)
		return
	}
	if len(l.open) >= 3 {
		l.whole = append(append(l.whole, string(l.open)), texts(l.open)...)
	}
	l.open = l.open[:0]
}

func isAlphanumeric(c rune) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// fold is a text with small letters. Bytes that are no UTF-8 stay as they are.
func fold(text string) string {
	large, beyond := false, false
	for i := 0; i < len(text); i++ {
		large = large || text[i] >= 'A' && text[i] <= 'Z'
		beyond = beyond || text[i] >= utf8.RuneSelf
	}
	switch {
	case beyond && utf8.ValidString(text):
		return strings.ToLower(text)
	case !large:
		return text
	}
	folded := []byte(text)
	for i, c := range folded {
		if c >= 'A' && c <= 'Z' {
			folded[i] = c + 'a' - 'A'
		}
	}
	return string(folded)
}

// squeeze is a folded text without all but letters and digits.
func squeeze(text string) string {
	letters := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if c := text[i]; c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			letters = append(letters, c)
		}
	}
	return string(letters)
}

// latin1 is bytes as a server shows them that takes each for a character.
func latin1(text string) string {
	runes := make([]rune, len(text))
	for i := range len(text) {
		runes[i] = rune(text[i])
	}
	return string(runes)
}
