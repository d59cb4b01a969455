package signature_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/signature"
)

// FuzzVerify checks that no header makes Verify panic, that what it accepts was made with the
// key, that a refusal has exactly one sentinel, and that a body other than the signed one is
// never accepted.
func FuzzVerify(f *testing.F) {
	secret := secretOf(f, signature.DevelopmentSecret)
	now := time.Unix(1760000000, 0)
	body := []byte(`{"specversion":"1.0","type":"channel.alerted.v0"}`)
	good := forge(secret, goodHeader, `{"iat":1760000000,"jti":"0f8fad5b-d9cb-469f-a165-70867728950e","iss":"Vonage",`+
		`"payload_hash":"1e9bf5a89e046e7539ceb55f11dad5ed120f45df1f5528c1eecb0c57b82c0174","exp":1760000300}`)
	if err := signature.Verify(secret, good, body, now); err != nil {
		f.Fatal(err)
	}
	f.Add(good, body, body)
	f.Add(good, body, []byte(`{"specversion":"1.0","type":"channel.alerted.v1"}`))
	f.Add(forge(secret, `{"alg":"none"}`, `{}`), body, []byte{})
	f.Add(forge(secret, goodHeader, `{"exp":1e300,"nbf":-1e300}`), body, []byte{0})
	f.Add("", []byte{}, body)
	f.Add("a.b.c", body, body)

	f.Fuzz(func(t *testing.T, header string, body, altered []byte) {
		switch err := signature.Verify(secret, header, body, now); {
		case err == nil && !madeWith(secret, header):
			t.Errorf("accepted a token that the key did not make: %q", header)
		case err != nil && countSentinels(err) != 1:
			t.Errorf("Verify = %v, with %d sentinels; want 1", err, countSentinels(err))
		}

		token := signature.Sign(secret, body, now)
		if err := signature.Verify(secret, token, body, now); err != nil {
			t.Errorf("own token refused: %v", err)
		}
		err := signature.Verify(secret, token, altered, now)
		if same := bytes.Equal(body, altered); (err == nil) != same || !same && !errors.Is(err, signature.ErrHash) {
			t.Errorf("Verify of an altered body = %v; bodies equal: %v", err, same)
		}
	})
}

// madeWith recomputes the HMAC without any JWT library.
func madeWith(secret signature.Secret, token string) bool {
	at := strings.LastIndexByte(token, '.')
	if at < 0 {
		return false
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(token[:at]))
	return token[at+1:] == base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func countSentinels(err error) (n int) {
	for _, s := range sentinels {
		if errors.Is(err, s) {
			n++
		}
	}
	return n
}
