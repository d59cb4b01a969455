package redact

import (
	"math/bits"
	"strings"
	"unicode/utf8"
)

// index finds out whether a text holds a secret, or so much of one that it can be told.
type index struct {
	written  grams             // as secrets are written, but for upper case
	squeezed grams             // letters and digits alone, since lines are folded and + becomes a blank
	heads    grams             // beginnings of secrets, with which a text ends that was cut
	tails    grams             // ends of secrets, with which it goes on behind a mark
	short    []string          // up to mostShort bytes: words of a text
	names    *strings.Replacer // takes out what is shown anyway
}

// How much of a secret is searched for.
const (
	mostShort   = 3 // bytes of secrets that must stand by themselves: every text has some such letters
	longestGram = 8 // bytes of a secret, anywhere in a text
	shownEnd    = 4 // bytes of a secret that stand where a text was cut
)

// gramOf is how many bytes of a secret in a row give it away.
func gramOf(length int) int {
	if length < 6 {
		return length
	}
	return min(longestGram, max(shownEnd, length*2/3))
}

func (x *index) fill(secrets []string) {
	for _, secret := range secrets {
		for _, text := range spellings(secret) {
			if len(text) <= mostShort {
				x.short = append(x.short, text)
				continue
			}
			x.written.add(text, gramOf(len(text)), 1)
			if letters := squeeze(text); len(letters) >= longestGram || len(letters) > shownEnd && !utf8.ValidString(secret) {
				x.squeezed.add(letters, min(longestGram, len(letters)), 1)
			}
			for n := shownEnd; n < min(longestGram, len(text)-1); n++ {
				x.heads.add(text[:n], n, 1)
				x.tails.add(text[len(text)-n:], n, 1)
			}
		}
	}
}

// spellings are a secret in lower case, and as a server shows bytes that are no UTF-8: each as a character, or only those that are one.
func spellings(secret string) []string {
	all := []string{fold(secret)}
	if !utf8.ValidString(secret) {
		all = append(all, fold(latin1(secret)))
		if left := strings.ToValidUTF8(secret, ""); len(left) > mostShort {
			all = append(all, fold(left))
		}
	}
	return all
}

// tells reports whether a text, or what it stands for in some encoding, holds a secret or a part of a token. Sent are
// tokens that the text may repeat. Without short, the shortest secrets are not looked for.
func (x *index) tells(text string, short bool, sent []string) bool {
	var tokens grams
	for _, token := range sent {
		tokens.add(fold(token), sentGram, sentGram)
	}
	return anyReading(text, func(r reading) bool {
		if r.depth > 0 && longToken.MatchString(r.text) {
			return true
		}
		folded := fold(r.text)
		return x.written.in(folded) || x.squeezed.lengths != 0 && x.squeezed.in(squeeze(folded)) ||
			r.words && (short && x.shortIn(folded) || x.cutIn(folded)) || tokens.in(folded)
	})
}

// sentGram is how much of a token is compared, at each multiple of that length: no 11 characters of it go unseen.
const sentGram = 6

// shortIn reports whether a short secret is a word of a text.
func (x *index) shortIn(text string) bool {
	if len(x.short) > 0 {
		text = x.names.Replace(text)
	}
	for _, word := range x.short {
		for from := 0; ; {
			i := strings.Index(text[from:], word)
			if i < 0 {
				break
			}
			from += i + 1
			end := from - 1 + len(word)
			if (from < 2 || !inWord(text[from-2])) && (end == len(text) || !inWord(text[end])) {
				return true
			}
		}
	}
	return false
}

// inWord reports whether a byte belongs to a word.
func inWord(c byte) bool { return isAlphanumeric(rune(c)) || c >= utf8.RuneSelf }

// cutIn reports whether a text ends as a secret begins, or does so before a mark that something was left out, or
// begins as a secret ends behind such a mark.
func (x *index) cutIn(text string) bool {
	if x.heads.lengths == 0 {
		return false
	}
	pieces := strings.FieldsFunc(strings.ReplaceAll(text, "...", "…"), func(c rune) bool { return c == '…' || c == '*' })
	for i, piece := range pieces {
		if i == len(pieces)-1 {
			piece = strings.TrimRight(piece, " \t\r\n\"'}])>")
		}
		for n := shownEnd; n < longestGram && n <= len(piece); n++ {
			if x.heads.has(piece[len(piece)-n:]) || i > 0 && x.tails.has(piece[:n]) {
				return true
			}
		}
	}
	return false
}

// grams are parts of secrets, each at least 4 bytes long.
type grams struct {
	heads   [256]uint64 // a bit for each hash of the first 4 bytes
	parts   map[string]struct{}
	lengths uint16 // a bit for each length that there is
}

// add adds the parts of so many bytes that begin at each step.
func (g *grams) add(text string, length, step int) {
	if g.parts == nil {
		g.parts = map[string]struct{}{}
	}
	for i := 0; i+length <= len(text); i += step {
		part := text[i : i+length]
		h := head(part)
		g.heads[h>>6] |= 1 << (h & 63)
		g.parts[part] = struct{}{}
		g.lengths |= 1 << length
	}
}

// head is a hash of the first 4 bytes, of 14 bits.
func head(text string) uint32 {
	four := uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16 | uint32(text[3])<<24
	return four * 2654435761 >> 18
}

// in reports whether a text has one of the parts.
func (g *grams) in(text string) bool {
	if g.lengths == 0 {
		return false
	}
	for i := 0; i+4 <= len(text); i++ {
		h := head(text[i:])
		if g.heads[h>>6]&(1<<(h&63)) == 0 {
			continue
		}
		for left := g.lengths; left != 0; left &= left - 1 {
			n := bits.TrailingZeros16(left)
			if i+n <= len(text) && g.has(text[i:i+n]) {
				return true
			}
		}
	}
	return false
}

func (g *grams) has(part string) bool {
	_, is := g.parts[part]
	return is
}
