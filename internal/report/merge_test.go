package report_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/fault"
)

// shard is a part of a run with figures drawn at random, and where all of them are collected.
func shard(t *testing.T, random *rand.Rand, index, of uint64, latency, lateness *hdrhistogram.Histogram, total *emitter.Figures) *report.Summary {
	t.Helper()
	r := result(target("crm", time.Millisecond), target("crm2", time.Millisecond))
	r.Started = r.Started.Add(time.Duration(random.IntN(1000)) * time.Millisecond)
	for i := range r.Targets {
		tally := &r.Targets[i].Figures
		*tally = emitter.Figures{Counts: emitter.Counts{Accepted: random.Uint64N(1000), GivenUp: random.Uint64N(9), Undelivered: random.Uint64N(9), NotSent: random.Uint64N(9),
			Refused: random.Uint64N(9), WronglyAccepted: random.Uint64N(9), Dropped: random.Uint64N(9),
			Statuses: map[int]uint64{200: random.Uint64N(1000), 500 + random.IntN(3): 1},
			Failures: map[emitter.Class]emitter.FailuresOfClass{emitter.ClassStatus: {Count: 1 + random.Uint64N(5), Example: "500 Oh"}},
			Faults:   map[fault.Kind]emitter.FaultsOfKind{fault.Duplicate: {Right: random.Uint64N(9), Wrong: 1, Example: "no"}}},
			Latency: histogram(), Lateness: histogram()}
		tally.Matched = tally.Accepted + tally.GivenUp + tally.Undelivered + tally.NotSent + tally.Refused + tally.WronglyAccepted + tally.Dropped
		for range random.IntN(2000) {
			v, w := int64(random.ExpFloat64()*20_000), int64(random.ExpFloat64()*50)
			tally.Latency.RecordValue(v)
			latency.RecordValue(v)
			tally.Lateness.RecordValue(w)
			lateness.RecordValue(w)
		}
		total.Accepted += tally.Accepted
		total.Matched += tally.Matched
	}
	id := identity
	id.Start, id.Names, id.Shard = nine, []string{"a"}, report.Shard{Index: index, Of: of}
	s := report.New(id, r)
	s.Verdict, s.Source = report.Failed, fmt.Sprintf("shard-%d.json", index)
	return read2(t, s)
}

// read2 is a summary that went through a file.
func read2(t *testing.T, s *report.Summary) *report.Summary {
	t.Helper()
	again := read(t, written(t, s))
	again.Source = s.Source
	return again
}

// Percentiles of merged shards are those of one histogram of all times, however the times
// were spread over the shards; and nothing that was counted is lost.
func TestMergedPercentilesAreThoseOfAllTimes(t *testing.T) {
	for range 6 {
		seed := uint64(time.Now().UnixNano())
		random := rand.New(rand.NewPCG(seed, 7))
		latency, lateness, total := histogram(), histogram(), emitter.Figures{}
		of := 1 + random.Uint64N(6)
		var all []*report.Summary
		for i := range of {
			all = append(all, shard(t, random, i, of, latency, lateness, &total))
		}
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		m, err := report.Merge(all)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for name, c := range map[string]struct {
			got  *report.Distribution
			want *hdrhistogram.Histogram
		}{"latency": {m.Total.Latency, latency}, "lateness": {m.Total.Lateness, lateness}} {
			at := c.want.ValueAtPercentile
			want := report.Distribution{Count: c.want.TotalCount(), P50: at(50), P90: at(90), P99: at(99), P999: at(99.9), Max: c.want.Max(), Histogram: c.got.Histogram}
			if *c.got != want {
				t.Errorf("%s is %+v, want %+v (seed %d)", name, *c.got, want, seed)
			}
			text, _ := c.got.Histogram.MarshalText()
			if counts, err := hdrhistogram.Decode(text); err != nil || !slices.Equal(counts.Export().Counts, c.want.Export().Counts) {
				t.Errorf("the merged histogram of %s is not that of all times, %v (seed %d)", name, err, seed)
			}
		}
		c := &m.Total
		if sum := c.Accepted + c.GivenUp + c.Undelivered + c.NotSent + c.Refused + c.WronglyAccepted + c.Dropped; sum != c.Matched || c.Matched != total.Matched || c.Accepted != total.Accepted {
			t.Errorf("%d of %d, accepted %d; want %d and %d (seed %d)", sum, c.Matched, c.Accepted, total.Matched, total.Accepted, seed)
		}
		if got := c.Faults[fault.Duplicate].Wrong; got != 2*of || c.Failures["status"].Example != "500 Oh" || len(m.Targets) != 2 || m.Verdict != report.Failed {
			t.Errorf("%d faults wrong, %d targets, verdict %s; want %d, 2 and failed (seed %d)", got, len(m.Targets), m.Verdict, 2*of, seed)
		}
		if last := m.Started.Add(time.Second); m.Started.After(all[0].Started) || m.Ended.Before(all[0].Ended) || last.Before(all[0].Started) {
			t.Errorf("from %v to %v (seed %d)", m.Started, m.Ended, seed)
		}
	}
}

// quiet is a good shard of a run at 100 notifications a second.
func quiet(index, of uint64) *report.Summary {
	r := result(target("crm", time.Millisecond))
	r.Ended = r.Started.Add(100 * time.Second)
	r.Targets[0].Matched, r.Targets[0].Accepted = 10_000, 10_000
	id := identity
	id.Start, id.Names, id.Shard = nine, []string{"a"}, report.Shard{Index: index, Of: of}
	s := report.New(id, r)
	s.Verdict, s.Source, s.Series = report.Passed, fmt.Sprintf("%d.json", index), watched(3)
	return s
}

func TestShardsThatDoNotBelongTogetherAreNamed(t *testing.T) {
	change := func(s *report.Summary, by func(*report.Summary)) *report.Summary { by(s); return s }
	for _, c := range []struct {
		name, says string
		all        []*report.Summary
	}{
		{"nothing", "nothing to merge", nil},
		{"one missing", "shard 1/2 is missing", []*report.Summary{quiet(0, 2)}},
		{"many missing", "shards 0/20, 1/20, 2/20, 4/20, 5/20, 6/20, 7/20, 8/20 and 11 more are missing", []*report.Summary{quiet(3, 20)}},
		{"one twice, one missing", "shard 0/2 is there twice: 0.json and 0.json\nshard 1/2 is missing", []*report.Summary{quiet(0, 2), quiet(0, 2)}},
		{"of other numbers", "0.json is shard 0/2, and 1.json is shard 1/3", []*report.Summary{quiet(0, 2), quiet(1, 3)}},
		{"another seed", "0.json and 1.json are of different plans (seeds 42 and 43)", []*report.Summary{quiet(0, 2), change(quiet(1, 2), func(s *report.Summary) { s.Seed = 43 })}},
		{"another start", "different plans (starts 2026-03-02T09:00:00Z and 2026-03-02T09:00:01Z)",
			[]*report.Summary{quiet(0, 2), change(quiet(1, 2), func(s *report.Summary) { s.PlanStart = nine.Add(time.Second) })}},
		{"another plan", "different plans; all shards need", []*report.Summary{quiet(0, 2), change(quiet(1, 2), func(s *report.Summary) { s.PlanHash = "2f" })}},
		{"a whole run", "1.json is of a whole plan", []*report.Summary{quiet(0, 2), change(quiet(1, 2), func(s *report.Summary) { s.Shard = nil })}},
		{"no histograms", "so it cannot be merged", []*report.Summary{quiet(0, 2), change(quiet(1, 2), func(s *report.Summary) { s.Pacing.Histogram = report.Histogram{} })}},
		{"a gate of another version", "1.json: gate: ", []*report.Summary{quiet(0, 2), change(quiet(1, 2), func(s *report.Summary) { s.Gates = []report.Gate{{Text: "joy > 3"}} })}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := report.Merge(c.all); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got error %v, want one that says %q", err, c.says)
			}
		})
	}
}

// A gate on the whole is judged on the whole, though each shard failed it alone.
func TestGatesAndVerdictsOfTheWhole(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(a, b *report.Summary)
		gate    string
		verdict report.Verdict
	}{
		{"good shards", func(_, _ *report.Summary) {}, "accepted == 20000", report.Passed},
		{"a rate that only all have", func(_, _ *report.Summary) {}, "throughput >= 200/s", report.Passed},
		{"a gate that fails on the whole", func(_, _ *report.Summary) {}, "accepted < 20000", report.Failed},
		{"a shard that failed", func(a, _ *report.Summary) {
			a.Verdict, a.Targets[0].Accepted, a.Targets[0].GivenUp = report.Failed, 9999, 1
		}, "duration > 0s", report.Failed},
		{"a shard that lost what a gate allows", func(a, _ *report.Summary) { a.Verdict, a.AllAccepted = report.Failed, false }, "accepted > 0", report.Passed},
		{"a shard that failed, and nobody knows why", func(a, _ *report.Summary) { a.Verdict = report.Failed }, "accepted > 0", report.Failed},
		{"a shard whose check failed", func(a, _ *report.Summary) {
			a.Verdict, a.Checks = report.Failed, []report.Check{{Name: "x"}}
		}, "accepted > 10000", report.Failed},
		{"an interrupted shard", func(_, b *report.Summary) { b.Verdict, b.Stop = report.Interrupted, emitter.StopDrained }, "accepted > 0", report.Interrupted},
		{"an invalid one beside an interrupted one", func(a, b *report.Summary) { a.Verdict, b.Verdict = report.Invalid, report.Interrupted }, "accepted > 0", report.Invalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := quiet(0, 2), quiet(1, 2)
			a.Judge(gates(t, c.gate))
			b.Judge(gates(t, c.gate))
			c.change(a, b)
			m, err := report.Merge([]*report.Summary{b, a})
			if err != nil || m.Verdict != c.verdict || len(m.Gates) != 1 {
				t.Errorf("got %s, gates %+v, error %v; want %s", m.Verdict, m.Gates, err, c.verdict)
			}
		})
	}
}

func TestSeriesAreAddedUpByTime(t *testing.T) {
	a, b := quiet(0, 2), quiet(1, 2)
	b.Started = b.Started.Add(1200 * time.Millisecond)
	m, err := report.Merge([]*report.Summary{a, b})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range m.Series.Points {
		got = append(got, fmt.Sprintf("%d: %d offered, %d alive, %d times", p.At, p.Offered, p.Live, sum(p.Latency)))
	}
	want := []string{"1: 10 offered, 3 alive, 3 times", "2: 30 offered, 9 alive, 6 times", "3: 50 offered, 15 alive, 6 times", "4: 30 offered, 9 alive, 3 times"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if !strings.Contains(m.Notes[0], "2 shards, merged; the last one began 1.2 s after the first") {
		t.Errorf("notes are %q", m.Notes)
	}
	if a.Series.Points[1].Offered != 20 {
		t.Error("merging changed what it merged")
	}
}

func sum(s *report.Spread) (n int64) {
	for _, b := range s.Buckets {
		n += b[1]
	}
	return n
}

func TestActivitiesOfShards(t *testing.T) {
	part := func(conversations uint64, agents int, span time.Duration) *report.Activity {
		return report.NewActivity(&plan.Activity{Conversations: conversations, Agents: agents, Span: span, LiveTime: 100, PeakLive: int(conversations), Interruptions: 1})
	}
	for _, c := range []struct {
		name          string
		a, b          *report.Activity
		conversations uint64
		live          float64
	}{
		{"each its own part", part(10, 0, 100*time.Second), part(11, 0, 100*time.Second), 21, 2},
		{"each all of the activity", part(20, 5, 100*time.Second), part(19, 5, 90*time.Second), 20, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := quiet(0, 2), quiet(1, 2)
			a.Activity, b.Activity = c.a, c.b
			m, err := report.Merge([]*report.Summary{a, b})
			if err != nil || m.Activity.Conversations != c.conversations || m.Activity.MeanLive != c.live {
				t.Errorf("got %+v, %v; want %d conversations and %v alive", m.Activity, err, c.conversations, c.live)
			}
		})
	}
}
