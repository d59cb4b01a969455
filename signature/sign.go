// Package signature signs and verifies the tokens that travel in the Vonage-Signature
// header of a notification.
//
// A secret, the raw bytes of a body and the present moment come in; a token, or the
// verdict on one, goes out. The package promises tokens of the documented form, a JWT
// signed with HS256 whose payload_hash claim is the lower-case hexadecimal SHA-256 of the
// body, and verdicts that tell every way of being wrong apart, reached in constant time
// wherever a secret is compared. It never reads a clock, accepts another algorithm, shows
// a secret unasked or opens a connection.
package signature

import (
	crand "crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// HeaderName is the name of the HTTP header that carries the token.
const HeaderName = "Vonage-Signature"

// BearerPrefix stood before the token in the vendor's consumer sample before October 2024,
// and is the other value of assumption signature-prefix. [Sign] never writes it and
// [Verify] never accepts it: who wants it puts it on, and cuts it off, with this constant.
const BearerPrefix = "Bearer "

// Lifetime is how long a token lives. A token is good from the moment of signing until the
// moment before its exp claim, which is iat + 300: at exp itself it is already refused, as
// the npm package jsonwebtoken does. Since iat has whole seconds, rounded down, a token lives
// more than 299 and at most 300 seconds.
const Lifetime = 300 * time.Second

// issuer is the iss claim of every token; by assumption, since no public page shows one.
const issuer = "Vonage"

// tokenStart is {"alg":"HS256","typ":"JWT"} in base64url, and the dot after it.
const tokenStart = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."

// Sign returns a token for body, signed with secret, issued at now and good for [Lifetime].
// Every call gives another token, because the jti claim is a new random UUID. Who signs
// many bodies keeps a [Signer].
func Sign(secret Secret, body []byte, now time.Time) string {
	return string(NewSigner(secret).Append(nil, body, now))
}

// Signer makes the tokens of one secret, as [Sign] does, without allocating once it is warm.
// What the tokens of one second have in common is made once. It is not safe for concurrent use:
// give each goroutine its own.
type Signer struct {
	hasher *hasher
	random rand.ChaCha8 // for jti; own to this signer, so that no lock is shared
	second int64        // of the last token
	claims []byte       // JSON of claims of that second
	text   []byte       // a token of that second; its jti, payload_hash and signature are of no matter
	signed int          // bytes of text before the second dot
	even   bool         // iat has the usual number of digits
	common int          // bytes at the beginning of text that the tokens of the second share, and hasher was given
}

// NewSigner returns a signer that uses secret, of any length, from now on. Its random stream
// has a new seed from the operating system.
func NewSigner(secret Secret) *Signer {
	var seed [32]byte
	crand.Read(seed[:]) // never fails: the program ends first
	s := &Signer{hasher: newHasher(secret)}
	s.random.Seed(seed)
	return s
}

// Append appends to dst a token for body, issued at now, and returns the longer slice. A
// token has about 330 bytes, all of them letters, digits, '-', '_' and '.'.
func (s *Signer) Append(dst, body []byte, now time.Time) []byte {
	return s.append(dst, s.newID(), body, now)
}

// append is Append with the one random part given.
func (s *Signer) append(dst []byte, id uuid.UUID, body []byte, now time.Time) []byte {
	hash := s.hasher.hash(body)
	if second := now.Unix(); second != s.second || s.text == nil {
		s.prepare(second)
	}
	start := len(dst)
	dst = append(dst, s.text...)
	token := dst[start:]
	if claims := token[len(tokenStart):s.signed]; s.even {
		putID(claims[idAt/3*4:], id)
		putHash(claims[hashAt/3*4:], &hash)
	} else {
		s.claims = appendClaims(s.claims[:0], s.second, id, &hash)
		base64.RawURLEncoding.Encode(claims, s.claims)
	}
	base64.RawURLEncoding.Encode(token[s.signed+1:], s.hasher.finish(token[s.common:s.signed]))
	return dst
}

// newID draws a random UUID, version 4.
func (s *Signer) newID() (id uuid.UUID) {
	binary.LittleEndian.PutUint64(id[:8], s.random.Uint64())
	binary.LittleEndian.PutUint64(id[8:], s.random.Uint64())
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}

// prepare makes what the tokens of a second have in common.
func (s *Signer) prepare(second int64) {
	s.second = second
	s.claims = appendClaims(s.claims[:0], second, uuid.UUID{}, &[sha256.Size]byte{})
	s.text = base64.RawURLEncoding.AppendEncode(append(s.text[:0], tokenStart...), s.claims)
	s.signed = len(s.text)
	s.text = append(append(s.text, '.'), make([]byte, base64.RawURLEncoding.EncodedLen(sha256.Size))...)
	s.common = len(tokenStart)
	if s.even = 1e9 <= second && second < 1e10; s.even {
		s.common = sha256.BlockSize // which ends before jti begins
	}
	s.hasher.start(s.text[:s.common])
}

// Where the quotes before jti and payload_hash stand in claims whose iat has ten digits, as it has
// from 2001 to 2286. Both begin a group of three bytes, which base64 makes four of.
const (
	idAt   = len(`{"iat":1760000000,"jti":`)
	hashAt = idAt + len(`"0f8fad5b-d9cb-469f-a165-70867728950e","iss":"`+issuer+`","payload_hash":`)
)

// appendClaims appends the claims as JSON. Their order is part of the wire format.
func appendClaims(dst []byte, issued int64, id uuid.UUID, hash *[sha256.Size]byte) []byte {
	dst = append(dst, `{"iat":`...)
	dst = strconv.AppendInt(dst, issued, 10)
	dst = append(dst, `,"jti":"`...)
	text, _ := id.MarshalText() // never fails, and stays on the stack
	dst = append(dst, text...)
	dst = append(dst, `","iss":"`+issuer+`","payload_hash":"`...)
	dst = hex.AppendEncode(dst, hash[:])
	dst = append(dst, `","exp":`...)
	dst = strconv.AppendInt(dst, issued+int64(Lifetime/time.Second), 10)
	return append(dst, '}')
}
