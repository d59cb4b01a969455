package snapshots

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"hash"
	"net/http"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/rulebook"
)

// forgeries are mistakes in proving where a body comes from; those about its hash stand in hashes.
var forgeries = []Row{
	{"decodes-only", "decodes the token instead of verifying it, as jwt.decode does", rulebook.VerifySignature, func(c *consumer) {
		c.proof.mac = func(*token, [][]byte) bool { return true }
	}},
	{"compares-as-far-as-given", "compares as many bytes of the signature as were given, and so accepts none", rulebook.VerifySignature, func(c *consumer) {
		c.proof.mac = func(t *token, keys [][]byte) bool {
			for _, key := range keys {
				want := macOf(key, t.text)
				if hmac.Equal(t.mac, want[:min(len(want), len(t.mac))]) {
					return true
				}
			}
			return false
		}
	}},
	{"answers-at-once", "answers 204 to whatever comes, and verifies afterwards", rulebook.VerifySignature, func(c *consumer) {
		c.handle = func(w http.ResponseWriter, r *http.Request) {
			body, err := c.body(r)
			w.WriteHeader(http.StatusNoContent)
			if err == nil && c.authentic(c.header(r), body) {
				c.receive(c.now.Load(), body)
			}
		}
	}},
	{"empty-next-key", "tries the next secret though none is set, which makes an empty key", rulebook.VerifySignature, func(c *consumer) {
		mac := c.proof.mac
		c.proof.mac = func(t *token, keys [][]byte) bool { return mac(t, append([][]byte{{}}, keys...)) }
	}},
	{"unsigned-in-development", "lets requests without a token pass, as it did in development", rulebook.RequireToken, func(c *consumer) {
		c.pass(func(header string) bool { return header == "" })
	}},
	{"malformed-is-legacy", "takes a header that is no JWT for an old sender's, and believes it", rulebook.RequireToken, func(c *consumer) {
		c.pass(func(header string) bool { return header != "" && strings.Count(header, ".") != 2 })
	}},
	{"any-hmac", "verifies with whatever HMAC the token names", rulebook.OnlyHS256, func(c *consumer) {
		c.proof.alg = func(*token) bool { return true }
		mac := c.proof.mac
		c.proof.mac = func(t *token, keys [][]byte) bool {
			sums := map[any]func() hash.Hash{"HS384": sha512.New384, "HS512": sha512.New}
			sum := sums[t.head["alg"]]
			if sum == nil {
				return t.head["alg"] == "HS256" && mac(t, keys)
			}
			for _, key := range keys {
				m := hmac.New(sum, key)
				m.Write([]byte(t.text))
				if hmac.Equal(m.Sum(nil), t.mac) {
					return true
				}
			}
			return false
		}
	}},
	{"none-in-capitals", "refuses the algorithm none, and not NONE or nOnE", rulebook.OnlyHS256, func(c *consumer) {
		c.proof.alg = func(t *token) bool { return t.head["alg"] != "none" }
		mac := c.proof.mac
		c.proof.mac = func(t *token, keys [][]byte) bool {
			alg, _ := t.head["alg"].(string)
			return strings.EqualFold(alg, "none") || alg == "HS256" && mac(t, keys)
		}
	}},
	{"age-by-iat", "takes the age of a token from iat, and never looks at exp", rulebook.RequireExp, func(c *consumer) {
		c.proof.time = func(t *token, now time.Time) bool {
			iat, is := t.claims["iat"].(float64)
			return is && float64(now.Unix())-iat < 300
		}
	}},
	{"leeway-of-an-hour", "tolerates tokens that expired up to an hour ago", rulebook.RefuseExpired, func(c *consumer) {
		ok := c.proof.time
		c.proof.time = func(t *token, now time.Time) bool { return ok(t, now.Add(-time.Hour)) }
	}},
	{"immature-signature", "refuses tokens whose iat lies ahead, as PyJWT does", rulebook.TolerateEarlyIat, func(c *consumer) {
		ok := c.proof.time
		c.proof.time = func(t *token, now time.Time) bool {
			iat, _ := t.claims["iat"].(float64)
			return ok(t, now) && iat <= float64(now.Unix())
		}
	}},
	{"stores-then-verifies", "stores first, and verifies afterwards", rulebook.RefuseWithoutStoring, func(c *consumer) {
		body := c.body
		c.body = func(r *http.Request) ([]byte, error) {
			b, err := body(r)
			if err == nil {
				c.receive(c.now.Load(), b)
			}
			return b, err
		}
	}},
	{"forgery-marks-seen", "marks the id as seen before it verifies: after a forgery the real one is a duplicate", rulebook.RefuseWithoutStoring, func(c *consumer) {
		body := c.body
		c.body = func(r *http.Request) ([]byte, error) {
			b, err := body(r)
			if err != nil {
				return b, err
			}
			if e, err := c.read(b); err == nil && !c.authentic(c.header(r), b) {
				c.now.Load().commit(c.key(e), nil)
			}
			return b, nil
		}
	}},
	{"secret-as-it-stands", "takes the Base64 text of the secret for the key", rulebook.DecodeSecret, func(c *consumer) {
		c.keys = func(secrets [][]byte) (keys [][]byte) {
			for _, s := range secrets {
				keys = append(keys, []byte(base64.StdEncoding.EncodeToString(s)))
			}
			return keys
		}
	}},
	{"splits-at-the-blank", `takes what follows the blank of the header, as behind "Bearer "`, rulebook.TokenWithoutPrefix, func(c *consumer) {
		header := c.header
		c.header = func(r *http.Request) string {
			_, token, _ := strings.Cut(header(r), " ")
			return token
		}
	}},
	{"one-secret", "knows one secret at a time", rulebook.AcceptNextSecret, func(c *consumer) {
		c.keys = func(secrets [][]byte) [][]byte { return secrets[:1] }
	}},
}

// pass believes some headers without a look.
func (c *consumer) pass(some func(header string) bool) {
	read := c.proof.token
	c.proof.token = func(header string) *token {
		if some(header) {
			return &token{text: ""}
		}
		return read(header)
	}
	alg, mac, exp, hash := c.proof.alg, c.proof.mac, c.proof.time, c.proof.hash
	c.proof.alg = func(t *token) bool { return t.text == "" || alg(t) }
	c.proof.mac = func(t *token, keys [][]byte) bool { return t.text == "" || mac(t, keys) }
	c.proof.time = func(t *token, now time.Time) bool { return t.text == "" || exp(t, now) }
	c.proof.hash = func(t *token, body []byte) bool { return t.text == "" || hash(t, body) }
}
