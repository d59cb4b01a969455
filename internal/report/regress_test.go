package report_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/report"
)

// consumer answers as chance has it: times around a level that drifts from second to second, and a share of failures.
type consumer struct {
	seconds int
	rate    int     // requests a second
	ramp    int     // and so many more in each second than in the one before
	median  float64 // of the answers, in µs
	drift   float64 // of the level, as a standard deviation of its logarithm
	failing float64 // share of the requests
	away    int     // how many requests of one second fail together
	end     int     // seconds until the last answer is there
}

// play is the report of a run of the consumer.
func (c consumer) play(seed uint64) *report.Summary {
	r := rand.New(rand.NewPCG(seed, 13))
	t := target("crm", time.Millisecond)
	t.Counts = emitter.Counts{Statuses: map[int]uint64{}, Failures: map[emitter.Class]emitter.FailuresOfClass{}}
	t.Latency = histogram()
	series := &report.Series{}
	level := 0.0
	for n := range c.seconds {
		level = 0.7*level + c.drift*r.NormFloat64()
		second := hdrhistogram.New(1, 24*time.Hour.Microseconds(), 3)
		failed := uint64(0)
		rate := c.rate + n*c.ramp
		for i := range rate {
			_ = second.RecordValue(int64(c.median * math.Exp(level+0.5*r.NormFloat64())))
			if r.Float64() < c.failing || n == c.seconds/2 && i < c.away {
				failed++
			}
		}
		t.Latency.Merge(second)
		t.Matched, t.Attempts = t.Matched+uint64(rate), t.Attempts+uint64(rate)
		t.Accepted, t.GivenUp = t.Matched-t.GivenUp-failed, t.GivenUp+failed
		t.Statuses[200], t.Statuses[503] = t.Accepted, t.GivenUp
		t.Failures = map[emitter.Class]emitter.FailuresOfClass{emitter.ClassStatus: {Count: t.GivenUp}}
		series.Add(emitter.Snapshot{Started: nine, At: nine.Add(time.Duration(n+1) * time.Second), Speed: 1, Total: t.Counts, Offered: t.Matched,
			Latency: second, Lateness: histogram(40, 41)})
	}
	result := result(t)
	result.Ended = result.Started.Add(time.Duration(c.seconds+c.end) * time.Second)
	id := identity
	id.Start, id.Names = nine, []string{"a"}
	s := report.New(id, result)
	s.Series = series
	s.Judge(nil)
	return s
}

// compared is the outcome of a gate on two runs.
func compared(t *testing.T, text string, a, b *report.Summary) report.ComparedGate {
	t.Helper()
	g, err := gate.ParseCompared(text)
	if err != nil {
		t.Fatal(err)
	}
	c := report.Compare(a, b)
	c.Judge([]gate.Gate{g})
	return c.Gates[0]
}

var steady = consumer{seconds: 60, rate: 200, median: 9000, drift: 0.03, failing: 0.01}

func (c consumer) with(change func(*consumer)) consumer {
	change(&c)
	return c
}

func TestAGateOnAFactorIsJudgedWithChanceInMind(t *testing.T) {
	if testing.Short() {
		t.Skip("reckons for long, in one goroutine")
	}
	slower := steady.with(func(c *consumer) { c.median *= 1.5 })
	played := map[consumer]*report.Summary{} // as the second run
	once := func(c consumer) *report.Summary {
		if played[c] == nil {
			played[c] = c.play(2)
		}
		return played[c]
	}
	first := map[consumer]*report.Summary{steady: steady.play(1)}
	brief := func(c *consumer) { c.seconds = 8 }
	for _, c := range []struct {
		name, gate string
		a, b       consumer
		outcome    report.Outcome
		says       []string
	}{
		{"equal", "latency p99 < 1.2x", steady, steady, report.Held, []string{"it was 0.98x", "surely: 95% interval", "by resampling seconds"}},
		{"slower", "answer p99 < 1.2x", steady, slower, report.Broken, []string{"it was 1.", "ms in A, ", "not by chance: 95% interval 1."}},
		{"slower, mean", "latency mean <= +20%", steady, slower, report.Broken, []string{"not by chance"}},
		{"equal to the last digit", "latency p50 == 1x", steady, steady, report.Undecided, []string{"may be chance"}},
		{"faster", "latency p50 < 0.9x", slower, steady, report.Held, []string{"it was 0.6", "surely"}},
		{"about at the bound", "latency p50 < 1.5x", steady, steady.with(func(c *consumer) { c.median *= 1.6; c.drift = 0.2 }), report.Undecided, []string{"which may be chance, the data are too few to tell: 95% interval"}},
		{"short and slower", "latency p50 < 1.2x", steady.with(brief), slower.with(brief), report.Undecided, []string{"whether it is chance is not known: the reports have data of 8 seconds; want 20 or more of each run"}},
		{"short and equal", "latency p50 < 1.2x", steady.with(brief), steady.with(brief), report.Held, []string{"how far chance goes is not known"}},
		{"a rare percentile", "latency p99.99 < 1.01x", steady, slower, report.Undecided, []string{"of 12,000 times, 1.2 lie beyond p99.99; want 10 or more"}},
		{"a maximum", "latency max < 1.01x", steady, slower, report.Undecided, []string{"it is a single time of each run"}},
		{"own lateness", "own lateness p99 < 1.2x", steady, steady, report.Held, []string{"it was 1x", "no course over time"}},
		{"lateness", "lateness p50 <= 1x", steady, steady, report.Held, []string{"it was 1x (500µs in A, 500µs in B); surely: 95% interval 1x to 1x"}},
		{"throughput", "throughput >= 0.9x", steady, steady.with(func(c *consumer) { c.failing = 0.5 }), report.Broken, []string{"it was 0.5", "not by chance"}},
		{"throughput of a rising load", "throughput >= 0.98x", steady.with(func(c *consumer) { c.ramp = 5 }), steady.with(func(c *consumer) { c.ramp = 5 }), report.Held, []string{"surely"}},
		{"attempts", "attempts <= 1.1x", steady, steady, report.Held, []string{"it was 1x (12,000 in A, 12,000 in B); surely: 95% interval 1x to 1x"}},
		{"many more failures", "failures < 2x", steady, steady.with(func(c *consumer) { c.failing = 0.05 }), report.Broken, []string{"of 12,000 in A, ", "by a score test"}},
		{"some more failures", "failures <= 1x", steady, steady.with(func(c *consumer) { c.failing = 0.0125 }), report.Undecided, []string{"may be chance"}},
		{"no failures, and none allowed to come", "failures <= 1x", steady.with(func(c *consumer) { c.failing = 0 }), steady.with(func(c *consumer) { c.failing = 0 }), report.Held, []string{"there were none in either"}},
		{"a hundred after none, in one second", "failures <= 1x", steady.with(func(c *consumer) { c.failing = 0 }), steady.with(func(c *consumer) { c.failing, c.away = 0, 100 }), report.Undecided,
			[]string{"it was 0 of 12,000 in A, 100 of 12,000 in B", "and more", "count as one because failures came together"}},
		{"a hundred after none, here and there", "answers 5xx <= 1x", steady.with(func(c *consumer) { c.failing = 0 }), steady, report.Broken, []string{"not by chance: 95% interval"}},
		{"accepted", "accepted >= 0.98x", steady, steady.with(func(c *consumer) { c.failing = 0.05 }), report.Broken, []string{"it was 0.9", "of 12,000"}},
		{"duration", "duration < 1.2x", steady, steady.with(func(c *consumer) { c.end = 5 }), report.Held, []string{"how far chance goes is not known: it is a single time"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := first[c.a]
			if a == nil {
				a = c.a.play(1)
			}
			g := compared(t, c.gate, a, once(c.b))
			if g.Outcome != c.outcome {
				t.Errorf("%s, want %s: %s", g.Outcome, c.outcome, g.Line())
			}
			for _, text := range c.says {
				if !strings.Contains(g.Line(), text) {
					t.Errorf("got %q, want it to say %q", g.Line(), text)
				}
			}
		})
	}
}

// Of equal consumers, hardly any is called slower, though their times drift; of slower ones, all are.
func TestChanceIsSeldomCalledARegression(t *testing.T) {
	if testing.Short() {
		t.Skip("reckons for long, in one goroutine")
	}
	c := consumer{seconds: 20, rate: 30, median: 9000, drift: 0.1}
	const all = 25
	wrong := 0
	for i := range uint64(all) {
		if compared(t, "latency p50 <= 1x", c.play(2*i), c.play(2*i+1)).Outcome == report.Broken {
			wrong++
		}
	}
	if wrong > 3 { // 2.5% are called so; four of 25 are less likely than 1 of 300
		t.Errorf("%d of %d equal consumers are called slower", wrong, all)
	}
	for i := range uint64(5) {
		if g := compared(t, "latency p50 <= 1x", c.play(2*i), c.with(func(c *consumer) { c.median *= 2 }).play(2*i+1)); g.Outcome != report.Broken {
			t.Errorf("a consumer half as fast: %s", g.Line())
		}
	}
}

func TestLoadsThatCannotBeComparedAreNotJudged(t *testing.T) {
	if testing.Short() {
		t.Skip("reckons for long, in one goroutine")
	}
	for _, c := range []struct {
		says   string
		change func(*report.Summary)
	}{
		{"the two runs played different plans (seeds 42 and 43)", func(s *report.Summary) { s.PlanHash, s.Seed = "x", 43 }},
		{"the two runs played different plans", func(s *report.Summary) { s.PlanHash = "" }},
		{"B is invalid", func(s *report.Summary) { s.Invalid = []string{"the processor was busy"}; s.Judge(nil) }},
		{"B was interrupted", func(s *report.Summary) { s.Stop = emitter.StopDrained; s.Judge(nil) }},
		{"B stopped early", func(s *report.Summary) { s.PlanRead = false }},
		{"A had 12,000 notifications for its targets, B 24,000", func(s *report.Summary) { s.Total.Matched *= 2 }},
		{"A had 8 connections, B the usual", func(s *report.Summary) { delete(s.Flags, "connections") }},
		{"only B was sent as fast as the target answered", func(s *report.Summary) { s.Pacing = nil }},
		{"A offered its notifications in 1m0s, B in 50 s, so at another rate", func(s *report.Summary) { s.Series.Points = s.Series.Points[:50] }},
	} {
		a, b := steady.play(1), steady.play(2)
		c.change(b)
		comparison := report.Compare(a, b)
		comparison.Judge(comparedGates(t, "latency p99 < 10x", "latency p99 < 10s"))
		relative, alone := comparison.Gates[0], comparison.Gates[1]
		if relative.Outcome != report.Undecided || !strings.Contains(relative.Sure, "the loads cannot be compared: "+c.says) || comparison.Comparable {
			t.Errorf("%s: comparable is %t, %s: %s", c.says, comparison.Comparable, relative.Outcome, relative.Line())
		}
		if alone.Outcome != report.Held {
			t.Errorf("%s: a gate on B alone: %s", c.says, alone.Line())
		}
	}
}

// A run that is invalid or was interrupted passes nothing, however well its figures are; what they break, they break.
func TestAnUnfitRunPassesNothing(t *testing.T) {
	interrupted := func(s *report.Summary) { s.Stop = emitter.StopDrained; s.Judge(nil) }
	both := func(s *report.Summary) {
		s.Stop, s.Invalid = emitter.StopDrained, []string{"the processor was busy"}
		s.Judge(nil)
	}
	for _, c := range []struct {
		name         string
		inA, inB     func(*report.Summary)
		gate         string
		want, before report.Verdict // with the gate, and without any
	}{
		{"B was interrupted", nil, interrupted, "latency p99 < 10s", report.Interrupted, report.Interrupted},
		{"A was interrupted", interrupted, nil, "latency p99 < 10s", report.Interrupted, report.Interrupted},
		{"B was interrupted, and broke the gate", nil, interrupted, "latency p99 < 1us", report.Failed, report.Interrupted},
		{"B was interrupted and is invalid", nil, both, "latency p99 < 10s", report.Invalid, report.Invalid},
		{"both are fit", nil, nil, "latency p99 < 10s", report.Passed, ""},
	} {
		a, b := steady.play(1), steady.play(2)
		for s, change := range map[*report.Summary]func(*report.Summary){a: c.inA, b: c.inB} {
			if change != nil {
				change(s)
			}
		}
		comparison := report.Compare(a, b)
		before := comparison.Verdict
		if comparison.Judge(comparedGates(t, c.gate)); comparison.Verdict != c.want || before != c.before {
			t.Errorf("%s: %q, and %q without a gate; want %q, %q", c.name, comparison.Verdict, before, c.want, c.before)
		}
	}
}

// Where little happened for months, rows stand for more seconds than points: a report of a few lines takes no memory for all of them.
func TestLongRunsAreComparedInLittleMemory(t *testing.T) {
	long := func(seed uint64) *report.Summary {
		s := steady.play(seed)
		for i := range s.Series.Points {
			s.Series.Points[i].At *= 1 << 20
		}
		return s
	}
	a, b := long(1), long(2)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	g := compared(t, "latency p50 < 1.2x", a, b)
	if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > 64<<20 {
		t.Errorf("%d MiB were allocated", (after.TotalAlloc-before.TotalAlloc)>>20)
	}
	if g.Outcome != report.Held || g.Low == nil {
		t.Errorf("%s: %s", g.Outcome, g.Line())
	}
	a.Series.Points, b.Series.Points = a.Series.Points[:8], b.Series.Points[:8]
	if g := compared(t, "throughput > 0.5x", a, b); !strings.Contains(g.Sure, "data of 8 periods of 4096 seconds; want 20 or more") {
		t.Errorf("got %s", g.Line())
	}
}

func comparedGates(t *testing.T, texts ...string) (all []gate.Gate) {
	t.Helper()
	for _, text := range texts {
		g, err := gate.ParseCompared(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, g)
	}
	return all
}

func TestWithoutDataAGateOnAFactorDoesNotHold(t *testing.T) {
	full, empty := steady.play(1), consumer{}.play(1)
	empty.Total.Latency = nil
	if g := compared(t, "latency p99 < 1.2x", full, empty); g.Outcome != report.Broken || g.Was != "there is no data in B: no request was answered" {
		t.Errorf("%s: %s", g.Outcome, g.Line())
	}
	if g := compared(t, "latency p99 < 1.2x", empty, full); g.Outcome != report.Undecided || g.Was != "there is no data in A: no request was answered" {
		t.Errorf("%s: %s", g.Outcome, g.Line())
	}
	if g := compared(t, "failures <= 1x", full, empty); g.Was != "there is no data in B: 0% of nothing (all attempts)" {
		t.Errorf("%s: %s", g.Outcome, g.Line())
	}
	if g := compared(t, "checks failed <= 1x", full, full); g.Was != "there is no data in A: there are no checks" {
		t.Errorf("%s: %s", g.Outcome, g.Line())
	}
}

// A judged comparison in all formats. Equal input gives equal output, though it resamples.
func TestAJudgedComparisonIsShown(t *testing.T) {
	a, b := steady.play(1), steady.with(func(c *consumer) { c.median *= 1.5; c.failing = 0.0125 }).play(2)
	a.Source, b.Source = "monday.json", "tuesday <2>.json"
	c := report.Compare(a, b)
	c.Judge(comparedGates(t, "answer p99 < 1.2x", "failures <= 1x", "accepted >= 0.9x", "latency p50 < 1s"))
	if c.Verdict != report.Failed || len(c.With(report.Broken)) != 1 || len(c.With(report.Undecided)) != 1 {
		t.Errorf("the verdict is %q with %+v", c.Verdict, c.Gates)
	}
	for name, format := range map[string]report.Format{"judged.json": report.JSON, "judged.md": report.Markdown, "judged.html": report.HTML, "judged.xml": report.JUnit} {
		var text strings.Builder
		if err := c.WriteAs(&text, format); err != nil {
			t.Fatal(err)
		}
		wantGolden(t, name, text.String())
	}
	var text strings.Builder
	if err := c.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	wantGolden(t, "judged.txt", text.String())
}
