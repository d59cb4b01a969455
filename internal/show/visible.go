package show

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Visible is a text in which nothing acts on a terminal, an editor or a browser unseen: control characters, those that change
// the direction of text, and others that are not drawn, stand there as JSON escapes them, and bytes that are no UTF-8 as \xNN. Line
// breaks and tabs stay.
func Visible(text string) string {
	if isVisible(text) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case drawn(r):
			b.WriteString(text[i : i+n])
		case r > 0xffff:
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		i += n
	}
	return b.String()
}

// isVisible reports whether Visible changes nothing.
func isVisible(text string) bool {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < ' ' && c != '\n' && c != '\t' || c == 0x7f || c >= utf8.RuneSelf {
			return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !drawn(r) })
		}
	}
	return true
}

// drawn reports whether a character is seen, or only leaves room. Blanks of every width do; those that join letters of some scripts
// belong to what is seen.
func drawn(r rune) bool {
	const joiner, nonJoiner, byteOrder = '\u200d', '\u200c', '\ufeff'
	return r == '\n' || r == '\t' || unicode.IsPrint(r) || unicode.Is(unicode.Zs, r) || r == joiner || r == nonJoiner || r == byteOrder || unicode.Is(unicode.Co, r)
}

// readable passes on what is written to it as Visible shows it.
type readable struct {
	to io.Writer

	mu   sync.Mutex
	rest []byte // the beginning of a character, or of what is our own
}

// Readable returns a writer of texts for people: what Visible hides is hidden, but for what Colours paint, and ClearLine. Whole
// characters are passed on at once; the rest of one waits for the next call.
func Readable(to io.Writer) io.Writer { return &readable{to: to} }

// own begins what this program itself does to a terminal beside writing, up to the writer that Readable returns, which makes it a
// control sequence. Nobody else can: it differs from one process to the next.
var own = "\x1b" + rand.Text()

// ClearLine begins the line again that shows how far something has come. It is for writers that Readable returned.
var ClearLine = "\r" + own + "[K"

var (
	ours    = regexp.MustCompile("\r?" + own + `\[[0-9]*[mK]`)
	unended = regexp.MustCompile("\r?" + own + `\[?[0-9]{0,2}$`)
)

// Write passes on p, and says that all of it was written unless there is an error.
func (r *readable) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	text := p
	if len(r.rest) > 0 {
		text = append(r.rest, p...)
	}
	whole := len(text) - unfinished(text)
	r.rest = append([]byte(nil), text[whole:]...)
	text = text[:whole]
	if !isVisible(string(text)) {
		var b strings.Builder
		last := 0
		for _, at := range ours.FindAllIndex(text, -1) {
			b.WriteString(Visible(string(text[last:at[0]])))
			b.WriteString(strings.Replace(string(text[at[0]:at[1]]), own, "\x1b", 1))
			last = at[1]
		}
		b.WriteString(Visible(string(text[last:])))
		text = []byte(b.String())
	}
	if _, err := r.to.Write(text); err != nil {
		return 0, err
	}
	return len(p), nil
}

// unfinished is how many bytes at the end are the beginning of a character, or of what is our own.
func unfinished(text []byte) int {
	if n := len(text); n > 0 && text[n-1] != '\r' && bytes.IndexByte(text[max(0, n-2*len(own)):], own[0]) < 0 {
		return unfinishedCharacter(text)
	}
	if at := unended.FindIndex(text[max(0, len(text)-2*len(own)):]); at != nil {
		return at[1] - at[0]
	}
	for n := min(len(own), len(text)); n > 0; n-- {
		if bytes.HasSuffix(text, []byte(ClearLine[:n])) || bytes.HasSuffix(text, []byte(own[:n])) {
			return n
		}
	}
	return unfinishedCharacter(text)
}

// unfinishedCharacter is how many bytes at the end are the beginning of a character.
func unfinishedCharacter(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if c := text[len(text)-n]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(text[len(text)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}

// File is the file behind it, for those who ask whether it is a terminal.
func (r *readable) File() *os.File { return FileOf(r.to) }
