package report_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/plan"
)

func histogram(µs ...int64) *hdrhistogram.Histogram {
	h := hdrhistogram.New(1, 24*time.Hour.Microseconds(), 3)
	for _, v := range µs {
		h.RecordValue(v)
	}
	return h
}

// watched is a series of a run of so many seconds, seen once a second, a little late. In
// second n, it sends 10n notifications, and gets 10 answers less.
func watched(seconds int) *report.Series {
	var s report.Series
	var total emitter.Counts
	now := emitter.Snapshot{Started: nine, Speed: 1}
	for n := 1; n <= seconds; n++ {
		k := uint64(10 * n)
		total.Accepted += k - 10
		total.Attempts += k
		total.NotSent += uint64(n % 2)
		total.Failures = map[emitter.Class]emitter.FailuresOfClass{emitter.ClassStatus: {Count: uint64(n)}, emitter.ClassTimeout: {Count: 2 * uint64(n)}}
		now.Offered += k
		now.At, now.Total, now.Live, now.Queued = nine.Add(time.Duration(n)*time.Second+3*time.Millisecond), total, n*3, n/2
		now.Latency, now.Lateness = histogram(int64(n)*1000, int64(n)*2000, 50_000), histogram(40, int64(40+n))
		s.Add(now)
	}
	return &s
}

// loaded is the summary of a run of one minute with all that load tests have.
func loaded(t *testing.T) *report.Summary {
	t.Helper()
	r := result(target("crm", time.Millisecond))
	r.Ended = r.Started.Add(60*time.Second + 250*time.Millisecond)
	r.Targets[0].Accepted, r.Targets[0].NotSent = 12_300, 45
	r.Waited, r.Invalid = "kernel sleep", []string{"the processor was busy for 99% of the time <all cores>; use a lower rate, or --shard"}
	id := identity
	id.Start, id.Names = nine, []string{"monday-morning"}
	s := report.New(id, r)
	s.Verdict = report.Invalid
	s.Notes = append(s.Notes, "+12s: the speed changed from 1 to 1.5")
	s.Series = watched(60)
	s.Activity = report.NewActivity(&plan.Activity{Conversations: 1200, Offered: 1000, Answered: 900, Queued: 400, Abandoned: 100, Interruptions: 12,
		Wait: histogram(0, 0, 0, 1000, 5000, 30_000), Answer: histogram(0, 0, 0, 1000, 5000), Agents: 25, Busy: 20 * time.Hour, Span: time.Hour,
		LiveTime: 3600 * 41.25, PeakLive: 60, PeakQueued: 17, PeakBusy: 25})
	s.Judge(gates(t, "not sent == 0", "lateness p99 < 1ms"))
	return s
}

func TestALoadTestIsShown(t *testing.T) {
	for _, name := range []string{"load.json", "load.xml", "load.md", "load.html"} {
		t.Run(name, func(t *testing.T) {
			place, err := report.ParsePlace(name, report.Endings()...)
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			if err := loaded(t).WriteAs(&b, report.Format(place.Format), nil); err != nil {
				t.Fatal(err)
			}
			wantGolden(t, name, b.String())
		})
	}
	t.Run("load.txt", func(t *testing.T) {
		var b strings.Builder
		if err := loaded(t).WriteText(&b); err != nil {
			t.Fatal(err)
		}
		wantGolden(t, "load.txt", b.String())
	})
}

func TestASecondIsAPoint(t *testing.T) {
	s := watched(5)
	if s.Step != 1 || len(s.Points) != 5 {
		t.Fatalf("got %d points of %d s, want 5 of 1 s", len(s.Points), s.Step)
	}
	p := s.Points[2]
	if p.At != 3 || p.Offered != 30 || p.Accepted != 20 || p.NotSent != 1 || p.Attempts != 30 || p.Failures != 3 || p.Live != 9 || p.Queued != 1 {
		t.Errorf("got %+v for the third second", p)
	}
	if l := p.Latency; l.P50 != 6000+3 || l.P99 != 50_000+15 || l.Max != l.P99 { // to three digits: the end of the bucket
		t.Errorf("got latency %+v", l)
	}
	if len(p.Latency.Buckets) != 3 || p.Lateness.P50 != 40 || p.Lateness.Max != 43 {
		t.Errorf("got latency %+v, lateness %+v", p.Latency, p.Lateness)
	}
}

func TestLateAndMissingLooksMakeNoGapsOfTheirOwn(t *testing.T) {
	var s report.Series
	for i, ms := range []int{0, 1000, 2200, 3001, 5000, 5100, 5900} { // in ms after the beginning
		s.Add(emitter.Snapshot{Started: nine, At: nine.Add(time.Duration(ms) * time.Millisecond), Offered: uint64(i + 1), Live: 7 - i, Speed: emitter.Max, Lateness: histogram(0)})
	}
	s.Add(emitter.Snapshot{}) // before the run
	var at []int64
	var offered, live int
	for _, p := range s.Points {
		at, offered = append(at, p.At), offered+int(p.Offered)
		live = max(live, p.Live)
		if p.Lateness != nil {
			t.Errorf("at speed max, the lateness of second %d is %+v", p.At, p.Lateness)
		}
	}
	if len(at) != 5 || at[0] != 1 || at[1] != 2 || at[2] != 3 || at[3] != 5 || at[4] != 6 || offered != 7 || live != 7 {
		t.Errorf("points at %v with %d notifications and at most %d alive; want 1, 2, 3, 5, 6 s, 7 and 7", at, offered, live)
	}
}

// A day has as few points as an hour, and none of its notifications is lost.
func TestASeriesIsBounded(t *testing.T) {
	var s report.Series
	const day = 24 * 60 * 60
	latency := histogram(100, 3000)
	for n := 1; n <= day; n++ {
		now := emitter.Snapshot{Started: nine, At: nine.Add(time.Duration(n) * time.Second), Offered: 10 * uint64(n), Live: n % 1000, Speed: 1}
		if n%10_000 == 0 {
			now.Latency = latency
		}
		s.Add(now)
	}
	var offered uint64
	var times int64
	for _, p := range s.Points {
		offered += p.Offered
		if p.Latency != nil {
			times += p.Latency.Buckets[0][1]
		}
	}
	if s.Step != 32 || len(s.Points) != day/32 || offered != 10*day || times != 8 {
		t.Errorf("got %d points of %d s with %d notifications and %d times; want %d of 32 s, %d and 8", len(s.Points), s.Step, offered, times, day/32, 10*day)
	}
	if last := s.Points[len(s.Points)-1]; last.At != day || s.Points[0].Live != 32 {
		t.Errorf("the last point is at %d s, and the first has %d alive; want %d and the most, 32", last.At, s.Points[0].Live, day)
	}
}

// Seconds that became one point have percentiles that are at most a sixteenth too high.
func TestSpreadsAreAddedUp(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 1))
	var s report.Series
	all := histogram()
	for n := 1; n <= 3601; n++ { // one more than there is room for
		var second *hdrhistogram.Histogram
		if n <= 2 {
			second = histogram()
			for range 500 {
				v := int64(1 + random.ExpFloat64()*float64(1+random.IntN(100_000)))
				second.RecordValue(v)
				all.RecordValue(v)
			}
		}
		s.Add(emitter.Snapshot{Started: nine, At: nine.Add(time.Duration(n) * time.Second), Latency: second, Speed: 1})
	}
	got := s.Points[0].Latency
	for _, c := range []struct {
		name      string
		got, want int64
	}{{"p50", got.P50, all.ValueAtPercentile(50)}, {"p99", got.P99, all.ValueAtPercentile(99)}} {
		if c.got < c.want*999/1000 || float64(c.got) > float64(c.want)*(1+1.0/16) {
			t.Errorf("%s is %d, want %d or a sixteenth more (seed %d)", c.name, c.got, c.want, seed)
		}
	}
	if got.Max != all.Max() {
		t.Errorf("max is %d, want %d (seed %d)", got.Max, all.Max(), seed)
	}
}
