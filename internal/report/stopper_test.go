package report_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/report"
)

// second is what happens in a second of a run: so many attempts, some of them refused, each with one latency.
type second struct {
	attempts, refused uint64
	latency           time.Duration
	paused            bool
}

// again repeats a second.
func again(n int, s second) (all []second) {
	for range n {
		all = append(all, s)
	}
	return all
}

// stopped plays seconds until a condition holds, and returns which one did, in which second.
func stopped(t *testing.T, seconds []second, conditions ...string) string {
	t.Helper()
	var s report.Stopper
	for _, text := range conditions {
		c, err := gate.ParseStop(text)
		if err != nil {
			t.Fatal(err)
		}
		s.Conditions = append(s.Conditions, c)
	}
	var total emitter.Counts
	for i, x := range seconds {
		now := emitter.Snapshot{Started: nine, At: nine.Add(time.Duration(i+1)*time.Second + time.Duration(i%3)*20*time.Millisecond), Speed: 1, Paused: x.paused}
		failed := total.Failures[emitter.ClassStatus].Count + x.refused
		total.Attempts, total.Accepted, total.Matched = total.Attempts+x.attempts, total.Accepted+x.attempts-x.refused, total.Matched+x.attempts
		total.Statuses = map[int]uint64{200: total.Accepted, 401: failed}
		total.Failures = map[emitter.Class]emitter.FailuresOfClass{emitter.ClassStatus: {Count: failed}}
		now.Total, now.Latency, now.Lateness, now.Pacing = total, histogram(), histogram(), histogram()
		for range x.attempts {
			now.Latency.RecordValue(x.latency.Microseconds())
		}
		if why := s.Add(&now); why != nil {
			return fmt.Sprintf("%d: %s, %s", i+1, why.When, why.Was)
		}
	}
	return ""
}

func TestAConditionEndsARunByItsWindowAlone(t *testing.T) {
	good, bad, slow := second{attempts: 100, latency: time.Millisecond}, second{attempts: 100, refused: 100, latency: time.Millisecond}, second{attempts: 100, latency: time.Second}
	pause := second{paused: true}
	for _, c := range []struct {
		name       string
		seconds    []second
		conditions []string
		want       string
	}{
		{"not before its window is over", again(20, bad), []string{"refused > 5% for 10s"}, "10: refused > 5% for 10s, it was 100%"},
		{"what was long ago counts no more", append(again(5, bad), again(30, good)...), []string{"refused > 60% for 10s"}, ""},
		{"an hour that went well hides nothing", append(again(100, good), again(30, bad)...), []string{"refused > 49% for 10s"}, "105: refused > 49% for 10s, it was 50%"},
		{"a count since the beginning", again(5, bad), []string{"failures >= 250"}, "3: failures >= 250, it was 300"},
		{"a count within a window", append(again(3, bad), again(9, good)...), []string{"answers 4xx == 0 for 4s"}, "7: answers 4xx == 0 for 4s, it was 0"},
		{"times of the window alone", append(again(30, good), again(5, slow)...), []string{"latency p50 > 500ms for 3s"}, "32: latency p50 > 500ms for 3s, it was 1s"},
		{"a rate", append(again(5, good), again(5, bad)...), []string{"throughput < 75/s for 2s"}, "6: throughput < 75/s for 2s, it was 49.02/s"},
		{"accepted of what was attempted", append(again(5, good), again(5, bad)...), []string{"accepted < 75% for 2s"}, "6: accepted < 75% for 2s, it was 50%"},
		{"nothing is no share", again(20, second{}), []string{"refused < 5% for 2s", "latency p50 < 1s for 2s"}, ""},
		{"a pause is nobody's fault", append(append(again(5, good), again(60, pause)...), again(9, good)...), []string{"throughput < 50/s for 10s"}, ""},
		{"a pause begins the window anew", append(append(again(3, bad), again(60, pause)...), again(20, bad)...), []string{"refused > 5% for 5s"}, "69: refused > 5% for 5s, it was 100%"},
		{"the first of several that holds", again(20, bad), []string{"refused > 5% for 10s", "answers 4xx > 5% for 5s"}, "5: answers 4xx > 5% for 5s, it was 100%"},
	} {
		if got := stopped(t, c.seconds, c.conditions...); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestARunThatItsConditionStoppedHasFailed(t *testing.T) {
	r := result(target("crm", time.Millisecond))
	r.Stop, r.PlanRead = emitter.StopDrained, false
	s := report.New(identity, r)
	s.Stopped = report.NewStopped("refused > 5% for 30s", "it was 12%", 31*time.Second)
	s.Judge(nil)
	if want := "stopped 31 s after the beginning: refused > 5% for 30s: it was 12%"; s.Verdict != report.Failed || s.Cause != want {
		t.Errorf("the verdict is %q, %q; want %q, %q", s.Verdict, s.Cause, report.Failed, want)
	}
}
