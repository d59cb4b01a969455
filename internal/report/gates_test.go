package report_test

import (
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/scenario/fault"
)

// measured is a result with a different value for each figure.
func measured() *emitter.Result {
	t := emitter.TargetResult{Name: "crm", Figures: emitter.Figures{Counts: emitter.Counts{
		Matched: 1000, Accepted: 900, GivenUp: 30, Undelivered: 5, NotSent: 6, Refused: 34, WronglyAccepted: 10, Dropped: 15,
		Attempts: 1100, Retries: 100, Retried: 60, NewConnections: 8, Stale: 11,
		Statuses: map[int]uint64{200: 850, 204: 60, 302: 7, 401: 50, 404: 3, 503: 80},
		Failures: map[emitter.Class]emitter.FailuresOfClass{emitter.ClassTimeout: {Count: 20}},
		Faults: map[fault.Kind]emitter.FaultsOfKind{
			fault.Duplicate: {Right: 20, Wrong: 2}, fault.Unsigned: {Right: 25, Wrong: 9, WronglyAccepted: 6}, fault.WrongKey: {Right: 5},
			fault.MalformedJSON: {Right: 11, Accepted: 4, Wrong: 3}, fault.Drop: {Right: 15}, fault.UnknownType: {Right: 3, Open: 1},
		},
	}, Latency: times(time.Millisecond), Lateness: times(10 * time.Microsecond)}}
	r := result(t)
	r.Ended = r.Started.Add(100 * time.Second)
	return r
}

func TestGatesAreJudged(t *testing.T) {
	for _, c := range []struct{ gate, was string }{
		{"notifications == 1000", "it was 1000"},
		{"accepted == 900", "it was 900"},
		{"accepted >= 96%", "it was 96.15%"}, // of 1000 without 39 forgeries, 10 bad bodies and 15 dropped ones
		{"success rate >= 96%", "it was 96.15%"},
		{"refused == 64", "it was 64"}, // 30 given up, and 34 rightly
		{"rejected < 7%", "it was 6.4%"},
		{"wrongly accepted == 10", "it was 10"},
		{"given up == 3%", "it was 3%"},
		{"undelivered == 5", "it was 5"},
		{"stale connections == 1%", "it was 1%"},
		{"not sent == 6", "it was 6"},
		{"retried == 6%", "it was 6%"},
		{"attempts == 1100", "it was 1100"},
		{"retries < 9.1%", "it was 9.091%"},
		{"connections == 8", "it was 8"},
		{"failures == 20", "it was 20"},
		{"error rate < 2%", "it was 1.818%"},
		{"timeouts == 20", "it was 20"},
		{"answers 2xx == 910", "it was 910"},
		{"answers 3xx == 7", "it was 7"},
		{"answers 4xx == 53", "it was 53"},
		{"answers 5xx == 80", "it was 80"},
		{"no answer == 50", "it was 50"},
		{"faults == 94", "it was 94"},
		{"faults wrong == 14", "it was 14"},
		{"duplicates == 22", "it was 22"},
		{"duplicates refused == 2", "it was 2"},
		{"forgeries == 39", "it was 39"},
		{"forgeries accepted == 6", "it was 6"},
		{"forgeries refused == 30", "it was 30"},
		{"bad bodies == 14", "it was 14"},
		{"bad bodies accepted == 4", "it was 4"},
		{"bad bodies refused == 7", "it was 7"},
		{"dropped == 15", "it was 15"},
		{"violations == 3", "it was 3"},
		{"checks failed == 1", "it was 1"},
		{"throughput == 9/s", "it was 9/s"},
		{"duration == 100s", "it was 1m40s"},
		{"answer p50 < 501ms", "it was 500.2ms"},
		{"latency median < 501ms", "it was 500.2ms"},
		{"p50 response time < 501ms", "it was 500.2ms"},
		{"lateness max < 11ms", "it was 10ms"},
		{"own lateness min == 1us", "it was 1µs"},
	} {
		s := report.New(identity, measured())
		s.Receiver = &report.Receiver{Violated: 3}
		s.Checks = []report.Check{{Name: "a", Passed: true}, {Name: "b"}}
		s.Judge(gates(t, c.gate))
		if got := s.Gates[0]; got.Was != c.was || !got.Passed {
			t.Errorf("%s: got %q, passed %t; want %q and passed", c.gate, got.Was, got.Passed, c.was)
		}
	}
}

func TestAGateWithoutDataFails(t *testing.T) {
	for _, c := range []struct{ gate, was string }{
		{"answer p99 < 1h", "there is no data: no request was answered"},
		{"lateness p99 < 1h", "there is no data: at speed max nothing has a planned moment"},
		{"own lateness p99 < 1h", "there is no data: at speed max nothing has a planned moment"},
		{"violations == 0", "there is no data: the consumer is not the built-in receiver"},
		{"checks failed == 0", "there is no data: there are no checks"},
		{"throughput >= 0/s", "there is no data: the run took no time"},
		{"accepted >= 0%", "there is no data: 0% of nothing (the notifications that a correct consumer accepts)"},
		{"forgeries accepted == 0%", "there is no data: 0% of nothing (them)"},
	} {
		nothing := &emitter.Result{}
		s := report.New(identity, nothing)
		s.Judge(gates(t, c.gate))
		if failed := s.FailedGates(); len(failed) != 1 || failed[0].Was != c.was {
			t.Errorf("%s: got %+v, want one failed gate: %s", c.gate, s.Gates, c.was)
		}
	}
}

// A figure that nobody reads would be 0 for ever.
func TestEveryFigureHasAValue(t *testing.T) {
	for _, r := range gate.Rows() {
		text := string(r.Figure) + map[gate.Kind]string{gate.Count: " != 0", gate.Rate: " > 0/s", gate.Time: " > 0s", gate.Spread: " max > 0s"}[r.Kind]
		s := report.New(identity, measured())
		s.Receiver, s.Checks = &report.Receiver{Violated: 3}, []report.Check{{Name: "b"}}
		if s.Judge(gates(t, text)); !s.Gates[0].Passed {
			t.Errorf("%s %s", text, s.Gates[0].Was)
		}
	}
}
