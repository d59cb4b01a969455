package examine_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

// verifier is how a consumer verifies tokens. The zero value is right.
type verifier struct {
	header string
	key    func(secret []byte) []byte
	hash   func(sum []byte) string
	clock  func(now int64) int64 // in the unit that exp and iat are compared with
	iat    bool                  // is compared as well
}

func (v verifier) accepts(r *http.Request, secret []byte) bool {
	body, err := io.ReadAll(r.Body)
	header := "Vonage-Signature"
	if v.header != "" {
		header = v.header
	}
	parts := strings.Split(strings.TrimPrefix(r.Header.Get(header), "Bearer "), ".")
	if err != nil || len(parts) != 3 {
		return false
	}
	if v.key != nil {
		secret = v.key(secret)
	}
	sign := hmac.New(sha256.New, secret)
	io.WriteString(sign, parts[0]+"."+parts[1])
	if base64.RawURLEncoding.EncodeToString(sign.Sum(nil)) != parts[2] {
		return false
	}
	var claims struct {
		Exp, Iat int64
		Hash     string `json:"payload_hash"`
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(text, &claims) != nil {
		return false
	}
	sum, now := sha256.Sum256(body), time.Now().Unix()
	hash := hex.EncodeToString(sum[:])
	if v.hash != nil {
		hash = v.hash(sum[:])
	}
	if v.clock != nil {
		now = v.clock(now)
	}
	return claims.Hash == hash && claims.Exp > now && (!v.iat || claims.Iat <= now)
}

// loose decodes Base64 as Node.js does: what makes no byte at the end is dropped.
func loose(text string) (all []byte) {
	const signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	bits, n := 0, 0
	for _, sign := range strings.TrimRight(text, "=") {
		bits, n = bits<<6|strings.IndexRune(signs, sign), n+6
		if n >= 8 {
			n -= 8
			all = append(all, byte(bits>>n))
			bits &= 1<<n - 1
		}
	}
	return all
}

// A consumer that refuses everything is told what it does accept, and what that means.
func TestWhyEverythingIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		v    verifier
		rule rulebook.ID
		want string
	}{
		{"the text is the key", verifier{key: func(b []byte) []byte { return []byte(base64.StdEncoding.EncodeToString(b)) }}, rulebook.DecodeSecret, "uses the text of the secret as the key"},
		{"no key", verifier{key: func([]byte) []byte { return nil }}, rulebook.DecodeSecret, "has no key"},
		{"a line break", verifier{key: func(b []byte) []byte { return []byte(base64.StdEncoding.EncodeToString(b) + "\n") }}, rulebook.DecodeSecret, "with the line break of its file"},
		{"Base64 for URLs", verifier{key: func(b []byte) []byte {
			return loose(strings.NewReplacer("+", "", "/", "").Replace(base64.StdEncoding.EncodeToString(b)))
		}}, rulebook.DecodeSecret, "as Base64 for URLs"},
		{"+ read as a blank", verifier{key: func(b []byte) []byte { return loose(strings.ReplaceAll(base64.StdEncoding.EncodeToString(b), "+", "")) }}, rulebook.DecodeSecret, "loses each + of the secret"},
		{"the padding cut with its group", verifier{key: func(b []byte) []byte { return b[:30] }}, rulebook.DecodeSecret, "in whole groups of four signs"},
		{"another header", verifier{header: "Authorization"}, rulebook.TokenWithoutPrefix, "reads the token from Authorization"},
		{"a hash in Base64", verifier{hash: base64.StdEncoding.EncodeToString}, rulebook.CompareHash, "with the hash in Base64"},
		{"a hash in upper case", verifier{hash: func(sum []byte) string { return strings.ToUpper(hex.EncodeToString(sum)) }}, rulebook.CompareHash, "with the hash in upper case"},
		{"milliseconds", verifier{clock: func(now int64) int64 { return now * 1000 }}, rulebook.RefuseExpired, "compares exp, which is in seconds, with milliseconds"},
		{"a clock an hour ahead", verifier{clock: func(now int64) int64 { return now + 3600 }}, rulebook.RefuseExpired, "its clock is ahead, or it reads exp in a local time"},
		{"a clock an hour behind", verifier{clock: func(now int64) int64 { return now - 3600 }, iat: true}, rulebook.TolerateEarlyIat, "its clock is behind, or it reads iat in a local time"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var secret []byte
				x := served(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if !c.v.accepts(r, secret) {
						w.WriteHeader(http.StatusUnauthorized)
					}
				}))
				if secret = loose("not+secret/ringback+development+key+of+docs="); len(secret) != 32 {
					t.Fatal(len(secret))
				}
				x.Sending.Target.Secret = secret
				report, err := x.Run(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if len(report.Findings) != 1 {
					t.Fatalf("found %+v, want one finding", report.Findings)
				}
				f := report.Findings[0]
				if f.Rule.Mend == rulebook.Of(c.rule).Mend != (c.name == "the text is the key") {
					t.Errorf("mend: %s", f.Rule.Mend)
				}
				if f.Rule.ID != c.rule || !strings.Contains(f.Text, c.want) {
					t.Errorf("%s: %s; want %s: … %s …", f.Rule.ID, f.Text, c.rule, c.want)
				}
			})
		})
	}
}
