package capacity

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/gate"
)

// careless refuses a share of what comes, however much that is, beside what another consumer does.
func careless(share float64, seed uint64, m *model) *model {
	chances := rand.New(rand.NewPCG(seed, 0))
	serve := m.serve
	m.serve = func(m *model, at time.Duration) (time.Duration, bool) {
		if chances.Float64() < share {
			return at + time.Millisecond, false
		}
		return serve(m, at)
	}
	return m
}

// instant answers at once.
func instant() *model {
	return &model{serve: func(_ *model, at time.Duration) (time.Duration, bool) { return at + time.Millisecond, true }}
}

// tolerant is the offer of a model with a gate that lets a share of refusals pass.
func tolerant(m *model, share float64) Offer {
	return func(ctx context.Context, rate float64, over time.Duration) (Window, error) {
		w, err := m.offer(ctx, rate, over)
		if w.Broke == ByRefusals && float64(w.Offered-w.Answered) < share*float64(w.Offered) {
			w.Verdict, w.Broke, w.Why = Holds, "", ""
		}
		return w, err
	}
}

// What is refused by chance is no limit, however seldom that is and whatever a gate allows of it. Of many consumers, one may be taken for one that
// has a limit, since chance does everything now and then.
func TestRefusalsByChanceAreNoLimit(t *testing.T) {
	for _, share := range []float64{0.001, 0.004, 0.01, 0.03, 0.1} {
		named, told := 0, 0
		const tries = 40
		for seed := range uint64(tries) {
			r := find(t, careless(share, seed, instant()), func(s *Search) { s.Most = 20_000 })
			switch {
			case r.Named && r.Breaks > 0:
				named++
				t.Logf("%g, seed %d: %s", share, seed, r.Headline())
			case strings.Contains(r.Reason, "no matter of the rate"):
				told++
				if r.Whose != Consumer || share < 0.1 && !strings.Contains(r.Reason, "a gate 'refused < ") {
					t.Errorf("%g, seed %d: %s", share, seed, r.Headline())
				}
			default:
				t.Logf("%g, seed %d: %s", share, seed, r.Headline())
			}
		}
		if named > 1 || told < tries-4 {
			t.Errorf("%g refused by chance: %d of %d have a limit, of %d it is said that it is no matter of the rate", share, named, tries, told)
		}
	}
}

// The same for responses that are slow by chance: where the gate on the latency allows for as many, all rates hold.
func TestSlowResponsesByChanceAreNoLimit(t *testing.T) {
	for share, want := range map[float64]string{0.003: "the consumer takes at least 3,000/s", 0.008: "the consumer takes at least 3,000/s", 0.015: "no matter of the rate", 0.03: "no matter of the rate", 0.1: "no matter of the rate"} {
		told := 0
		const tries = 30
		for seed := range uint64(tries) {
			chances := rand.New(rand.NewPCG(seed, 1))
			m := &model{serve: func(_ *model, at time.Duration) (time.Duration, bool) {
				if chances.Float64() < share {
					return at + 600*time.Millisecond, true
				}
				return at + time.Millisecond, true
			}}
			r := find(t, m, func(s *Search) { s.Most = 3000 })
			switch {
			case r.Named && r.Breaks > 0:
				t.Errorf("%g, seed %d: %s", share, seed, r.Headline())
			case strings.Contains(r.Headline(), want):
				told++
			default:
				t.Logf("%g, seed %d: %s", share, seed, r.Headline())
			}
		}
		if told < tries-3 {
			t.Errorf("%g are slow by chance: of %d of %d it is said that %s", share, told, tries, want)
		}
	}
}

// The same where the highest rate that is asked for is near: what holds or fails there decides.
func TestRefusalsByChanceNearTheHighestRate(t *testing.T) {
	for most, first := range map[float64]float64{100: 60, 150: 20, 400: 10} {
		for _, share := range []float64{0.005, 0.02, 0.2} {
			named, short := 0, 0
			const tries = 30
			for seed := range uint64(tries) {
				r := find(t, careless(share, seed, instant()), func(s *Search) { s.First, s.Most = first, most })
				switch {
				case r.Named && r.Breaks > 0:
					named++
					t.Logf("%g up to %g/s, seed %d: %s", share, most, seed, r.Headline())
				case r.Whose == Budget:
					short++
					t.Logf("%g up to %g/s, seed %d: %s", share, most, seed, r.Headline())
				}
			}
			if named > 1 || short > tries/4 {
				t.Errorf("%g refused by chance, up to %g/s: of %d, %d have a limit, and of %d the time was over", share, most, tries, named, short)
			}
		}
	}
}

// Beside refusals that a gate lets pass, the limit is found, and where there is no time to confirm it, what is known of it is true.
func TestALimitIsFoundBesideRefusalsByChance(t *testing.T) {
	for _, share := range []float64{0.002, 0.01} {
		found, named := 0, 0
		const tries = 20
		for seed := range uint64(tries) {
			m := careless(share, seed, bucket(137, 137))
			offer := tolerant(m, 3*share)
			r := find(t, m, func(s *Search) { s.Offer, s.Tolerant, s.Needed = offer, true, 3/(3*share) })
			if r.Named {
				named++
			}
			if (r.Named || r.Whose == Budget) && r.Holds > 130 && r.Holds < 146 && r.Broke == ByRefusals {
				found++
			} else {
				t.Logf("%g, seed %d: %s", share, seed, r.Headline())
			}
		}
		if found < tries-1 || named < tries-5 {
			t.Errorf("%g refused by chance: the limit was found %d times of %d, and named %d times", share, found, tries, named)
		}
	}
}

// Only gates on shares let some pass.
func TestGatesThatLetSomePass(t *testing.T) {
	for text, want := range map[string]bool{"refused < 1%": true, "accepted >= 99%": true, "accepted >= 100%": false, "refused == 0": false, "refused <= 0%": false, "latency p99 < 1s": false} {
		g, err := gate.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := Tolerant([]gate.Gate{{}, g}); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

// Whoever refuses most of what comes, at any rate, has no limit; whose limit is far below the first rate, and who has a reserve, is not taken for
// one of those.
func TestWhoRefusesMostHasNoLimit(t *testing.T) {
	for _, share := range []float64{0.6, 0.7, 0.8} {
		for seed := range uint64(20) {
			r := find(t, careless(share, seed, instant()), func(s *Search) { s.First, s.Most = []float64{10, 200}[seed%2], 20_000 })
			if r.Named || !strings.Contains(r.Reason, "refusals are no matter of the rate") {
				t.Errorf("%g, seed %d: %s", share, seed, r.Headline())
			}
		}
	}
	for _, limit := range []float64{2, 5, 12, 30, 70} {
		for _, reserve := range []float64{1, limit, 3 * limit} {
			r := find(t, bucket(limit, reserve), func(s *Search) { s.First, s.Most = 640, 20_000 })
			if strings.Contains(r.Reason, "no matter of the rate") || r.Named && (r.Holds < 0.8*limit || r.Holds > 1.3*limit) {
				t.Errorf("a bucket of %g/s with a reserve of %g: %s", limit, reserve, r.Headline())
			}
		}
	}
}

// Beside a real limit, too, and however long is looked for it: who is slow by itself in more than a gate allows has none.
func TestSlowResponsesBesideAQueueAreNoLimit(t *testing.T) {
	named := 0
	const tries = 30
	for seed := range uint64(tries) {
		chances, m := rand.New(rand.NewPCG(seed, 2)), queue(6300*time.Microsecond)
		serve := m.serve
		m.serve = func(m *model, at time.Duration) (time.Duration, bool) {
			done, ok := serve(m, at)
			if chances.Float64() < 0.015 {
				done += 600 * time.Millisecond
			}
			return done, ok
		}
		r := find(t, m, func(s *Search) { s.Most, s.For = 450, 10*time.Minute })
		if r.Named && r.Breaks > 0 {
			named++
			t.Logf("seed %d: %s", seed, r.Headline())
		}
	}
	if named > 1 {
		t.Errorf("%d of %d have a limit", named, tries)
	}
}
