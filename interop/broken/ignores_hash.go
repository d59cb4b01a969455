package main

import "github.com/golang-jwt/jwt/v5"

// ignoresHash checks the token, and not whether it belongs to the body.
func ignoresHash() *consumer {
	c := correct()
	c.about = "does not hash the body"
	c.verify = func(secret []byte, header string, _ []byte) error {
		_, err := jwt.Parse(header, func(*jwt.Token) (any, error) { return secret, nil },
			jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired())
		return err
	}
	return c
}
