package signature

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"

	"github.com/google/uuid"
)

// Two of the four base64url digits that stand for three hexadecimal ones follow from the first
// two of these, and two from the last two.
var (
	leading  = digitPairs(func(pair []byte) []byte { return []byte{pair[0], pair[1], '0'} }, 0)
	trailing = digitPairs(func(pair []byte) []byte { return []byte{'0', pair[0], pair[1]} }, 2)
)

// digitPairs is, for each pair of hexadecimal digits, what base64url has at a place of a group
// that holds them.
func digitPairs(group func(pair []byte) []byte, at int) (pairs [256]uint16) {
	for b := range pairs {
		text := base64.RawURLEncoding.AppendEncode(nil, group(hex.AppendEncode(nil, []byte{byte(b)})))
		pairs[b] = binary.LittleEndian.Uint16(text[at:])
	}
	return pairs
}

// putID writes the base64url of an identifier, quoted and with a comma behind it, to dst: 52 bytes.
func putID(dst []byte, id uuid.UUID) {
	dst = dst[:52]
	high := func(i int) byte { return hexDigits[id[i]>>4] }
	low := func(i int) byte { return hexDigits[id[i]&15] }
	putGroup(dst, '"', high(0), low(0))
	putSix(dst[4:], id[1], id[2], id[3])
	putGroup(dst[12:], '-', high(4), low(4))
	putGroup(dst[16:], high(5), low(5), '-')
	putThree(dst[20:], id[6], id[7]>>4)
	putGroup(dst[24:], low(7), '-', high(8))
	putThree(dst[28:], id[8]<<4|id[9]>>4, id[9])
	putGroup(dst[32:], '-', high(10), low(10))
	putSix(dst[36:], id[11], id[12], id[13])
	putThree(dst[44:], id[14], id[15]>>4)
	putGroup(dst[48:], low(15), '"', ',')
}

// putHash writes the base64url of the hexadecimal digits of a hash, quoted, to dst: 88 bytes.
func putHash(dst []byte, hash *[32]byte) {
	dst = dst[:88]
	putGroup(dst, '"', hexDigits[hash[0]>>4], hexDigits[hash[0]&15])
	for i := 1; i < 31; i += 3 {
		putSix(dst[4+(i-1)/3*8:], hash[i], hash[i+1], hash[i+2])
	}
	putGroup(dst[84:], hexDigits[hash[31]>>4], hexDigits[hash[31]&15], '"')
}

const (
	hexDigits = "0123456789abcdef"
	digits    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
)

// putSix writes the base64url of the six hexadecimal digits of three bytes.
func putSix(dst []byte, a, b, c byte) {
	putThree(dst, a, b>>4)
	putThree(dst[4:], b<<4|c>>4, c)
}

// putThree writes the base64url of three hexadecimal digits: the two of first, and the low one of last.
func putThree(dst []byte, first, last byte) {
	binary.LittleEndian.PutUint32(dst, uint32(leading[first])|uint32(trailing[first<<4|last&15])<<16)
}

// putGroup writes the base64url of three bytes to dst.
func putGroup(dst []byte, a, b, c byte) {
	dst = dst[:4]
	dst[0], dst[1], dst[2], dst[3] = digits[a>>2], digits[(a<<4|b>>4)&63], digits[(b<<2|c>>6)&63], digits[c&63]
}
