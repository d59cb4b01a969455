package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"runtime"
	"syscall"
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
func planned(b testing.TB) *plan.Plan {
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

func signer(b testing.TB) *signature.Signer {
	b.Helper()
	secret, err := signature.ParseSecret(signature.DevelopmentSecret)
	if err != nil {
		b.Fatal(err)
	}
	return signature.NewSigner(secret)
}

// warm is how many notifications are made until as many conversations live as will.
const warm = 20_000

// makeSome makes warm notifications and n more: planned, encoded and signed. It calls ready
// between the two.
func makeSome(b testing.TB, n int, ready func()) {
	p, s := planned(b), signer(b)
	body, token := make([]byte, 0, 2048), make([]byte, 0, 2048)
	now := moment()
	left := n + warm
	for next := range p.Notifications() {
		if left == n {
			ready()
		}
		body = next.AppendBody(body[:0])
		token = s.Append(token[:0], body, now)
		if left--; left == 0 {
			break
		}
	}
}

// cpuTime is what this process has used so far.
func cpuTime() time.Duration {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// reportCPU reports the CPU time since then for each of the operations: on a machine that does
// other things as well, it says more than the time that passed.
func reportCPU(b *testing.B, since time.Duration) {
	b.ReportMetric(float64((cpuTime()-since).Nanoseconds())/float64(b.N), cpuUnit)
}

// BenchmarkMake is all of the making: the plan's next notification, its bytes, its token.
func BenchmarkMake(b *testing.B) {
	b.ReportAllocs()
	var began time.Duration
	makeSome(b, b.N, func() {
		b.ResetTimer()
		began = cpuTime()
	})
	reportCPU(b, began)
}

func TestMakingAllocatesNothing(t *testing.T) {
	const n = 50_000
	var before, after runtime.MemStats
	makeSome(t, n, func() { runtime.ReadMemStats(&before) })
	runtime.ReadMemStats(&after)
	if each := float64(after.Mallocs-before.Mallocs) / n; each > 0.01 {
		t.Errorf("%.3f allocations for each notification, want none", each)
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
	began := cpuTime()
	for i := 0; b.Loop(); i++ {
		body = ns[i%len(ns)].AppendBody(body[:0])
		token = s.Append(token[:0], body, now)
	}
	reportCPU(b, began)
}

// BenchmarkHashOnly is the yardstick: SHA-256 of the same bodies and HMAC of as many bytes as a
// token signs, by the standard library, with hashes that are used again.
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
	began := cpuTime()
	for i := 0; b.Loop(); i++ {
		sum := sha256.Sum256(bodies[i%len(bodies)])
		copy(token, sum[:])
		mac.Reset()
		mac.Write(token)
		out = mac.Sum(out[:0])
	}
	reportCPU(b, began)
}
