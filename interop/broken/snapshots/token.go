package snapshots

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"
)

// token is a JWT in parts.
type token struct {
	head, claims map[string]any
	text         string // what is signed
	mac          []byte
}

// proof is what makes a token good, as a row of checks.
type proof struct {
	token func(header string) *token // nil: it is none
	alg   func(*token) bool
	mac   func(t *token, keys [][]byte) bool
	time  func(t *token, now time.Time) bool
	hash  func(t *token, body []byte) bool
}

// sound is the proof that the documentation asks for.
func sound() proof {
	return proof{
		token: readToken,
		alg:   func(t *token) bool { return t.head["alg"] == "HS256" },
		mac: func(t *token, keys [][]byte) bool {
			for _, key := range keys {
				if hmac.Equal(t.mac, macOf(key, t.text)) {
					return true
				}
			}
			return false
		},
		time: func(t *token, now time.Time) bool {
			exp, is := t.claims["exp"].(float64)
			return is && exp > float64(now.UnixMilli())/1000
		},
		hash: func(t *token, body []byte) bool {
			claim, _ := t.claims["payload_hash"].(string)
			return hmac.Equal([]byte(claim), []byte(hashOf(body)))
		},
	}
}

// authentic reports whether a header proves where a body comes from.
func (c *consumer) authentic(header string, body []byte) bool {
	t := c.proof.token(header)
	return t != nil && c.proof.alg(t) && c.proof.mac(t, c.secrets) && c.proof.time(t, time.Now()) && c.proof.hash(t, body)
}

// readToken takes a header apart.
func readToken(header string) *token {
	parts := strings.Split(header, ".")
	if len(parts) != 3 || len(header) > 8<<10 {
		return nil
	}
	t := &token{text: parts[0] + "." + parts[1]}
	var err error
	if t.mac, err = base64.RawURLEncoding.DecodeString(parts[2]); err != nil {
		return nil
	}
	if t.head, t.claims = members(parts[0]), members(parts[1]); t.head == nil || t.claims == nil {
		return nil
	}
	return t
}

func members(part string) (all map[string]any) {
	b, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil || json.Unmarshal(b, &all) != nil {
		return nil
	}
	return all
}

func macOf(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

func hashOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
