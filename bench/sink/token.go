package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
)

// genuine reports whether token signs body with secret and is alive at now, in seconds. It
// shares no code with the sender, which is under test.
func genuine(secret, token, body []byte, now int64) bool {
	parts := bytes.Split(token, []byte("."))
	if len(parts) != 3 {
		return false
	}
	var header struct{ Alg string }
	var claims struct {
		Exp  int64
		Hash string `json:"payload_hash"`
	}
	if !decode(parts[0], &header) || !decode(parts[1], &claims) {
		return false
	}
	got, err := base64.RawURLEncoding.AppendDecode(nil, parts[2])
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write(token[:len(parts[0])+1+len(parts[1])])
	sum := sha256.Sum256(body)
	return header.Alg == "HS256" && hmac.Equal(got, mac.Sum(nil)) && now < claims.Exp && claims.Hash == hex.EncodeToString(sum[:])
}

func decode(part []byte, to any) bool {
	text, err := base64.RawURLEncoding.AppendDecode(nil, part)
	return err == nil && json.Unmarshal(text, to) == nil
}
