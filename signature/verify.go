package signature

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/ringback/ringback/internal/show"
)

// MaxHeaderLen is the greatest length in bytes of a header value that [Verify] looks into.
// A real one has about 330 bytes; the bound keeps a stranger from having megabytes decoded.
const MaxHeaderLen = 8 << 10

// The ways in which a token can be wrong. Exactly one of them is in the chain of every error
// of [Verify] and [Parse]; test with [errors.Is]. A consumer answers 401 to each.
var (
	// ErrMissing: there is no header, or it is empty.
	ErrMissing = errors.New("no " + HeaderName + " header")
	// ErrMalformed: the value is not a JWT, is longer than [MaxHeaderLen], has claims of the
	// wrong JSON type, or has no exp claim.
	ErrMalformed = errors.New("signature is not a well-formed token")
	// ErrAlgorithm: the token names another algorithm than HS256, or none at all.
	ErrAlgorithm = errors.New("token is not signed with HS256")
	// ErrWrongKey: the HMAC is not of this secret, the token was altered after signing, or the
	// secret given is empty.
	ErrWrongKey = errors.New("token is signed with another key or was altered")
	// ErrExpired: the moment is at or past exp, or before nbf, which real tokens do not have.
	ErrExpired = errors.New("token is expired or not yet valid")
	// ErrHash: the claim payload_hash is absent or not that of the body.
	ErrHash = errors.New("payload_hash does not fit the body")
)

// Claims are the statements of a verified token. A claim that is absent is zero.
type Claims struct {
	ID          string    // jti; from [Sign] a UUID
	Issuer      string    // iss; from [Sign] "Vonage"
	IssuedAt    time.Time // iat, in whole seconds
	ExpiresAt   time.Time // exp, in whole seconds: the first moment at which the token is refused
	PayloadHash string    // payload_hash: 64 lower-case hexadecimal digits
}

// Verify reports whether header, the value of the [HeaderName] header, is a token for body
// that was made with secret and is alive at now. It returns nil, or an error with exactly one
// of the Err variables in its chain. There is no leeway: see [Lifetime]. As in the vendor's
// sample, iat is not compared with now. Body must be the bytes as they came, before any parsing.
func Verify(secret Secret, header string, body []byte, now time.Time) error {
	_, err := Parse(secret, header, body, now)
	return err
}

// Parse verifies as [Verify] does and also returns the claims, which are zero if the error
// is not nil.
func Parse(secret Secret, header string, body []byte, now time.Time) (Claims, error) {
	if err := precheck(header); err != nil {
		return Claims{}, err
	}
	if len(secret) == 0 {
		// Anybody can sign with the empty key.
		return Claims{}, fmt.Errorf("%w: there is no secret to check with", ErrWrongKey)
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithExpirationRequired(),
		jwt.WithStrictDecoding(),
		jwt.WithTimeFunc(func() time.Time { return now }),
	)
	var claims wireClaims
	token, err := parser.ParseWithClaims(header, &claims, func(*jwt.Token) (any, error) {
		return []byte(secret), nil
	})
	if err != nil {
		return Claims{}, classify(token, claims, now, err)
	}
	if err := checkHash(claims.PayloadHash, body); err != nil {
		return Claims{}, err
	}
	out := Claims{ID: claims.ID, Issuer: claims.Issuer, ExpiresAt: claims.ExpiresAt.UTC(), PayloadHash: claims.PayloadHash}
	if claims.IssuedAt != nil {
		out.IssuedAt = claims.IssuedAt.UTC()
	}
	return out, nil
}

// precheck refuses what is not worth decoding, and what a lenient decoder would let pass.
func precheck(header string) error {
	switch {
	case header == "":
		return fmt.Errorf("%w: the sender is not signing, or a proxy removed it", ErrMissing)
	case len(header) > MaxHeaderLen:
		return fmt.Errorf("%w: %d bytes, at most %d allowed", ErrMalformed, len(header), MaxHeaderLen)
	case strings.HasPrefix(header, BearerPrefix):
		return fmt.Errorf("%w: it starts with %q, remove that first", ErrMalformed, BearerPrefix)
	case strings.ContainsAny(header, "\r\n"):
		// encoding/base64 skips line ends, so one token would have many spellings.
		return fmt.Errorf("%w: it contains a line end", ErrMalformed)
	}
	return nil
}

// wireClaims are the claims as they are written.
type wireClaims struct {
	jwt.RegisteredClaims
	PayloadHash string `json:"payload_hash"`
}

// classify turns an error of the jwt library into one of ours. The library reports a wrong
// algorithm and a wrong key with the same error, so the algorithm is looked up in the token.
func classify(token *jwt.Token, claims wireClaims, now time.Time, err error) error {
	switch {
	case errors.Is(err, jwt.ErrTokenMalformed):
		return malformed(err)
	case token.Header["alg"] != jwt.SigningMethodHS256.Alg():
		return fmt.Errorf("%w: its alg is %s", ErrAlgorithm, quote(token.Header["alg"]))
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return fmt.Errorf("%w: check that the secret is this subscription's and was Base64-decoded", ErrWrongKey)
	case errors.Is(err, jwt.ErrTokenExpired):
		late := now.Sub(claims.ExpiresAt.Time).Truncate(time.Second)
		return fmt.Errorf("%w: exp passed %v ago, check the clocks if the token is fresh", ErrExpired, late)
	case errors.Is(err, jwt.ErrTokenNotValidYet):
		return fmt.Errorf("%w: nbf lies ahead, check the clocks", ErrExpired)
	}
	return malformed(err)
}

// malformed takes over the text of a library error only, and not all of it: some repeat what
// the sender wrote, kilobytes long.
func malformed(err error) error {
	text := strings.TrimPrefix(err.Error(), jwt.ErrTokenMalformed.Error()+": ")
	return fmt.Errorf("%w: %s", ErrMalformed, show.Clip(text, 160))
}

// quote shows an untrusted value in one short line.
func quote(v any) string {
	text, ok := v.(string)
	if !ok {
		return "not a text"
	}
	return fmt.Sprintf("%q", show.Clip(text, 20))
}

// checkHash compares the claim with the SHA-256 of body in constant time.
func checkHash(claim string, body []byte) error {
	if claim == "" {
		return fmt.Errorf("%w: the token has no such claim", ErrHash)
	}
	sum := sha256.Sum256(body)
	want := hex.AppendEncode(nil, sum[:])
	if subtle.ConstantTimeCompare([]byte(claim), want) != 1 {
		return fmt.Errorf("%w: hash the raw bytes of the request, before parsing", ErrHash)
	}
	return nil
}
