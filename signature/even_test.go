package signature

import (
	"bytes"
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
	if !s.hasher.direct {
		t.Error("the states of SHA-256 are not as they were: signing takes longer")
	}
	seconds := []int64{vectorTime, 0, 9, -1, 999_999_999, 1e9, 1e9 + 1, 1e10 - 301, 1e10 - 1, 1e10, 1e12, 1e14, vectorTime + 1}
	for i := range 2000 {
		s.hasher.direct = i%2 == 0
		second := seconds[random.IntN(len(seconds))]
		var id uuid.UUID
		body := make([]byte, random.IntN(200)<<random.IntN(8))
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

func TestSumsOfEveryLength(t *testing.T) {
	secret := developmentSecret(t)
	h := newHasher(secret)
	text := make([]byte, 300)
	for i := range text {
		text[i] = byte(i)
	}
	for n := range text {
		if got, want := h.hash(text[:n]), sha256.Sum256(text[:n]); got != want {
			t.Errorf("%d bytes: got %x, want %x", n, got, want)
		}
		mac := hmac.New(sha256.New, secret)
		mac.Write(text[:n])
		h.start(text[:n/3])
		if got, want := h.finish(text[n/3:n]), mac.Sum(nil); !bytes.Equal(got, want) {
			t.Errorf("HMAC of %d bytes: got %x, want %x", n, got, want)
		}
	}
}
