package report_test

import (
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/report"
)

func written(t *testing.T, s *report.Summary) string {
	t.Helper()
	var b strings.Builder
	if err := s.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func read(t *testing.T, text string) *report.Summary {
	t.Helper()
	s, err := report.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What was read back is what was written, histograms included, in any format.
func TestReportsAreReadBack(t *testing.T) {
	troubles, _ := full(t)
	for name, s := range map[string]*report.Summary{"a load test": loaded(t), "a run with troubles": troubles, "nothing": report.New(report.Identity{}, result())} {
		want := written(t, s)
		again := read(t, want)
		if got := written(t, again); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
		for _, format := range []report.Format{report.HTML, report.Markdown} {
			var a, b strings.Builder
			if err := s.WriteAs(&a, format, nil); err != nil {
				t.Fatal(err)
			}
			if err := again.WriteAs(&b, format, nil); err != nil {
				t.Fatal(err)
			}
			if a.String() != b.String() {
				t.Errorf("%s differs as %s", name, format)
			}
		}
	}
}

func TestWhatIsNoReportIsRefused(t *testing.T) {
	good := written(t, loaded(t))
	for _, c := range []struct{ name, text, says string }{
		{"nothing", "", "not a JSON report"},
		{"no JSON", "12 of 12 notifications", "not a JSON report"},
		{"JSON of something else", `{"a": 1}`, "no schema_version"},
		{"a later version", `{"schema_version": 2}`, "newer"},
		{"a version alone", `{"schema_version": 1}`, "not a report of a run: it has no targets"},
		{"a comparison", `{"schema_version": 1, "a": {}, "b": {}, "differences": []}`, "not a report of a run, but one of a comparison"},
		{"a search for capacity", `{"schema_version": 1, "gates": ["answer p99 < 500ms"], "holds_per_s": 5}`, "not a report of a run, but one of a search for capacity"},
		{"an examination", `{"schema_version": 2, "findings": []}`, "not a report of a run, but one of an examination"},
		{"a list", "[]", "not a JSON report"},
		{"an end before the beginning", strings.Replace(good, `"ended": "2026`, `"ended": "2025`, 1), "ended before"},
		{"a cut histogram", strings.Replace(good, `"histogram": "HIST`, `"histogram": "HI`, 1), "histogram"},
		{"a histogram of nothing", encoded.ReplaceAllString(good, `"histogram": "AAAA"`), "histogram: encoded histogram too short"},
		{"a shard that cannot be", strings.Replace(good, `"shard": null`, `"shard": {"index": 4, "of": 4}`, 1), "no shard 4/4"},
		{"a series without a step", strings.Replace(good, `"step_s": 1`, `"step_s": 0`, 1), "step"},
		{"a series that goes back", strings.Replace(good, `"at_s": 7,`, `"at_s": 5,`, 1), "does not fit"},
		{"a bucket that is none", strings.Replace(good, `"buckets": "41:1 `, `"buckets": "40:1 `, 1), "no bucket 40"},
		{"buckets that go back", strings.Replace(good, `"buckets": "41:1 43:1"`, `"buckets": "43:1 41:1"`, 1), "no bucket 41 behind 43"},
		{"a bucket without a number", strings.Replace(good, `"buckets": "41:2"`, `"buckets": "41"`, 1), "such as 31:4"},
		{"no buckets", strings.Replace(good, `"buckets": "41:2"`, `"buckets": ""`, 1), "have no buckets"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := report.Read(strings.NewReader(c.text))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got error %v, want one that says %q", err, c.says)
			}
		})
	}
}

// Keys of versions to come do no harm.
func TestUnknownKeysAreLeftOut(t *testing.T) {
	text := strings.Replace(written(t, loaded(t)), `"shard": null`, `"shard": null, "weather": "fine"`, 1)
	read(t, text)
}

func FuzzRead(f *testing.F) {
	f.Add(`{"schema_version":1,"series":{"step_s":1,"points":[{"at_s":1,"latency_us":{"p50":1,"p99":1,"max":1,"buckets":"1:1"}}]}}`)
	f.Add(`{"schema_version":1,"total":{"latency_us":{"count":1,"histogram":""}},"shard":{"index":0,"of":1},"gates":[{"gate":"accepted == 1"}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := report.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, format := range []report.Format{report.JSON, report.JUnit, report.Markdown, report.HTML} {
			var b strings.Builder
			if err := s.WriteAs(&b, format, nil); err != nil {
				t.Errorf("%s: %v", format, err)
			}
		}
		report.Compare(s, s)
		if s.Shard != nil {
			_, _ = report.Merge([]*report.Summary{s})
		}
	})
}

// Whoever edits percentiles in a file does not get far: they come from the histogram.
func TestFiguresComeFromTheHistogram(t *testing.T) {
	good := written(t, loaded(t))
	bad := strings.Replace(good, `"p99": 990,`, `"p99": 1,`, 1)
	if got := read(t, bad).Pacing.P99; bad == good || got != 990 {
		t.Errorf("p99 is %d, want 990", got)
	}
}
