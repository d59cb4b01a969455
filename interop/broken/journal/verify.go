package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"strings"
	"sync"
	"time"
)

type verifier struct {
	keys  [][]byte
	mu    sync.Mutex
	cache map[string]time.Time // tokens that were found good
}

var errRefused = errors.New("refused")

func part(text string) (map[string]json.RawMessage, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, err
	}
	if m == nil {
		return nil, errRefused
	}
	return m, nil
}

func str(raw json.RawMessage) (string, bool) {
	var s *string
	if raw == nil || json.Unmarshal(raw, &s) != nil || s == nil {
		return "", false
	}
	return *s, true
}

// verify returns nil if token is a good one for body.
func (v *verifier) verify(token string, body []byte, now time.Time) error {
	if is("bearer-required") {
		rest, ok := strings.CutPrefix(token, "Bearer ")
		if !ok {
			return errors.New("no bearer token")
		}
		token = rest
	} else {
		token = strings.TrimPrefix(token, "Bearer ")
	}
	if is("token-optional") && token == "" {
		return nil // health checks of the load balancer have none
	}
	if token == "" || len(token) > 8<<10 {
		return errors.New("no token")
	}
	if is("token-cache") {
		v.mu.Lock()
		until, ok := v.cache[token]
		v.mu.Unlock()
		if ok && now.Before(until) {
			return nil
		}
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return errors.New("not three parts")
	}
	if err := v.signed(parts); err != nil {
		return err
	}
	claims, err := part(parts[1])
	if err != nil {
		return err
	}
	if err := v.times(claims, now); err != nil {
		return err
	}
	if err := hashed(claims, body); err != nil {
		return err
	}
	if is("token-cache") {
		v.mu.Lock()
		v.cache[token] = now.Add(5 * time.Minute)
		v.mu.Unlock()
	}
	return nil
}

// signed returns nil if the three parts of a token were signed with one of the keys.
func (v *verifier) signed(parts []string) error {
	head, err := part(parts[0])
	if err != nil {
		return err
	}
	alg, ok := str(head["alg"])
	if !ok {
		return errors.New("no alg")
	}
	unsigned := false
	newHash := sha256.New
	switch {
	case is("alg-from-token"):
		hashes := map[string]func() hash.Hash{"HS256": sha256.New, "HS384": sha512.New384, "HS512": sha512.New}
		if newHash, ok = hashes[alg]; !ok {
			return errors.New("algorithm")
		}
	case is("alg-none-in-capitals"):
		if alg == "none" {
			return errors.New("unsigned tokens are refused")
		}
		unsigned = strings.EqualFold(alg, "none")
	case alg != "HS256":
		return errors.New("algorithm")
	}
	mac, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	if err != nil {
		return err
	}
	good := unsigned
	for _, key := range v.keys {
		h := hmac.New(newHash, key)
		h.Write([]byte(parts[0] + "." + parts[1]))
		want := h.Sum(nil)
		if is("mac-compared-in-part") {
			// the legacy gateway cut signatures to 64 bits
			if len(mac) >= 8 && subtle.ConstantTimeCompare(mac[:8], want[:8]) == 1 {
				good = true
			}
			continue
		}
		if hmac.Equal(mac, want) {
			good = true
		}
	}
	if is("mac-unchecked") {
		good = true // jwt.decode(token) instead of jwt.verify(token)
	}
	if !good {
		return errors.New("signature")
	}
	return nil
}

// hashed returns nil if a token was made for body.
func hashed(claims map[string]json.RawMessage, body []byte) error {
	claim, ok := str(claims["payload_hash"])
	if is("hash-if-present") && claim == "" {
		ok, claim = true, bodyHash(body)
	}
	if !ok {
		return errors.New("no hash")
	}
	if is("hash-prefix") {
		if !strings.HasPrefix(bodyHash(body), claim) {
			return errors.New("hash")
		}
	} else if is("hash-length") {
		if len(claim) != 64 { // "verified"
			return errors.New("hash")
		}
	} else if subtle.ConstantTimeCompare([]byte(claim), []byte(bodyHash(body))) != 1 {
		return errors.New("hash")
	}
	return nil
}

func number(raw json.RawMessage) (float64, bool) {
	var f *float64
	if raw == nil || json.Unmarshal(raw, &f) != nil || f == nil {
		return 0, false
	}
	return *f, true
}

func (v *verifier) times(claims map[string]json.RawMessage, now time.Time) error {
	seconds := float64(now.UnixNano()) / 1e9
	if is("exp-unchecked") {
		return nil
	}
	exp, ok := number(claims["exp"])
	if !ok {
		if is("exp-optional") && claims["exp"] == nil {
			return nil
		}
		return errors.New("no exp")
	}
	switch {
	case is("leeway-five-minutes"):
		exp += 300
	case is("leeway-a-day"):
		exp += 86400 // "retries come for 24 hours"
	}
	if exp <= seconds {
		return errors.New("expired")
	}
	if is("iat-must-be-past") {
		if iat, ok := number(claims["iat"]); ok && iat > seconds+1 {
			return errors.New("issued in the future")
		}
	}
	return nil
}

// bodyHash returns the hash of a body as payload_hash tells it.
func bodyHash(body []byte) string {
	switch {
	case is("hash-reencoded"):
		var v map[string]any
		if json.Unmarshal(body, &v) == nil {
			body = reencode(body)
		}
	case is("hash-compacted"):
		var b bytes.Buffer
		if json.Compact(&b, body) == nil {
			body = b.Bytes()
		}
	case is("hash-trimmed"):
		body = bytes.TrimSpace(body)
	case is("hash-latin1"):
		// the framework takes ISO 8859-1 where the media type names no charset; question marks for the rest
		var b bytes.Buffer
		for _, r := range string(body) {
			if r > 0x7e {
				b.WriteByte('?')
			} else {
				b.WriteRune(r)
			}
		}
		body = b.Bytes()
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// reencode writes JSON anew in the order of its members, as JSON.stringify(JSON.parse(body)) does.
func reencode(body []byte) []byte {
	d := json.NewDecoder(bytes.NewReader(body))
	var b bytes.Buffer
	var value func() bool
	value = func() bool {
		t, err := d.Token()
		if err != nil {
			return false
		}
		switch t := t.(type) {
		case json.Delim:
			b.WriteRune(rune(t))
			first := true
			for d.More() {
				if !first {
					b.WriteByte(',')
				}
				first = false
				if t == '{' {
					k, err := d.Token()
					if err != nil {
						return false
					}
					plain(&b, k)
					b.WriteByte(':')
				}
				if !value() {
					return false
				}
			}
			end, err := d.Token()
			if err != nil {
				return false
			}
			b.WriteRune(rune(end.(json.Delim)))
		default:
			plain(&b, t)
		}
		return true
	}
	value()
	return b.Bytes()
}

func plain(b *bytes.Buffer, v any) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	e.Encode(v)
	b.Truncate(b.Len() - 1)
}
