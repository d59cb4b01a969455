package seeded

import (
	"math"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/segmentio/ksuid"
)

func TestNamesDecideAndNothingElse(t *testing.T) {
	a := From(7).With(3).With(1).Source()
	b := From(7).With(3).With(1).Source()
	for range 5 {
		if x, y := a.Uint64(), b.Uint64(); x != y {
			t.Fatalf("equal names gave %x and %x", x, y)
		}
	}
	seen := map[uint64][2]uint64{}
	for i := range uint64(300) {
		for j := range uint64(300) {
			s := From(7).With(i).With(j).Source()
			v := s.Uint64()
			if at, dup := seen[v]; dup {
				t.Fatalf("names %d.%d and %v gave the same number", i, j, at)
			}
			seen[v] = [2]uint64{i, j}
		}
	}
}

// These constants pin the streams: a change here changes every plan that users recorded.
func TestStreamsArePinned(t *testing.T) {
	id := From(1).With(2).WithText("alice").UUID()
	if got, want := string(id[:]), "8578d8ab-c8cb-4c39-a930-4caef0c6e071"; got != want {
		t.Errorf("UUID = %q, want %q", got, want)
	}
	s := From(1).Source()
	if got, want := [2]uint64{s.Uint64(), s.Uint64()}, [2]uint64{0x4c15ade06a75f7d5, 0x91cbb48df3b370b5}; got != want {
		t.Errorf("numbers = %x, want %x", got, want)
	}
	s = From(1).Source()
	got := [3]float64{s.Normal(), s.Gamma(2.5), s.Exponential()}
	if want := [3]float64{-1.7410620292819419, 2.9862337000374004, 0.56019982398305179}; got != want {
		t.Errorf("draws = %.17g, want %.17g", got, want)
	}
}

func TestIdentifiersAreLawful(t *testing.T) {
	at := time.Date(2025, 3, 3, 9, 0, 0, 999_999_999, time.UTC)
	for i := range uint64(2000) {
		k := From(i).With(9)
		u := k.UUID()
		id, err := uuid.Parse(string(u[:]))
		if err != nil || id.Version() != 4 || id.Variant() != uuid.RFC4122 || id.String() != string(u[:]) {
			t.Fatalf("UUID %q: %v, version %d, variant %v", u, err, id.Version(), id.Variant())
		}
		text := k.KSUID(at)
		ks, err := ksuid.Parse(string(text[:]))
		if err != nil || !ks.Time().Equal(at.Truncate(time.Second)) {
			t.Fatalf("KSUID %q: %v, time %v, want %v", text, err, ks.Time(), at)
		}
	}
}

func TestPortableMathAgreesWithTheStandardLibrary(t *testing.T) {
	s := From(5).Source()
	for range 100_000 {
		x := Exp(80 * (s.Float() - 0.5))
		if got, want := Log(x), math.Log(x); math.Abs(got-want) > 2e-15*math.Max(1, math.Abs(want)) {
			t.Fatalf("Log(%g) = %.17g, want %.17g", x, got, want)
		}
		y := 200 * (s.Float() - 0.5)
		if got, want := Exp(y), math.Exp(y); math.Abs(got-want) > 4e-15*want {
			t.Fatalf("Exp(%g) = %.17g, want %.17g", y, got, want)
		}
	}
	if !math.IsInf(Exp(1000), 1) || Exp(-1000) != 0 {
		t.Fatal("Exp beyond its range must give +Inf and 0")
	}
}

func TestDistributionsHaveTheirMoments(t *testing.T) {
	const n = 200_000
	tests := []struct {
		name     string
		draw     func(*Source) float64
		mean, sd float64
	}{
		{"uniform", (*Source).Float, 0.5, math.Sqrt(1.0 / 12)},
		{"normal", (*Source).Normal, 0, 1},
		{"exponential", (*Source).Exponential, 1, 1},
		{"gamma of shape 0.5", func(s *Source) float64 { return s.Gamma(0.5) }, 0.5, math.Sqrt(0.5)},
		{"gamma of shape 4", func(s *Source) float64 { return s.Gamma(4) }, 4, 2},
		{"below 10", func(s *Source) float64 { return float64(s.Below(10)) }, 4.5, math.Sqrt(99.0 / 12)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := From(11).Source()
			var sum, squares float64
			for range n {
				x := tt.draw(&s)
				sum += x
				squares += x * x
			}
			mean := sum / n
			sd := math.Sqrt(squares/n - mean*mean)
			if margin := 5 * tt.sd / math.Sqrt(n); math.Abs(mean-tt.mean) > margin {
				t.Errorf("mean = %.4f, want %.4f ± %.4f", mean, tt.mean, margin)
			}
			if math.Abs(sd-tt.sd) > 0.02*tt.sd {
				t.Errorf("standard deviation = %.4f, want %.4f", sd, tt.sd)
			}
		})
	}
}

func TestIdentifiersAllocateNothing(t *testing.T) {
	at := time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)
	k := From(1)
	if n := testing.AllocsPerRun(100, func() { k = k.With(1); _ = k.UUID(); _ = k.KSUID(at) }); n != 0 {
		t.Fatalf("%v allocations, want 0", n)
	}
}

func BenchmarkKSUID(b *testing.B) {
	at := time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC)
	k := From(1)
	for b.Loop() {
		k.hi++
		_ = k.KSUID(at)
	}
}

func BenchmarkUUID(b *testing.B) {
	k := From(1)
	for b.Loop() {
		k.hi++
		_ = k.UUID()
	}
}
