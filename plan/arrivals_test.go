package plan

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/internal/story"
	"github.com/ringback/ringback/scenario"
)

func goesOn() bool { return false }

func per(times uint64, d time.Duration) scenario.Rate { return scenario.Rate{Times: times, Per: d} }

func laid(t testing.TB, seed uint64, stretches ...Stretch) *arrivals {
	t.Helper()
	a, err := newArrivals(stretches, seeded.From(seed).With(nameArrival), maxEven, maxArrivals, goesOn)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// moments are all beginnings, one after the other.
func moments(a *arrivals) (all []int64) {
	c := cursor{arrivals: a}
	for i := range a.count {
		all = append(all, c.moment(i))
	}
	return all
}

func even(from, to scenario.Rate, over time.Duration) Stretch {
	return Stretch{From: from, To: to, Over: over}
}

func random(from, to scenario.Rate, over time.Duration) Stretch {
	return Stretch{From: from, To: to, Over: over, Poisson: true}
}

func TestEvenArrivalsFollowTheIntegral(t *testing.T) {
	s, m := time.Second, time.Minute
	none := scenario.Rate{}
	for _, c := range []struct {
		name      string
		stretches []Stretch
		count     uint64
		at        map[uint64]time.Duration
	}{
		{"a constant rate", []Stretch{even(per(5, s), per(5, s), m)}, 300, map[uint64]time.Duration{0: 0, 1: s / 5, 299: 299 * s / 5}},
		{"thirds of a second", []Stretch{even(per(3, s), per(3, s), m)}, 180, map[uint64]time.Duration{1: 333333333, 2: 666666666, 3: s}},
		{"a ramp from nothing", []Stretch{even(none, per(4, s), 10*m)}, 1200, map[uint64]time.Duration{0: 0, 300: 5 * m, 1199: 599749947894}},
		{"a ramp to nothing", []Stretch{even(per(4, s), none, 10*m)}, 1200, map[uint64]time.Duration{0: 0, 900: 5 * m}},
		{"a ramp in units that differ", []Stretch{even(per(60, m), per(4, s), 10*m)}, 1500, map[uint64]time.Duration{0: 0}},
		{"a pause", []Stretch{even(per(1, s), per(1, s), 2*s), even(none, none, 10*s), even(per(1, s), per(1, s), 2*s)}, 4,
			map[uint64]time.Duration{1: s, 2: 12 * s, 3: 13 * s}},
		{"what is left at the end of a stretch counts for the next", []Stretch{even(per(1, s), per(1, s), 2500*time.Millisecond), even(per(2, s), per(2, s), s)}, 5,
			map[uint64]time.Duration{2: 2 * s, 3: 2750 * time.Millisecond, 4: 3250 * time.Millisecond}},
		{"a stretch too short for one", []Stretch{even(per(1, s), per(1, s), s+1), even(per(1, s), per(1, s), s/2), even(per(1, s), per(1, s), s)}, 3,
			map[uint64]time.Duration{1: s, 2: 2 * s}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := laid(t, 1, c.stretches...)
			all := moments(a)
			if a.count != c.count {
				t.Fatalf("%d conversations begin, want %d", a.count, c.count)
			}
			for i, want := range c.at {
				if got := time.Duration(all[i]); got != want {
					t.Errorf("conversation %d begins at %s, want %s", i, got, want)
				}
			}
			if !slices.IsSorted(all) {
				t.Error("they do not come one after the other")
			}
		})
	}
}

func TestAnyBeginningIsFoundAtOnce(t *testing.T) {
	a := laid(t, 3, random(per(5, time.Second), per(50, time.Second), time.Minute), even(per(1, time.Second), per(9, time.Second), time.Minute),
		random(per(0, time.Second), per(3, time.Second), time.Minute))
	all := moments(a)
	if !slices.IsSorted(all) || len(all) < 1500 {
		t.Fatalf("%d beginnings, in order: %t", len(all), slices.IsSorted(all))
	}
	c := cursor{arrivals: a}
	for k := range uint64(5000) {
		i := k * 7919 % a.count
		if got := c.moment(i); got != all[i] {
			t.Fatalf("conversation %d begins at %d, after others at %d", i, all[i], got)
		}
	}
}

// Another rate of one stretch leaves the others as they are, and a lower count what comes first.
func TestStretchesAreDrawnApart(t *testing.T) {
	s := time.Second
	second := random(per(5, s), per(5, s), time.Minute)
	a := moments(laid(t, 3, random(per(5, s), per(5, s), time.Minute), second))
	b := moments(laid(t, 3, random(per(9, s), per(9, s), time.Minute), second))
	later := func(all []int64) []int64 {
		i, _ := slices.BinarySearch(all, int64(time.Minute))
		return all[i:]
	}
	if !slices.Equal(later(a), later(b)) || slices.Equal(a, b) {
		t.Error("the second minute depends on the rate of the first")
	}
	few, err := newArrivals([]Stretch{second, second}, seeded.From(3).With(nameArrival), 17, maxArrivals, goesOn)
	if err != nil || few.count != 17 || !slices.Equal(moments(few), a[:17]) {
		t.Errorf("17 of them are %v, %v", moments(few), err)
	}
}

// kolmogorov is the p-value of a Kolmogorov-Smirnov test: xs are uniform in [0, 1].
func kolmogorov(xs []float64) float64 {
	slices.Sort(xs)
	n, d := float64(len(xs)), 0.0
	for i, x := range xs {
		d = max(d, x-float64(i)/n, float64(i+1)/n-x)
	}
	l := (math.Sqrt(n) + 0.12 + 0.11/math.Sqrt(n)) * d
	p := 0.0
	for k := 1.0; k < 100; k++ {
		p += 2 * math.Pow(-1, k-1) * math.Exp(-2*k*k*l*l)
	}
	return min(1, max(0, p))
}

// chiSquare is the p-value of counts against what is expected, by the approximation of Wilson
// and Hilferty.
func chiSquare(counts, expected []float64) float64 {
	sum, n := 0.0, float64(len(counts))-1
	for i := range counts {
		sum += (counts[i] - expected[i]) * (counts[i] - expected[i]) / expected[i]
	}
	z := (math.Cbrt(sum/n) - (1 - 2/(9*n))) / math.Sqrt(2/(9*n))
	return math.Erfc(z/math.Sqrt2) / 2
}

// unlikely is a p-value that chance gives once in a thousand tests; the seeds are fixed.
func unlikely(t *testing.T, what string, p float64) {
	t.Helper()
	t.Logf("%s: p = %.3f", what, p)
	if p < 0.001 || p > 0.9999 {
		t.Errorf("%s: p = %g", what, p)
	}
}

func TestPoissonArrivalsAreRandomAtTheirRate(t *testing.T) {
	const minutes, rate = 200, 50.0 // a minute
	for seed := range uint64(5) {
		all := moments(laid(t, seed, random(per(50, time.Minute), per(50, time.Minute), minutes*time.Minute)))
		var gaps []float64
		for i := 1; i < len(all); i++ {
			gaps = append(gaps, 1-math.Exp(-float64(all[i]-all[i-1])/float64(time.Minute)*rate))
		}
		unlikely(t, "times between arrivals", kolmogorov(gaps))
	}
	// through a ramp: 20 intervals, each with its own integral
	const over, top = 600.0, 20.0
	for seed := range uint64(5) {
		all := moments(laid(t, seed, random(per(0, time.Second), per(20, time.Second), 600*time.Second)))
		counts, expected := make([]float64, 20), make([]float64, 20)
		for _, at := range all {
			counts[int(float64(at)/1e9/over*20)]++
		}
		for k := range expected {
			from, to := float64(k)/20, float64(k+1)/20
			expected[k] = top * over / 2 * (to*to - from*from)
		}
		unlikely(t, "counts through a ramp", chiSquare(counts, expected))
		total := math.Abs(float64(len(all)) - top*over/2)
		if total > 4*math.Sqrt(top*over/2) {
			t.Errorf("seed %d: %d arrivals, want about %g", seed, len(all), top*over/2)
		}
	}
	// counts per interval are as spread as those of Poisson
	all := moments(laid(t, 9, random(per(10, time.Second), per(10, time.Second), 1000*time.Second)))
	counts, expected := make([]float64, 1000), make([]float64, 1000)
	for _, at := range all {
		counts[at/1e9]++
	}
	for k := range expected {
		expected[k] = 10
	}
	unlikely(t, "counts per second", chiSquare(counts, expected))
}

func TestRatesBeyondSenseAreRefused(t *testing.T) {
	s := time.Second
	for _, c := range []struct {
		name      string
		stretches []Stretch
	}{
		{"no time", []Stretch{even(per(1, s), per(1, s), 0)}},
		{"too many", []Stretch{even(per(1e12, s), per(1e12, s), time.Hour)}},
		{"too many at random", []Stretch{random(per(1e6, s), per(1e6, s), time.Hour)}},
		{"too long", []Stretch{even(per(1, s), per(1, s), maxArrivals), even(per(1, s), per(1, s), s)}},
		{"no period", []Stretch{even(per(1, 0), per(1, s), s)}},
	} {
		if _, err := newArrivals(c.stretches, seeded.Key{}, maxEven, maxArrivals, goesOn); err == nil {
			t.Errorf("%s: no error", c.name)
		}
	}
}

// Times are drawn from the distributions that they name; they are whole milliseconds, so
// uniform ones and large ones only are compared with the continuous law.
func TestSpansAreDrawnFromTheirDistributions(t *testing.T) {
	normal := func(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
	for _, c := range []struct {
		span string
		cdf  func(ms float64) float64
	}{
		{"0s..100s", func(ms float64) float64 { return ms / 100_000 }},
		{"{exponential: {mean: 100s}}", func(ms float64) float64 { return 1 - math.Exp(-ms/100_000) }},
		{"{lognormal: {median: 60s, sigma: 0.6}}", func(ms float64) float64 { return normal(math.Log(ms/60_000) / 0.6) }},
		{"{normal: {mean: 1000s, sd: 100s}}", func(ms float64) float64 { return normal((ms - 1_000_000) / 100_000) }},
		{"{gamma: {shape: 2, scale: 50s}}", func(ms float64) float64 { return 1 - math.Exp(-ms/50_000)*(1+ms/50_000) }},
	} {
		sc, err := scenario.Parse("x.yaml", []byte("name: a\nstory: A.\nsteps:\n  - call: c\n  - queue: "+c.span+"\n  - abandon\n"))
		if err != nil {
			t.Fatal(err)
		}
		var xs []float64
		for i := range uint64(2000) {
			src := seeded.From(7).With(i).Source()
			xs = append(xs, c.cdf(float64(story.Draw(&sc.Steps[1].Time, &src).Milliseconds())+0.5))
		}
		unlikely(t, c.span, kolmogorov(xs))
	}
}
