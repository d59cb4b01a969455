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
	"crypto/hmac"
	crand "crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
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
// It is not safe for concurrent use: give each goroutine its own.
type Signer struct {
	mac    hash.Hash    // keyed; Reset brings back the state after the key
	random rand.ChaCha8 // for jti; own to this signer, so that no lock is shared
	claims []byte       // JSON of the last claims, kept for its memory
	sum    []byte       // last HMAC, kept for its memory
}

// NewSigner returns a signer that uses secret, of any length, from now on. Its random stream
// has a new seed from the operating system.
func NewSigner(secret Secret) *Signer {
	var seed [32]byte
	crand.Read(seed[:]) // never fails: the program ends first
	s := &Signer{
		mac:    hmac.New(sha256.New, secret),
		claims: make([]byte, 0, 256),
		sum:    make([]byte, 0, sha256.Size),
	}
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
	s.claims = appendClaims(s.claims[:0], id, body, now)

	start := len(dst)
	dst = append(dst, tokenStart...)
	dst = base64.RawURLEncoding.AppendEncode(dst, s.claims)

	s.mac.Reset()
	s.mac.Write(dst[start:])
	s.sum = s.mac.Sum(s.sum[:0])

	dst = append(dst, '.')
	return base64.RawURLEncoding.AppendEncode(dst, s.sum)
}

// newID draws a random UUID, version 4.
func (s *Signer) newID() (id uuid.UUID) {
	s.random.Read(id[:]) // never fails
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}

// appendClaims appends the claims as JSON. Their order is part of the wire format.
func appendClaims(dst []byte, id uuid.UUID, body []byte, now time.Time) []byte {
	issued := now.Unix()
	dst = append(dst, `{"iat":`...)
	dst = strconv.AppendInt(dst, issued, 10)
	dst = append(dst, `,"jti":"`...)
	text, _ := id.MarshalText() // never fails, and stays on the stack
	dst = append(dst, text...)
	dst = append(dst, `","iss":"`+issuer+`","payload_hash":"`...)
	hash := sha256.Sum256(body)
	dst = hex.AppendEncode(dst, hash[:])
	dst = append(dst, `","exp":`...)
	dst = strconv.AppendInt(dst, issued+int64(Lifetime/time.Second), 10)
	return append(dst, '}')
}
