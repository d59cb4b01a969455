package signature_test

import (
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/ringback/ringback/signature"
)

func ExampleVerify() {
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		log.Fatal(err)
	}
	body := []byte(`{"specversion":"1.0","type":"channel.held.v0"}`)
	now := time.Date(2026, 1, 2, 9, 0, 0, 0, time.UTC)
	token := signature.Sign(secret, body, now)

	fmt.Println(signature.Verify(secret, token, body, now))
	fmt.Println(signature.Verify(secret, token, body, now.Add(signature.Lifetime)))
	err = signature.Verify(secret, token, append(body, '\n'), now)
	fmt.Println(errors.Is(err, signature.ErrHash))
	// Output:
	// <nil>
	// token is expired or not yet valid: exp passed 0s ago, check the clocks if the token is fresh
	// true
}

func ExampleSigner() {
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		log.Fatal(err)
	}
	signer := signature.NewSigner(secret) // one for each goroutine
	now := time.Date(2026, 1, 2, 9, 0, 0, 0, time.UTC)

	var token []byte // its memory is used again for every body
	for _, body := range []string{`{"id":"first"}`, `{"id":"second"}`} {
		token = signer.Append(token[:0], []byte(body), now)
		request := httptest.NewRequest(http.MethodPost, "/events", strings.NewReader(body))
		request.Header.Set(signature.HeaderName, string(token))

		claims, err := signature.Parse(secret, request.Header.Get(signature.HeaderName), []byte(body), now)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(claims.Issuer, claims.ExpiresAt.Sub(claims.IssuedAt), claims.PayloadHash[:8])
	}
	// Output:
	// Vonage 5m0s 5927e236
	// Vonage 5m0s 5893766b
}

func ExampleSecret() {
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(secret)
	fmt.Println(secret.Base64() == signature.DevelopmentSecret)
	// Output:
	// [secret of 32 bytes]
	// true
}
