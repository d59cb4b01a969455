package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// badge makes and reads the cookies of those who are logged in. Nothing is kept about them:
// a cookie says until when it is good, and a change of the client secret ends them all.
type badge struct{ key []byte }

// newBadge derives the key, so that a cookie is no access token and the other way round.
func newBadge(tokenKey []byte, id, secret string) badge {
	h := hmac.New(sha256.New, tokenKey)
	h.Write([]byte("login\x00" + id + "\x00" + secret))
	return badge{h.Sum(nil)}
}

func (b badge) issue(until time.Time) string {
	text := binary.BigEndian.AppendUint64(nil, uint64(until.Unix()))
	return base64.RawURLEncoding.EncodeToString(append(text, b.mac(text)...))
}

func (b badge) good(cookie string, now time.Time) bool {
	text, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil || len(text) != 8+sha256.Size || !hmac.Equal(text[8:], b.mac(text[:8])) {
		return false
	}
	return now.Unix() < int64(binary.BigEndian.Uint64(text))
}

func (b badge) mac(text []byte) []byte {
	h := hmac.New(sha256.New, b.key)
	h.Write(text)
	return h.Sum(nil)
}
