package signature

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// The vector was computed twice outside Go, with Python's hmac and with Node's crypto module,
// from the development secret.
const (
	vectorBody  = `{"specversion":"1.0","type":"channel.alerted.v0"}`
	vectorTime  = 1760000000
	vectorID    = "0f8fad5b-d9cb-469f-a165-70867728950e"
	vectorHash  = "1e9bf5a89e046e7539ceb55f11dad5ed120f45df1f5528c1eecb0c57b82c0174"
	vectorToken = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." +
		"eyJpYXQiOjE3NjAwMDAwMDAsImp0aSI6IjBmOGZhZDViLWQ5Y2ItNDY5Zi1hMTY1LTcwODY3NzI4OTUwZSIs" +
		"ImlzcyI6IlZvbmFnZSIsInBheWxvYWRfaGFzaCI6IjFlOWJmNWE4OWUwNDZlNzUzOWNlYjU1ZjExZGFkNWVk" +
		"MTIwZjQ1ZGYxZjU1MjhjMWVlY2IwYzU3YjgyYzAxNzQiLCJleHAiOjE3NjAwMDAzMDB9." +
		"5e4mfAyGSZLeOQfMbHTUtQa6bNpQ0WITPRsE6_j7w9E"
)

func developmentSecret(t testing.TB) Secret {
	t.Helper()
	secret, err := ParseSecret(DevelopmentSecret)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func TestSignerWritesTheVector(t *testing.T) {
	s := NewSigner(developmentSecret(t))
	now := time.Unix(vectorTime, 999_999_999)
	for range 3 { // the HMAC works differently from its second use on
		got := string(s.append([]byte("kept "), uuid.MustParse(vectorID), []byte(vectorBody), now))
		if want := "kept " + vectorToken; got != want {
			t.Fatalf("token\n got %s\nwant %s", got, want)
		}
	}
}

func TestParseReadsTheVector(t *testing.T) {
	got, err := Parse(developmentSecret(t), vectorToken, []byte(vectorBody), time.Unix(vectorTime, 0))
	if err != nil {
		t.Fatal(err)
	}
	want := Claims{
		ID:          vectorID,
		Issuer:      "Vonage",
		IssuedAt:    time.Unix(vectorTime, 0).UTC(),
		ExpiresAt:   time.Unix(vectorTime+300, 0).UTC(),
		PayloadHash: vectorHash,
	}
	if got != want {
		t.Errorf("claims\n got %+v\nwant %+v", got, want)
	}
}

// slowToken builds a token with the jwt library alone.
func slowToken(t *testing.T, secret Secret, c Claims) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, struct {
		IssuedAt    int64  `json:"iat"`
		ID          string `json:"jti"`
		Issuer      string `json:"iss"`
		PayloadHash string `json:"payload_hash"`
		ExpiresAt   int64  `json:"exp"`
		jwt.Claims  `json:"-"`
	}{c.IssuedAt.Unix(), c.ID, c.Issuer, c.PayloadHash, c.ExpiresAt.Unix(), nil})
	text, err := token.SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestTokensAreByteForByteThoseOfTheLibrary(t *testing.T) {
	body := []byte(`{"specversion":"1.0"}`)
	secrets := map[string]Secret{
		"a secret of 32 bytes":                developmentSecret(t),
		"a secret of 64 bytes, one block":     make(Secret, 64),
		"a secret of 100 bytes, over a block": make(Secret, 100),
	}
	times := []time.Time{
		time.Unix(vectorTime, 0), time.Unix(vectorTime, 999_999_999),
		time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), // where virtual time begins
		time.Date(2300, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600)),
	}
	for name, secret := range secrets {
		t.Run(name, func(t *testing.T) {
			signer := NewSigner(secret)
			for _, now := range times {
				for _, token := range []string{Sign(secret, body, now), string(signer.Append(nil, body, now))} {
					claims, err := Parse(secret, token, body, now)
					if err != nil {
						t.Fatal(err)
					}
					if got, want := token, slowToken(t, secret, claims); got != want {
						t.Errorf("token\n got %s\nwant %s", got, want)
					}
				}
			}
		})
	}
}

func TestEveryTokenHasItsOwnRandomUUID(t *testing.T) {
	secret, now := developmentSecret(t), time.Unix(vectorTime, 0)
	one, two := NewSigner(secret), NewSigner(secret)
	seen := map[string]bool{}
	for range 1000 {
		for _, token := range []string{
			string(one.Append(nil, nil, now)), string(two.Append(nil, nil, now)), Sign(secret, nil, now),
		} {
			claims, err := Parse(secret, token, nil, now)
			if err != nil {
				t.Fatal(err)
			}
			id, err := uuid.Parse(claims.ID)
			if err != nil || id.Version() != 4 || id.Variant() != uuid.RFC4122 {
				t.Fatalf("jti %q is no UUID of version 4: %v", claims.ID, err)
			}
			if seen[claims.ID] {
				t.Fatalf("jti %q came twice", claims.ID)
			}
			seen[claims.ID] = true
		}
	}
}

func TestTokenStartIsTheDocumentedHeader(t *testing.T) {
	segment, err := jwt.NewParser().DecodeSegment(tokenStart[:len(tokenStart)-1])
	if err != nil || tokenStart[len(tokenStart)-1] != '.' {
		t.Fatalf("tokenStart %q: %v", tokenStart, err)
	}
	if got, want := string(segment), `{"alg":"HS256","typ":"JWT"}`; got != want || !json.Valid(segment) {
		t.Errorf("header = %s, want %s", got, want)
	}
}

func TestAppendDoesNotAllocate(t *testing.T) {
	s, now := NewSigner(developmentSecret(t)), time.Unix(vectorTime, 0)
	body, dst := make([]byte, 700), make([]byte, 0, 512)
	s.Append(dst, body, now) // warm
	if got := testing.AllocsPerRun(1000, func() { s.Append(dst, body, now) }); got != 0 {
		t.Errorf("Append allocates %v times a call, want 0", got)
	}
}

func BenchmarkAppend(b *testing.B) {
	s, now := NewSigner(developmentSecret(b)), time.Unix(vectorTime, 0)
	body, dst := make([]byte, 700), make([]byte, 0, 512)
	b.ReportAllocs()
	for b.Loop() {
		s.Append(dst, body, now)
	}
}

func BenchmarkSign(b *testing.B) {
	secret, now := developmentSecret(b), time.Unix(vectorTime, 0)
	body := make([]byte, 700)
	b.ReportAllocs()
	for b.Loop() {
		Sign(secret, body, now)
	}
}

func BenchmarkVerify(b *testing.B) {
	secret, now := developmentSecret(b), time.Unix(vectorTime, 0)
	body := make([]byte, 700)
	token := Sign(secret, body, now)
	b.ReportAllocs()
	for b.Loop() {
		if err := Verify(secret, token, body, now); err != nil {
			b.Fatal(err)
		}
	}
}
