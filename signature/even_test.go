package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"
)

// One signer serves seconds of every length, those of ten digits by another way.
func TestTokensAreTheirClaimsInWhateverOrderSecondsCome(t *testing.T) {
	const seed = 3
	random := rand.New(rand.NewPCG(seed, seed))
	secret := developmentSecret(t)
	s := NewSigner(secret)
	seconds := []int64{vectorTime, 0, 9, -1, 999_999_999, 1e9, 1e9 + 1, 1e10 - 301, 1e10 - 1, 1e10, 1e12, 1e14, vectorTime + 1}
	for range 2000 {
		second := seconds[random.IntN(len(seconds))]
		var id uuid.UUID
		body := make([]byte, random.IntN(200))
		for i := range id {
			id[i] = byte(random.Uint32())
		}
		for i := range body {
			body[i] = byte(random.Uint32())
		}
		got := string(s.append(nil, id, body, time.Unix(second, 0)))
		hash := sha256.Sum256(body)
		want := tokenStart + base64.RawURLEncoding.EncodeToString(appendClaims(nil, second, id, &hash))
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(want))
		if want += "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)); got != want {
			t.Fatalf("seed %d: the token of second %d\n got %s\nwant %s", seed, second, got, want)
		}
	}
}
