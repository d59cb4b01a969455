package report_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/plan"
)

var identity = report.Identity{Version: "1.2.3", Seed: 42, PlanHash: "sha256:1f", Flags: map[string]string{"speed": "60", "connections": "8"}}

// times is a histogram of 1 to 1000 times a unit.
func times(unit time.Duration) *hdrhistogram.Histogram {
	h := hdrhistogram.New(1, 24*time.Hour.Microseconds(), 3)
	for i := range 1000 {
		h.RecordValue(int64(i+1) * unit.Microseconds())
	}
	return h
}

func target(name string, latency time.Duration) emitter.TargetResult {
	return emitter.TargetResult{Name: name, URL: "http://127.0.0.1:8080/" + name, Figures: emitter.Figures{Counts: emitter.Counts{
		Matched: 12_345, Accepted: 12_345, Attempts: 12_345, NewConnections: 64,
		Statuses: map[int]uint64{200: 12_345}, Failures: map[emitter.Class]emitter.FailuresOfClass{},
	}, Latency: times(latency), Lateness: times(time.Microsecond)}}
}

func result(targets ...emitter.TargetResult) *emitter.Result {
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	return &emitter.Result{
		Started: start, Ended: start.Add(83*time.Second + 400*time.Millisecond), Planned: 12_345, PlanRead: true,
		Targets: targets, Pacing: times(time.Microsecond),
	}
}

func troubled() *emitter.Result {
	bad := target("büro", time.Second)
	bad.Accepted, bad.GivenUp, bad.Undelivered, bad.Retried, bad.Retries, bad.Attempts = 12_300, 40, 5, 50, 700, 13_045
	bad.Statuses = map[int]uint64{200: 12_300, 401: 600, 500: 5}
	bad.Failures = map[emitter.Class]emitter.FailuresOfClass{
		emitter.ClassStatus:  {Count: 605, Example: `401 Unauthorized "bad <signature>"`},
		emitter.ClassTimeout: {Count: 95, Example: "no complete response within 10s"},
		emitter.ClassStopped: {Count: 5, Example: "the run ended before the next attempt"},
	}
	silent := target("gone", time.Second)
	silent.Accepted, silent.GivenUp, silent.Silent, silent.NewConnections = 0, 12_345, true, 0
	silent.Failures = map[emitter.Class]emitter.FailuresOfClass{
		emitter.ClassRefused: {Count: 12_345, Example: "dial tcp 127.0.0.1:9: connect: connection refused"},
		emitter.ClassSilent:  {Count: 3, Example: "x"},
	}
	silent.Latency = hdrhistogram.New(1, 10, 3)
	r := result(target("crm", time.Millisecond), bad, silent)
	r.Stop, r.PlanRead = emitter.StopDrained, false
	return r
}

func TestText(t *testing.T) {
	max := result(target("crm", time.Microsecond))
	max.Pacing = hdrhistogram.New(1, 10, 3)
	nothing := &emitter.Result{PlanRead: true, Targets: []emitter.TargetResult{{Name: "crm", Figures: emitter.Figures{
		Latency: hdrhistogram.New(1, 10, 3), Lateness: hdrhistogram.New(1, 10, 3)}}}}
	for name, r := range map[string]*emitter.Result{
		"good.txt": result(target("crm", time.Millisecond)), "troubled.txt": troubled(), "max.txt": max, "nothing.txt": nothing,
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := report.New(identity, r).WriteText(&b); err != nil {
				t.Fatal(err)
			}
			wantGolden(t, name, b.String())
		})
	}
}

func TestJSON(t *testing.T) {
	var b strings.Builder
	if err := report.New(identity, troubled()).WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	wantGolden(t, "troubled.json", b.String())
}

// Those who read the JSON rely on lists and objects being there, if empty.
func TestJSONOfNothing(t *testing.T) {
	text, err := json.Marshal(report.New(report.Identity{}, &emitter.Result{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"schema_version":1`, `"flags":{}`, `"targets":[]`, `"statuses":{}`, `"failures":{}`, `"pacing_us":null`, `"lateness_us":null`} {
		if !strings.Contains(string(text), part) {
			t.Errorf("%s is not in %s", part, text)
		}
	}
}

func TestASummaryOfARealRun(t *testing.T) {
	e := emitter.Emitter{Targets: []emitter.Target{{URL: "http://127.0.0.1:8080"}}}
	r, err := e.Run(t.Context(), time.Now(), slices.Values([]plan.Notification(nil)))
	if err != nil {
		t.Fatal(err)
	}
	if s := report.New(identity, &r); !s.AllAccepted || s.Targets[0].Name != "http://127.0.0.1:8080" {
		t.Errorf("summary of an empty run is %+v", s)
	}
}
