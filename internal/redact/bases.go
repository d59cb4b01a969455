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

// base85 is an alphabet of 85 digits, of which five stand for four bytes.
type base85 struct {
	digits string
	values [256]byte // 85 for what is no digit
}

// The alphabets of Ascii85 and of RFC 1924, which git and Python have.
var bases85 = [...]*base85{
	newBase85("!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstu"),
	newBase85("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"),
}

func newBase85(digits string) *base85 {
	b := &base85{digits: digits}
	for i := range b.values {
		b.values[i] = 85
	}
	for i := range len(digits) {
		b.values[digits[i]] = byte(i)
	}
	return b
}

// The first digit of four bytes that are printed is one of these.
const (
	firstPrinted = ' ' << 24 / (85 * 85 * 85 * 85)
	lastPrinted  = '~'<<24/(85*85*85*85) + 1
)

// least85 is how many printed bytes five digits each have to stand for: fewer are found in other texts by chance.
const least85 = 12

// unbase85 decodes what stands for printed bytes, wherever it begins.
func unbase85(text string) (all []string) {
	for _, base := range bases85 {
		for shift := range 5 {
			var open []byte
			for i := shift; i+5 <= len(text); i += 5 {
				if first := base.values[text[i]]; first >= firstPrinted && first <= lastPrinted {
					if n := len(open); base.decode(&open, text[i:i+5]) || n == 0 {
						continue
					}
				}
				if len(open) >= least85 {
					all = append(all, string(open))
				}
				open = open[:0]
			}
			if len(open) >= least85 {
				all = append(all, string(open))
			}
		}
	}
	return all
}

// decode appends the four bytes that five digits stand for, if all of them are printed.
func (b *base85) decode(to *[]byte, digits string) bool {
	n := uint64(0)
	for i := range 5 {
		v := b.values[digits[i]]
		if v == 85 {
			return false
		}
		n = n*85 + uint64(v)
	}
	for shift := 24; shift >= 0; shift -= 8 {
		if c := byte(n >> shift); c < ' ' || c > '~' {
			return false
		}
	}
	*to = append(*to, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	return n < 1<<32
}

// encode is what bytes are in the alphabet.
func (b *base85) encode(bytes string) string {
	var text []byte
	for ; bytes != ""; bytes = bytes[min(4, len(bytes)):] {
		n := uint32(0)
		for i := range 4 {
			if n <<= 8; i < len(bytes) {
				n |= uint32(bytes[i])
			}
		}
		var five [5]byte
		for i := 4; i >= 0; i-- {
			five[i], n = b.digits[n%85], n/85
		}
		text = append(text, five[:min(4, len(bytes))+1]...)
	}
	return string(text)
}

// in85 are the forms of a secret that unbase85 does not find: it is short, or no text. It may begin at each byte of four.
func in85(secret string) (all []string) {
	if len(secret) >= least85 && strings.Trim(secret, printed) == "" || len(secret) <= mostShort {
		return nil
	}
	for _, base := range bases85 {
		all = append(all, base.encode(secret))
		for skip := 1; skip < 4 && len(secret)-skip >= longestGram; skip++ {
			all = append(all, base.encode(secret[skip:len(secret)-(len(secret)-skip)%4]))
		}
	}
	return all
}

// printed are the characters of ASCII that are seen, and the blank.
var printed = func() string {
	var b strings.Builder
	for c := byte(' '); c <= '~'; c++ {
		b.WriteByte(c)
	}
	return b.String()
}()

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
