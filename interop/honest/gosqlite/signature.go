package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"
)

const maxToken = 8 << 10

// keyring holds the keys that the sender may use: the current one and, while the secret is changed, the next one.
type keyring [][]byte

func newKeyring(secrets ...string) (keyring, error) {
	var keys keyring
	for _, secret := range secrets {
		secret = strings.TrimSpace(secret)
		if secret == "" {
			continue
		}
		key, err := base64.StdEncoding.DecodeString(secret)
		if err != nil {
			key, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(secret, "="))
		}
		if err != nil {
			return nil, fmt.Errorf("a secret is no Base64: %w", err)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, errors.New("SECRET is not set")
	}
	return keys, nil
}

// authentic says why a request with these headers and this body is not from the sender, or returns nil.
func (keys keyring) authentic(header http.Header, body []byte, now time.Time) error {
	values := header.Values("Vonage-Signature")
	if len(values) != 1 || values[0] == "" || len(values[0]) > maxToken {
		return errors.New("no token, or more than one, or a very long one")
	}
	token := values[0]
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return errors.New("not a token")
	}

	var alg string
	if head, err := claimsOf(parts[0]); err != nil || json.Unmarshal(head["alg"], &alg) != nil || alg != "HS256" {
		return errors.New("the algorithm is not HS256")
	}
	mac, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	if err != nil || !keys.made(token[:len(parts[0])+1+len(parts[1])], mac) {
		return errors.New("made with another key")
	}

	claims, err := claimsOf(parts[1])
	if err != nil {
		return errors.New("the claims cannot be read")
	}
	var exp *float64
	if json.Unmarshal(claims["exp"], &exp) != nil || exp == nil || !(*exp > float64(now.UnixMicro())/1e6) || math.IsInf(*exp, 0) {
		return errors.New("expired, or without exp")
	}
	var hash string
	sum := sha256.Sum256(body)
	if json.Unmarshal(claims["payload_hash"], &hash) != nil ||
		subtle.ConstantTimeCompare([]byte(hash), []byte(hex.EncodeToString(sum[:]))) != 1 {
		return errors.New("payload_hash is that of another body")
	}
	return nil
}

func (keys keyring) made(signed string, mac []byte) bool {
	made := false
	for _, key := range keys {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(signed))
		made = hmac.Equal(h.Sum(nil), mac) || made
	}
	return made
}

// claimsOf decodes a part of a token. A map, since struct fields would match names in any case.
func claimsOf(part string) (map[string]json.RawMessage, error) {
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(bytes.TrimSpace(text), &members); err != nil {
		return nil, err
	}
	if members == nil {
		return nil, errors.New("no object")
	}
	return members, nil
}
