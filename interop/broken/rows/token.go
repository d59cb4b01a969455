package rows

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
)

// claims are what a token says, as far as it matters.
type claims struct {
	IssuedAt float64  `json:"iat"`
	Expires  *float64 `json:"exp"`
	Hash     *string  `json:"payload_hash"`
}

var errRefused = errors.New("refused")

// oneToken wants the header once.
func oneToken(r *http.Request) (string, bool) {
	values := r.Header.Values("Vonage-Signature")
	if len(values) != 1 || values[0] == "" || len(values[0]) > 8<<10 {
		return "", false
	}
	return values[0], true
}

// verify checks the token, and that it is of this body.
func verify(p *process, token string, body []byte) error {
	c, err := p.opened(token)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(p.hashed(body))
	if !p.alive(c, time.Now()) || !p.fits(c.Hash, hex.EncodeToString(sum[:])) {
		return errRefused
	}
	return nil
}

// opened returns the claims of a token that one of the keys has signed.
func (p *process) opened(token string) (claims, error) {
	var c claims
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, errRefused
	}
	var head struct {
		Alg string `json:"alg"`
	}
	if decode(parts[0], &head) != nil || decode(parts[1], &c) != nil {
		return c, errRefused
	}
	if p.plain(head.Alg) {
		return c, nil
	}
	method := p.method(head.Alg)
	if method == nil {
		return c, errRefused
	}
	for _, key := range p.keys {
		mac := hmac.New(method, key)
		mac.Write([]byte(parts[0] + "." + parts[1]))
		if hmac.Equal([]byte(base64.RawURLEncoding.EncodeToString(mac.Sum(nil))), []byte(parts[2])) {
			return c, nil
		}
	}
	return c, errRefused
}

func decode(part string, into any) error {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

func notExpired(c claims, now time.Time) bool {
	return c.Expires != nil && *c.Expires > float64(now.UnixMilli())/1000
}

func sameHash(claim *string, sum string) bool {
	return claim != nil && subtle.ConstantTimeCompare([]byte(*claim), []byte(sum)) == 1
}
