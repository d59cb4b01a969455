package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"

	"github.com/golang-jwt/jwt/v5"
)

// noSignatureCheck believes everybody.
func noSignatureCheck() *consumer {
	c := correct()
	c.about = "does not check the signature"
	c.verify = func([]byte, string, []byte) error { return nil }
	return c
}

// acceptsUnsigned checks a signature if there is one.
func acceptsUnsigned() *consumer {
	c := correct()
	c.about = "checks the signature only if there is one"
	check := c.verify
	c.verify = func(secret []byte, header string, body []byte) error {
		if header == "" {
			return nil
		}
		return check(secret, header, body)
	}
	return c
}

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
		}, jwt.WithExpirationRequired())
		if err != nil {
			return err
		}
		return compareHash(claims, body)
	}
	return c
}

// ignoresExp does not look at when a token expires.
func ignoresExp() *consumer {
	c := correct()
	c.about = "ignores exp"
	c.verify = func(secret []byte, header string, body []byte) error {
		return verify(secret, header, body, jwt.WithoutClaimsValidation())
	}
	return c
}

// comparesIat refuses tokens from the future, as some libraries do unasked.
func comparesIat() *consumer {
	c := correct()
	c.about = "refuses a token whose iat lies ahead"
	c.verify = func(secret []byte, header string, body []byte) error {
		return verify(secret, header, body, jwt.WithIssuedAt(), jwt.WithExpirationRequired())
	}
	return c
}

// secretAsText takes the decoded secret for text, as Buffer.from(secret, "base64").toString() does:
// what is no UTF-8 becomes another character, and the key another key.
func secretAsText() *consumer {
	c := correct()
	c.about = "takes the decoded secret for text"
	c.key = func(secret []byte) []byte { return []byte(string([]rune(string(secret)))) }
	return c
}

// secretUndecoded signs with the Base64 text itself.
func secretUndecoded() *consumer {
	c := correct()
	c.about = "does not decode the secret"
	c.key = func(secret []byte) []byte { return []byte(base64.StdEncoding.EncodeToString(secret)) }
	return c
}

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

// hashesReencoded hashes JSON that it has read and written again, as JSON.stringify(req.body) does.
func hashesReencoded() *consumer {
	c := correct()
	c.about = "hashes re-encoded JSON instead of the raw body"
	check := c.verify
	c.verify = func(secret []byte, header string, body []byte) error {
		again, err := reencoded(body)
		if err != nil {
			return err
		}
		return check(secret, header, again)
	}
	return c
}

// reencoded is a JSON text without blanks and needless escapes, its members in their order.
func reencoded(body []byte) ([]byte, error) {
	var b bytes.Buffer
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	type level struct {
		object bool
		n      int // names and values so far
	}
	levels := []level{{}}
	for {
		token, err := d.Token()
		if err == io.EOF {
			return b.Bytes(), nil
		} else if err != nil {
			return nil, err
		}
		top := &levels[len(levels)-1]
		if token == json.Delim('}') || token == json.Delim(']') {
			levels = levels[:len(levels)-1]
			fmt.Fprint(&b, token)
			continue
		}
		if top.object && top.n%2 == 1 {
			b.WriteByte(':')
		} else if top.n > 0 {
			b.WriteByte(',')
		}
		top.n++
		if open, is := token.(json.Delim); is {
			fmt.Fprint(&b, open)
			levels = append(levels, level{object: open == '{'})
			continue
		}
		if err := e.Encode(token); err != nil {
			return nil, err
		}
		b.Truncate(b.Len() - 1) // Encode ends its line
	}
}
