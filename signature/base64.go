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
	text := [39]byte{0: '"', 9: '-', 14: '-', 19: '-', 24: '-', 37: '"', 38: ','}
	at := 1
	for i, b := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			at++
		}
		text[at], text[at+1] = hexDigits[b>>4], hexDigits[b&15]
		at += 2
	}
	dst = dst[:52]
	for from, to := 0, 0; to < len(dst); from, to = from+3, to+4 {
		putGroup(dst[to:], text[from], text[from+1], text[from+2])
	}
}

// putHash writes the base64url of the hexadecimal digits of a hash, quoted, to dst: 88 bytes.
func putHash(dst []byte, hash *[32]byte) {
	dst = dst[:88]
	putGroup(dst, '"', hexDigits[hash[0]>>4], hexDigits[hash[0]&15])
	at := 4
	for i := 1; i < 31; i += 3 {
		a, b, c := hash[i], hash[i+1], hash[i+2]
		put := dst[at : at+8]
		binary.LittleEndian.PutUint16(put, leading[a])
		binary.LittleEndian.PutUint16(put[2:], trailing[a<<4|b>>4])
		binary.LittleEndian.PutUint16(put[4:], leading[b<<4|c>>4])
		binary.LittleEndian.PutUint16(put[6:], trailing[c])
		at += 8
	}
	putGroup(dst[84:], hexDigits[hash[31]>>4], hexDigits[hash[31]&15], '"')
}

const (
	hexDigits = "0123456789abcdef"
	digits    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
)

// putGroup writes the base64url of three bytes to dst.
func putGroup(dst []byte, a, b, c byte) {
	dst = dst[:4]
	dst[0], dst[1], dst[2], dst[3] = digits[a>>2], digits[(a<<4|b>>4)&63], digits[(b<<2|c>>6)&63], digits[c&63]
}
