package plan_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/signature"
)

// long is a plan with some hundred living conversations at a time.
func long(t testing.TB, count uint64, also ...func(*plan.Options)) *plan.Plan {
	t.Helper()
	o := plan.Options{Seed: 1, Count: count, Calls: rate(t, "5/s")}
	for _, set := range also {
		set(&o)
	}
	return planned(t, load(t, "hold"), o)
}

// One operation is one notification.
func BenchmarkPlan(b *testing.B) {
	p := long(b, 5_000_000_000)
	b.ReportAllocs()
	left := b.N
	b.ResetTimer()
	for range p.Notifications() {
		if left--; left == 0 {
			break
		}
	}
}

func BenchmarkPlanBothVersionsRandomLag(b *testing.B) {
	p := planned(b, load(b, "everything"), plan.Options{Count: 5_000_000_000, Calls: rate(b, "5/s"), Versions: plan.Both, Lag: span(b, "0s..20s")})
	b.ReportAllocs()
	left := b.N
	b.ResetTimer()
	for range p.Notifications() {
		if left--; left == 0 {
			break
		}
	}
}

// BenchmarkEncodeSign is what a sender does with each notification before it sends.
func BenchmarkEncodeSign(b *testing.B) {
	ns := all(long(b, 100))
	signer := signature.NewSigner(signature.Secret(make([]byte, signature.MinSecretLen)))
	body, token := make([]byte, 0, 2048), make([]byte, 0, 2048)
	now, bytes := dawn, 0
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		body = ns[i%len(ns)].AppendBody(body[:0])
		token = signer.Append(token[:0], body, now)
		bytes += len(body)
	}
	b.SetBytes(int64(bytes / b.N))
}

// BenchmarkPlanEncodeSign is all of it, from the story to the token.
func BenchmarkPlanEncodeSign(b *testing.B) {
	p := long(b, 5_000_000_000)
	signer := signature.NewSigner(signature.Secret(make([]byte, signature.MinSecretLen)))
	body, token := make([]byte, 0, 2048), make([]byte, 0, 2048)
	b.ReportAllocs()
	left := b.N
	b.ResetTimer()
	for n := range p.Notifications() {
		body = n.AppendBody(body[:0])
		token = signer.Append(token[:0], body, dawn)
		if left--; left == 0 {
			break
		}
	}
}

func BenchmarkLength(b *testing.B) {
	p := long(b, 1000)
	b.ReportAllocs()
	for b.Loop() {
		p.Length()
	}
}

// heap is the memory in use, in bytes.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// Sixty thousand conversations with about 900 alive at a time take the memory of
// those, however far the walk is.
func TestMemoryGrowsWithTheLivingConversationsOnly(t *testing.T) {
	slow(t)
	p := planned(t, load(t, "hold"), plan.Options{Count: 60_000, Calls: rate(t, "5/s")})
	before := heap()
	var early, late uint64
	conversations := uint64(0)
	for n := range p.Notifications() {
		if n.Story <= conversations {
			continue
		}
		switch conversations = n.Story; conversations {
		case 10_000:
			early = heap()
		case 58_000:
			late = heap()
		}
	}
	if early == 0 || late == 0 {
		t.Fatal("the walk did not come so far")
	}
	const most = 8 << 20
	if late > before+most || late > early+early/4 {
		t.Errorf("%d bytes at first, %d after 10,000 conversations, %d after 58,000; want no growth, and at most %d more", before, early, late, most)
	}
	t.Logf("%d KiB before, %d KiB after 10,000 conversations, %d KiB after 58,000", before>>10, early>>10, late>>10)
}

// A walk allocates while its first conversations begin, and then hardly ever: one string
// for each agent's display ID.
func TestWalkingHardlyAllocates(t *testing.T) {
	slow(t)
	for _, unordered := range []bool{false, true} {
		p := long(t, 20_000, func(o *plan.Options) { o.Unordered = unordered })
		var before, after runtime.MemStats
		notifications := uint64(0)
		for n := range p.Notifications() {
			switch {
			case n.Story < 10_000:
			case notifications == 0:
				runtime.ReadMemStats(&before)
				notifications++
			default:
				notifications++
			}
		}
		runtime.ReadMemStats(&after)
		perOne := float64(after.Mallocs-before.Mallocs) / float64(notifications)
		if perOne >= 0.2 {
			t.Errorf("unordered %t: %.2f allocations a notification, want less than 0.2", unordered, perOne)
		}
		t.Logf("unordered %t: %.3f allocations a notification", unordered, perOne)
	}
}

func TestTheLengthOfManyConversationsIsFoundWithoutWalkingThemTogether(t *testing.T) {
	p := long(t, 2000)
	ns := all(p)
	if got, want := p.Length(), ns[len(ns)-1].Due; got != want || got < 399*time.Second {
		t.Errorf("the length is %s, want %s", got, want)
	}
}
