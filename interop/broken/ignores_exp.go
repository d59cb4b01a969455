package main

import "github.com/golang-jwt/jwt/v5"

// ignoresExp does not look at when a token expires.
func ignoresExp() *consumer {
	c := correct()
	c.about = "ignores exp"
	c.verify = func(secret []byte, header string, body []byte) error {
		return verify(secret, header, body, jwt.WithoutClaimsValidation())
	}
	return c
}
