package snapshots

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"github.com/ringback/ringback/interop/broken/internal/stories"
)

var tokenProvocations = map[string]func(*kit){
	"decodes-only": forged(func(b []byte) string { return jwt("HS256", []byte("another key"), claims(b, time.Now())) }),
	"compares-as-far-as-given": forged(func(b []byte) string {
		token := jwt("HS256", stories.Secret(), claims(b, time.Now()))
		return token[:strings.LastIndex(token, ".")+1]
	}),
	"answers-at-once":         forged(func(b []byte) string { return jwt("HS256", []byte("another key"), claims(b, time.Now())) }),
	"empty-next-key":          forged(func(b []byte) string { return jwt("HS256", nil, claims(b, time.Now())) }),
	"unsigned-in-development": forged(func([]byte) string { return "" }),
	"malformed-is-legacy":     forged(func([]byte) string { return "not-a-token" }),
	"any-hmac":                forged(hs512),
	"none-in-capitals": forged(func(b []byte) string {
		token := jwt("nOnE", nil, claims(b, time.Now()))
		return token[:strings.LastIndex(token, ".")+1]
	}),
	"age-by-iat": forged(func(b []byte) string {
		text, _, _ := strings.Cut(claims(b, time.Now()), `,"exp"`)
		return jwt("HS256", stories.Secret(), text+"}")
	}),
	"leeway-of-an-hour": forged(aged(7 * time.Minute)),
	"immature-signature": func(k *kit) {
		body := ev{kind: "alerted"}.body()
		k.token(jwt("HS256", stories.Secret(), claims(body, time.Now().Add(90*time.Second))), body, http.StatusNoContent)
	},
	"stores-then-verifies": forged(func([]byte) string { return "" }),
	"forgery-marks-seen": func(k *kit) {
		body := ev{kind: "alerted"}.body()
		k.token(jwt("HS256", []byte("another key"), claims(body, time.Now())), body, http.StatusUnauthorized)
		k.post(body)
		k.want("alerting", 1)
	},
	"secret-as-it-stands": inOrder,
	"splits-at-the-blank": inOrder,
	"one-secret": func(k *kit) {
		body := ev{kind: "alerted"}.body()
		k.token(jwt("HS256", next(), claims(body, time.Now())), body, http.StatusNoContent)
		k.want("alerting", 1)
	},
	"hash-if-there-is-one": forged(func([]byte) string { return hashed("") }),
	"hash-starts-with":     forged(func(b []byte) string { return hashed(hashOf(b)[:32]) }),
	"hash-of-64":           forged(func(b []byte) string { return hashed(hashOf(b) + "00") }),
	"length-of-the-hash":   forged(func([]byte) string { return hashed(hashOf([]byte("another body"))) }),
	"json-stringify":       bodyOf(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(`,"`), []byte(`, "`)) }),
	"json-dumps":           inOrder,
	"json-encode":          inOrder,
	"system-text-json":     bodyOf(func(b []byte) []byte { return replaced(b, `"data":{`, `"data":{"note":"Zoë & <b>",`) }),
	"trims":                bodyOf(func(b []byte) []byte { return append(b, '\n') }),
	"latin-1":              bodyOf(func(b []byte) []byte { return replaced(b, `"data":{`, `"data":{"note":"Zoë",`) }),
}

// hashed is a right token with another hash.
func hashed(hash string) string {
	now := time.Now()
	text := strings.Replace(claims(nil, now), hashOf(nil), hash, 1)
	return jwt("HS256", stories.Secret(), text)
}

// aged makes a token that was issued so long ago.
func aged(d time.Duration) func([]byte) string {
	return func(b []byte) string { return jwt("HS256", stories.Secret(), claims(b, time.Now().Add(-d))) }
}

func hs512(body []byte) string {
	token := jwt("HS512", stories.Secret(), claims(body, time.Now()))
	text := token[:strings.LastIndex(token, ".")]
	m := hmac.New(sha512.New, stories.Secret())
	m.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}
