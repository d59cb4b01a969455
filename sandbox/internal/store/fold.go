package store

import (
	"unicode"
	"unicode/utf8"
)

// plain are characters of Latin scripts without their accents.
var plain = func() map[rune]string {
	all := map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'ħ': "h", 'ı': "i", 'ŀ': "l", 'ŧ': "t"}
	for to, from := range map[string]string{
		"a": "àáâãäåāăąǎ", "c": "çćĉċč", "d": "ď", "e": "èéêëēĕėęě", "g": "ĝğġģ", "h": "ĥ", "i": "ìíîïĩīĭįǐ", "j": "ĵ", "k": "ķ", "l": "ĺļľ",
		"n": "ñńņňǹ", "o": "òóôõöōŏőǒ", "r": "ŕŗř", "s": "śŝşšș", "t": "ţťț", "u": "ùúûüũūŭůűųǔ", "w": "ŵ", "y": "ýÿŷ", "z": "źżž",
	} {
		for _, r := range from {
			all[r] = to
		}
	}
	return all
}()

// appendWords writes the words of a text in lower case and without accents, a space before each and one behind the last. A word is a
// run of letters and digits. Of a text without words, nothing is written.
func appendWords(b []byte, text string) []byte {
	within := false
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			i++
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			if is := 'a' <= c && c <= 'z' || '0' <= c && c <= '9'; !is {
				within = false
				continue
			}
			if !within {
				b, within = append(b, ' '), true
			}
			b = append(b, c)
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		if unicode.Is(unicode.Mn, r) { // an accent that stands alone
			continue
		}
		if !unicode.In(r, unicode.L, unicode.N) || r == utf8.RuneError {
			within = false
			continue
		}
		if !within {
			b, within = append(b, ' '), true
		}
		r = unicode.ToLower(r)
		if base, known := plain[r]; known {
			b = append(b, base...)
		} else {
			b = utf8.AppendRune(b, r)
		}
	}
	if n := len(b); n > 0 && b[n-1] != ' ' && b[n-1] != '\n' {
		b = append(b, ' ')
	}
	return b
}

// wordsOf is what appendWords writes.
func wordsOf(text string) string { return string(appendWords(nil, text)) }
