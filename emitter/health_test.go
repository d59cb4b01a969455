package emitter

import (
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// What a run says of itself, from what it has observed.
func TestVerdictsOnARunItself(t *testing.T) {
	late := func(n int64, by time.Duration) func(*run) {
		return func(r *run) { r.result.Pacing.RecordValues(by.Microseconds(), n) }
	}
	figures := func(change func(*TargetResult)) func(*run) {
		return func(r *run) { change(&r.result.Targets[0]) }
	}
	own := func(connections int) func(*run) { return func(r *run) { r.boxes[0].connections = connections } }
	tests := []struct {
		name       string
		observe    []func(*run)
		invalid    string // a part of it, or empty
		remark     string
		overloaded string
	}{
		{"nothing", nil, "", "", ""},
		{"a little late", []func(*run){late(100_000, 90*time.Millisecond)}, "", "", ""},
		{"1 in 100 late", []func(*run){late(989, 0), late(11, 150*time.Millisecond)}, "load generator too slow: 1 % of the notifications sent more than 150ms late; use a lower rate", "", ""},
		{"late, but of too few to tell", []func(*run){late(99, 150*time.Millisecond)}, "", "", ""},
		{"very late, of a few", []func(*run){late(99, 1500*time.Millisecond)}, "more than 1.5", "", ""},
		{"late because of the plan", []func(*run){late(1000, time.Second), func(r *run) { r.health.behind = 900 }}, "the plan could not be made as fast", "", ""},
		{"busy and late", []func(*run){late(1000, time.Second), busyFor(1)}, "it used", "", ""},
		{"busy and in time", []func(*run){late(1000, 0), busyFor(1)}, "", "ringback used", ""},
		{"not sent", []func(*run){figures(func(r *TargetResult) { r.Matched, r.NotSent = 10, 3 })}, "", "", "consumer too slow: 3 of 10 notifications not sent, because too many were queued already"},
		{"no free connection", []func(*run){figures(func(r *TargetResult) { r.Attempts, r.CrowdedLate = 1000, 11 })}, "", "", "consumer too slow: 11 notifications sent over a second late"},
		{"no free connection, and no processor", []func(*run){busyFor(1), figures(func(r *TargetResult) { r.Attempts, r.CrowdedLate = 1000, 11 })},
			"load generator too slow: it used 100 % of its processors: 11 notifications", "ringback used", ""},
		{"seldom no free connection", []func(*run){figures(func(r *TargetResult) { r.Attempts, r.CrowdedLate = 1000, 10 })}, "", "", ""},
		{"no more ports", []func(*run){figures(func(r *TargetResult) { r.Failures[ClassLocal] = FailuresOfClass{7, "too many open files"} })},
			"7 attempts failed on this machine: too many open files", "", ""},
		{"the clock was set", []func(*run){func(r *run) { r.health.step = -3 * time.Second }}, "was set by -3s", "", ""},
		{"the clock was set a little", []func(*run){func(r *run) { r.health.step = time.Second }}, "", "", ""},
		{"connections are not kept", []func(*run){figures(func(r *TargetResult) { r.Attempts, r.NewConnections = 1000, 900 })}, "", "900 connections were opened for 1,000 attempts", ""},
		{"few connections of the target's own are not kept", []func(*run){own(5), figures(func(r *TargetResult) { r.Attempts, r.NewConnections = 300, 100 })}, "", "100 connections were opened for 300 attempts", ""},
		{"many connections of the target's own", []func(*run){own(300), figures(func(r *TargetResult) { r.Attempts, r.NewConnections = 1000, 900 })}, "", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &run{rules: (&Emitter{}).withDefaults(), boxes: []*outbox{{waiting: 20, connections: DefaultConnections}}}
				r.result = Result{Pacing: newHistogram(3), Targets: []TargetResult{{Name: "mine", Figures: newFigures()}}}
				r.health.open()
				time.Sleep(10 * time.Second) // virtual
				for _, observe := range test.observe {
					observe(r)
				}
				invalid, overloaded, remarks := r.verdict()
				checkSentences(t, "invalid", invalid, test.invalid)
				checkSentences(t, "overloaded", overloaded, test.overloaded)
				checkSentences(t, "remarks", remarks, test.remark)
			})
		})
	}
}

// busyFor lets the run seem to have used a share of its processors for its 10 seconds.
func busyFor(share float64) func(*run) {
	return func(r *run) {
		r.health.cpu -= time.Duration(share * float64(min(runtime.GOMAXPROCS(0), runtime.NumCPU())) * float64(10*time.Second))
	}
}

func checkSentences(t *testing.T, what string, got []string, want string) {
	t.Helper()
	switch {
	case want == "" && len(got) > 0, want != "" && len(got) != 1:
		t.Errorf("%s: %q, want one with %q", what, got, want)
	case want != "" && !strings.Contains(got[0], want):
		t.Errorf("%s: %q, want %q in it", what, got[0], want)
	}
}
