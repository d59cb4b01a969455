package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenarios"
	"github.com/ringback/ringback/signature"
)

// moment is when all is planned and signed.
func moment() time.Time { return time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC) }

// planned is a plan that does not end, with some hundred living conversations.
func planned(b *testing.B) *plan.Plan {
	b.Helper()
	sc, err := scenarios.Load("inbound-call")
	if err != nil {
		b.Fatal(err)
	}
	calls, err := scenario.ParseRate("5/s")
	if err != nil {
		b.Fatal(err)
	}
	p, err := plan.New(sc, plan.Options{Seed: 7, Start: moment(), Count: 5_000_000_000, Calls: calls})
	if err != nil {
		b.Fatal(err)
	}
	return p
}

func signer(b *testing.B) *signature.Signer {
	b.Helper()
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		b.Fatal(err)
	}
	return signature.NewSigner(secret)
}

// BenchmarkMake is all of the making: the plan's next notification, its bytes, its token.
func BenchmarkMake(b *testing.B) {
	p, s := planned(b), signer(b)
	body, token := make([]byte, 0, 2048), make([]byte, 0, 2048)
	now := moment()
	const warm = 20_000 // until as many conversations live as will
	left := b.N + warm
	b.ReportAllocs()
	for n := range p.Notifications() {
		if left == b.N {
			b.ResetTimer()
		}
		body = n.AppendBody(body[:0])
		token = s.Append(token[:0], body, now)
		if left--; left == 0 {
			break
		}
	}
}

// some are notifications of the plan.
func some(b *testing.B) (all []plan.Notification) {
	for n := range planned(b).Notifications() {
		if all = append(all, n); len(all) == 5000 {
			break
		}
	}
	return all
}

// BenchmarkEncodeSign is the same for notifications planned before.
func BenchmarkEncodeSign(b *testing.B) {
	ns, s := some(b), signer(b)
	body, token := make([]byte, 0, 2048), make([]byte, 0, 2048)
	now := moment()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		body = ns[i%len(ns)].AppendBody(body[:0])
		token = s.Append(token[:0], body, now)
	}
}

// BenchmarkHashOnly is what nobody can save: SHA-256 of the same bodies and HMAC of as many
// bytes as a token signs, with hashes that are used again.
func BenchmarkHashOnly(b *testing.B) {
	var bodies [][]byte
	s := signer(b)
	signed := 0
	for _, n := range some(b) {
		body := n.AppendBody(nil)
		bodies = append(bodies, body)
		signed = len(s.Append(nil, body, moment())) - 44 // without the dot and the HMAC
	}
	mac := hmac.New(sha256.New, make([]byte, 32))
	token, out := make([]byte, signed), make([]byte, 0, 32)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		sum := sha256.Sum256(bodies[i%len(bodies)])
		copy(token, sum[:])
		mac.Reset()
		mac.Write(token)
		out = mac.Sum(out[:0])
	}
}
