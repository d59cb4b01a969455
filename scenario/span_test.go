package scenario

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/internal/story"
)

func TestTimesAsTheyAreWritten(t *testing.T) {
	for _, c := range []struct {
		text, want string // the canonical text
		min, max   time.Duration
	}{
		{"30s", "30s", 30 * time.Second, 30 * time.Second},
		{"2m30s", "2m30s", 150 * time.Second, 150 * time.Second},
		{"1.5m", "1m30s", 90 * time.Second, 90 * time.Second},
		{"500ms", "500ms", 500 * time.Millisecond, 500 * time.Millisecond},
		{"0.25s", "250ms", 250 * time.Millisecond, 250 * time.Millisecond},
		{"0s", "0s", 0, 0},
		{"1h", "1h", time.Hour, time.Hour},
		{"720h", "720h", MaxSpan, MaxSpan},
		{" 5s ", "5s", 5 * time.Second, 5 * time.Second},
		{"5s..20s", "5s..20s", 5 * time.Second, 20 * time.Second},
		{"5s .. 20s", "5s..20s", 5 * time.Second, 20 * time.Second},
		{"5s..5s", "5s..5s", 5 * time.Second, 5 * time.Second},
		{"0s..1m", "0s..1m", 0, time.Minute},
	} {
		s, err := ParseSpan(c.text)
		if err != nil || s.String() != c.want || s.Min() != c.min || s.Max() != c.max {
			t.Errorf("%q: got %s, %s to %s, %v; want %s, %s to %s", c.text, s, s.Min(), s.Max(), err, c.want, c.min, c.max)
		}
		if again, err := ParseSpan(s.String()); err != nil || again.String() != s.String() {
			t.Errorf("%q: its text %q gives %v, %v", c.text, s, again, err)
		}
	}
}

func TestTimesThatAreNone(t *testing.T) {
	for text, want := range map[string]string{
		"":              "want a time such as",
		"5":             "add a unit: 5s",
		"0":             "add a unit: 0s",
		"5 s":           `got "5 s" (write 5s)`,
		"5sec":          `got "5sec" (write 5s)`,
		"5 minutes":     `got "5 minutes" (write 5m)`,
		"1 Hour":        `(write 1h)`,
		"250 msec":      `(write 250ms)`,
		"5S":            `(write 5s)`,
		"1h and 5 min":  `(write 1h5m)`,
		"00:01:30":      `(write 1m30s)`,
		"PT1M30S":       `(write 1m30s)`,
		"2 days":        `(write 48h)`,
		"99d":           `got "99d"`, // too long
		"1,5s":          `(write 1.5s)`,
		"5 to 20 secs":  `got "5 to 20 secs"`, // 5 of what?
		"5s - 20s":      `(write 5s..20s)`,
		"5 s..9s":       `got "5 s" (write 5s)`,
		"true":          `or 5s..20s, got "true"`,
		"yes":           `or 5s..20s, got "yes"`,
		"-5s":           "not negative",
		"+5s":           "want a time such as",
		"5.s":           "want a time such as",
		".5s":           "want a time such as",
		"1d":            `(write 24h)`,
		"00:30":         `or 5s..20s, got "00:30"`, // minutes and seconds, or hours and minutes?
		"1,000ms":       `or 5s..20s, got "1,000ms"`,
		"1500us":        "want whole milliseconds",
		"1.5ms":         "want whole milliseconds",
		"720h1ms":       "at most 720h",
		"99999999999h":  "at most 720h",
		"1e3s":          "want a time such as",
		"NaNs":          "want a time such as",
		"20s..5s":       "shorter time first",
		"5s..":          "want a time such as",
		"..5s":          "want a time such as",
		"5s...9s":       "want a time such as",
		"5s..9s..10s":   "want a time such as",
		"5s-9s":         "(write 5s..9s)",
		"1000000ns..2s": "want a time such as",
	} {
		if s, err := ParseSpan(text); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(want, "write") && strings.Contains(err.Error(), "write") {
			t.Errorf("%q: got %v, %v; want an error with %q", text, s, err, want)
		}
	}
}

// written reads a span as a step has it.
func written(t *testing.T, text string) Span {
	t.Helper()
	sc, err := Parse("x.yaml", []byte("name: a\nstory: b\nsteps: [{wait: "+text+"}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	return sc.Steps[0].Time
}

func draws(s Span, n int, seed uint64) []float64 {
	src := seeded.From(seed).Source()
	all := make([]float64, n)
	for i := range all {
		all[i] = float64(story.Draw(&s, &src).Milliseconds())
	}
	slices.Sort(all)
	return all
}

// Kolmogorov and Smirnov's test: the greatest distance between the share of draws and the
// distribution function stays below the value that it exceeds once in a thousand samples.
func TestDrawsFollowTheirDistribution(t *testing.T) {
	phi := func(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
	for _, c := range []struct {
		text string
		cdf  func(ms float64) float64
		mean float64
		sd   float64
	}{
		{"1s..61s", func(x float64) float64 { return (x - 1000) / 60_000 }, 31_000, 60_000 / math.Sqrt(12)},
		{"{normal: {mean: 100s, sd: 10s}}", func(x float64) float64 { return phi((x - 100_000) / 10_000) }, 100_000, 10_000},
		{"{lognormal: {median: 60s, sigma: 0.6}}", func(x float64) float64 { return phi(math.Log(x/60_000) / 0.6) },
			60_000 * math.Exp(0.18), 60_000 * math.Exp(0.18) * math.Sqrt(math.Exp(0.36)-1)},
		{"{exponential: {mean: 90s}}", func(x float64) float64 { return 1 - math.Exp(-x/90_000) }, 90_000, 90_000},
		{"{gamma: {shape: 1, scale: 30s}}", func(x float64) float64 { return 1 - math.Exp(-x/30_000) }, 30_000, 30_000},
		{"{gamma: {shape: 3, scale: 10s}}", func(x float64) float64 {
			y := x / 10_000
			return 1 - math.Exp(-y)*(1+y+y*y/2)
		}, 30_000, 10_000 * math.Sqrt(3)},
		{"{gamma: {shape: 0.5, scale: 60s}}", func(x float64) float64 { return math.Erf(math.Sqrt(x / 60_000)) }, 30_000, 60_000 * math.Sqrt(0.5)},
	} {
		t.Run(c.text, func(t *testing.T) {
			const n = 20_000
			all := draws(written(t, c.text), n, 1)
			sum, squares, worst := 0.0, 0.0, 0.0
			for i, x := range all {
				sum += x
				squares += (x - c.mean) * (x - c.mean)
				worst = max(worst, math.Abs(c.cdf(x+0.5)-float64(i)/n)-1.0/n)
			}
			if limit := 1.95 / math.Sqrt(n); worst > limit {
				t.Errorf("the distance is %.4f, want at most %.4f", worst, limit)
			}
			if mean := sum / n; math.Abs(mean-c.mean) > 4*c.sd/math.Sqrt(n) {
				t.Errorf("the mean is %.0f ms, want %.0f", mean, c.mean)
			}
			if sd := math.Sqrt(squares / n); math.Abs(sd/c.sd-1) > 0.05 {
				t.Errorf("the deviation is %.0f ms, want %.0f", sd, c.sd)
			}
		})
	}
}

func TestDrawsFromTablesFollowTheirWeights(t *testing.T) {
	for _, c := range []struct {
		text  string
		share map[float64]float64
	}{
		{"{choice: [5s, 20s, 1m, 1m]}", map[float64]float64{5000: 0.25, 20_000: 0.25, 60_000: 0.5}},
		{"{empirical: [[5s, 10], [20s, 3], [7s, 0.5]]}", map[float64]float64{5000: 10 / 13.5, 20_000: 3 / 13.5, 7000: 0.5 / 13.5}},
		{"{choice: [3s]}", map[float64]float64{3000: 1}},
	} {
		t.Run(c.text, func(t *testing.T) {
			const n = 20_000
			seen := map[float64]float64{}
			for _, x := range draws(written(t, c.text), n, 2) {
				seen[x]++
			}
			chi := 0.0
			for x, share := range c.share {
				d := seen[x] - share*n
				chi += d * d / (share * n)
			}
			if len(seen) != len(c.share) || chi > 13.8 { // once in a thousand for two degrees of freedom
				t.Errorf("chi-square is %.1f for %v; want %v", chi, seen, c.share)
			}
		})
	}
}

// A small range is drawn evenly, both ends included.
func TestRangesIncludeTheirEnds(t *testing.T) {
	s := Uniform(2*time.Millisecond, 5*time.Millisecond)
	seen := map[float64]int{}
	for _, x := range draws(s, 4000, 3) {
		seen[x]++
	}
	for ms := 2.0; ms <= 5; ms++ {
		if n := seen[ms]; n < 900 || n > 1100 {
			t.Errorf("%g ms was drawn %d times of 4000, want about 1000", ms, n)
		}
	}
	if len(seen) != 4 {
		t.Errorf("got %v; want 2 to 5 ms", seen)
	}
}

func TestDrawsKeepTheirBounds(t *testing.T) {
	for _, text := range []string{
		"{normal: {mean: 10s, sd: 60s}, min: 5s, max: 20s}",
		"{normal: {mean: 1s, sd: 1m}}",
		"{lognormal: {median: 10s, sigma: 10}, max: 20s}",
		"{lognormal: {median: 720h, sigma: 10}}",
		"{exponential: {mean: 720h}}",
		"{gamma: {shape: 0.000000001, scale: 1s}}",
		"{gamma: {shape: 1000, scale: 720h}, min: 1h}",
		"{choice: [1s, 30s], min: 2s, max: 3s}",
	} {
		s := written(t, text)
		low, high := false, false
		for _, ms := range draws(s, 5000, 4) {
			d := time.Duration(ms) * time.Millisecond
			if d < s.Min() || d > s.Max() {
				t.Fatalf("%s: drew %s, want %s to %s", text, d, s.Min(), s.Max())
			}
			low, high = low || d == s.Min(), high || d == s.Max()
		}
		if strings.Contains(text, "min: 5s") && !(low && high) {
			t.Errorf("%s: never at both bounds", text)
		}
	}
}

// What String writes, the parser reads as the same span.
func TestSpansReadWhatTheyWrite(t *testing.T) {
	for _, text := range []string{
		"5s", "5s..20s", "{normal: {mean: 1m, sd: 10s}}", "{lognormal: {median: 1m, sigma: 0.6}, max: 10m}",
		"{exponential: {mean: 90s}, min: 1s}", "{gamma: {shape: 2.5, scale: 30s}}", "{choice: [5s, 20s]}",
		"{empirical: [[5s, 10], [20s, 3.5]], min: 6s}",
	} {
		s := written(t, text)
		if again := written(t, s.String()); again.String() != s.String() {
			t.Errorf("%s: written as %s, read as %s", text, s, again)
		}
		a, b := draws(s, 100, 5), draws(written(t, s.String()), 100, 5)
		if !slices.Equal(a, b) {
			t.Errorf("%s: its text %s draws other times", text, s)
		}
	}
}
