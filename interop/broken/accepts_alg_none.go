package main

import "github.com/golang-jwt/jwt/v5"

// acceptsAlgNone lets the token choose how it is checked.
func acceptsAlgNone() *consumer {
	c := correct()
	c.about = "trusts the algorithm that the token names, even none"
	c.verify = func(secret []byte, header string, body []byte) error {
		claims := jwt.MapClaims{}
		_, err := jwt.ParseWithClaims(header, claims, func(t *jwt.Token) (any, error) {
			if t.Method == jwt.SigningMethodNone {
				return jwt.UnsafeAllowNoneSignatureType, nil
			}
			return secret, nil
		})
		if err != nil {
			return err
		}
		return compareHash(claims, body)
	}
	return c
}
