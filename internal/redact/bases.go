package redact

import (
	"encoding/base32"
	"iter"
	"strings"
)

// How long a run of digits of Base32 is that may have lost its beginning, or have another text before it; and that no word is.
const (
	longRun32 = 16
	noWord32  = 16
)

// unbase32 decodes the runs of capital letters, and those of small ones that are no words. Where words were joined, these have digits.
func unbase32(text string, words bool) (all []string) {
	for run := range runsOf(text, &capital32, shortestRun) {
		all = append(all, decode32(run)...)
	}
	for run := range runsOf(text, &small32, shortestRun) {
		if words && len(run) >= noWord32 || strings.ContainsAny(run, "234567") {
			all = append(all, decode32(strings.ToUpper(run))...)
		}
	}
	return all
}

// bytesOf is a set of the characters of a text.
func bytesOf(text string) (set [256]bool) {
	for i := range len(text) {
		set[text[i]] = true
	}
	return set
}

var (
	capital32  = bytesOf("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
	small32    = bytesOf("abcdefghijklmnopqrstuvwxyz234567")
	zeroAndOne = bytesOf("01")
)

// runsOf are the runs of some characters that are so long at the least.
func runsOf(text string, of *[256]bool, least int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for from, i := 0, 0; i <= len(text); i++ {
			if i < len(text) && of[text[i]] {
				continue
			}
			if i-from >= least && !yield(text[from:i]) {
				return
			}
			from = i + 1
		}
	}
}

func decode32(run string) (all []string) {
	for shift := 0; shift == 0 || shift < 8 && len(run) >= longRun32; shift++ {
		digits := run[shift:]
		if n := len(digits) % 8; n == 1 || n == 3 || n == 6 { // no byte ends there
			digits = digits[:len(digits)-1]
		}
		bytes, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(digits)
		if few := len(bytes) < 4; err == nil && !(few && strings.ContainsFunc(string(bytes), func(c rune) bool { return !isAlphanumeric(c) })) { // short words are capital often
			all = append(append(all, string(bytes)), texts(bytes)...)
		}
	}
	return all
}

// unbits decodes bytes of eight binary digits in a row, and lists of them, whose zeros in front may be missing.
func unbits(text string) (all []string) {
	const letter = 6 // digits of a character at the least
	var list []byte
	for run := range runsOf(text, &zeroAndOne, letter) {
		if len(run) <= 8 {
			list = append(list, byteOf(run))
		}
		for shift := 0; shift < 8 && len(run)-shift >= 16; shift++ {
			var bytes []byte
			for rest := run[shift:]; len(rest) >= 8; rest = rest[8:] {
				bytes = append(bytes, byteOf(rest[:8]))
			}
			all = append(append(all, string(bytes)), texts(bytes)...)
		}
	}
	if len(list) < 3 {
		return all
	}
	return append(append(all, string(list)), texts(list)...)
}

// byteOf is the number that up to eight binary digits are.
func byteOf(digits string) (n byte) {
	for i := range len(digits) {
		n = n<<1 | digits[i]&1
	}
	return n
}

// narrow reads the wide letters of East Asian texts as those of ASCII.
func narrow(text string) string {
	if !strings.Contains(text, "\xef\xbc") && !strings.Contains(text, "\xef\xbd") { // with which they all begin
		return text
	}
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		return r
	}, text)
}
