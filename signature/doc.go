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

import "time"

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
