package plan_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/sampling"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/receiver"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/assume"
)

// cases is how many random stories and conversations are tried: thousands where RINGBACK_REQUIRE names stories, and as many as a minute
// allows otherwise; with -short, for the race detector, which has little to find in one goroutine, a few.
func cases() int {
	switch {
	case testing.Short():
		return 30
	case sampling.Whole(sampling.Stories):
		return 2000
	}
	return 250
}

// slow skips with -short, for the race detector, what takes long in one goroutine.
func slow(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long")
	}
}

// Random stories, those that the checker lets pass, planned in random ways, are judged by
// the reference consumer, which has a lifecycle of its own.
func TestWhatTheCheckerLetsPassIsLawfulOnTheWire(t *testing.T) {
	t.Parallel()
	cases := cases() // that are judged
	refused, judged, notifications := 0, 0, 0
	for seed := uint64(0); judged < cases; seed++ {
		r := rand.New(rand.NewPCG(seed, 1))
		text := (&author{Rand: r, folly: 0.07}).scenario()
		sc, err := scenario.Parse("random.yaml", []byte(text))
		if err != nil {
			if refused++; refused > 3*cases {
				t.Fatalf("%d stories were refused, and %d were not", refused, judged)
			}
			continue
		}
		judged++
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			defer func() {
				if r := recover(); r != nil {
					t.Error(r)
				}
				if t.Failed() {
					t.Logf("with this story:\n%s", text)
				}
			}()
			notifications += play(t, sc, r, strings.Contains(text, "agentId: "))
		})
		if t.Failed() {
			break
		}
	}
	t.Logf("%d judged, %d refused, %d notifications", judged, refused, notifications)
	if refused > 2*judged || refused < judged/10 {
		t.Errorf("%d stories were refused and %d were not; the author should be wrong sometimes and not mostly", refused, judged)
	}
}

// play plans a story in a random way and has it judged, in order and shuffled.
func play(t *testing.T, sc *scenario.Scenario, r *rand.Rand, identified bool) (notifications int) {
	t.Helper()
	p := planned(t, sc, randomOptions(t, r))
	ns := all(p)
	lawful(t, p, ns)
	rested(t, ns)
	if n := len(ns); n > 0 && p.Length() != ns[n-1].Due {
		t.Errorf("the length is %s, but the last notification is due at %s", p.Length(), ns[n-1].Due)
	}
	shared := identified && p.Conversations() > 1
	bodies := encoded(ns)
	judgeBodies(t, bodies, shared)
	if again := all(p); !slices.EqualFunc(bodies, encoded(again), bytes.Equal) || !slices.EqualFunc(ns, again, sameRaw) {
		t.Error("a second walk gives other bytes")
	}
	r.Shuffle(len(bodies), func(i, j int) { bodies[i], bodies[j] = bodies[j], bodies[i] })
	judgeBodies(t, bodies, shared)
	return len(ns)
}

func sameRaw(a, b plan.Notification) bool { return bytes.Equal(a.Raw, b.Raw) }

// encoded is the bodies that can be judged: what is written by hand is lawful or not. To encode
// is what takes the time here, so each notification is encoded once.
func encoded(ns []plan.Notification) (bodies [][]byte) {
	for i := range ns {
		if ns[i].Raw == nil {
			bodies = append(bodies, ns[i].AppendBody(nil))
		}
	}
	return bodies
}

// judge feeds notifications to a consumer, in the order given. Agents with an identity of
// their own who are shared by several conversations may come to the same presence in each.
func judge(t *testing.T, ns []plan.Notification, shared bool) {
	t.Helper()
	judgeBodies(t, encoded(ns), shared)
}

func judgeBodies(t *testing.T, bodies [][]byte, shared bool) {
	t.Helper()
	r := receiver.New(receiver.Options{})
	for _, body := range bodies {
		if j := r.JudgeUnsigned(body); j.Result != receiver.Accepted {
			t.Errorf("%s: %s: %s", j.Result, j.Reason, body)
		}
	}
	report := r.Report()
	for _, v := range slices.Concat(report.Violations, report.Remarks) {
		if !shared || v.Rule != receiver.PresenceRepeated {
			t.Errorf("%v", v)
		}
	}
	if report.Open > 0 {
		t.Errorf("%d channels never end", report.Open)
	}
}

func randomOptions(t *testing.T, r *rand.Rand) plan.Options {
	t.Helper()
	o := plan.Options{Seed: r.Uint64(), Start: dawn, Versions: plan.Versions(r.IntN(3)), Count: r.Uint64N(4), Assume: randomSet(t, r)}
	if r.IntN(2) == 0 {
		o.Lag = span(t, []string{"0s", "1ms", "0s..10s", "1s..2m"}[r.IntN(4)])
	}
	if r.IntN(2) == 0 {
		o.Count++
		o.Calls = rate(t, []string{"1/s", "7/m", "1000/s"}[r.IntN(3)])
	}
	return o
}

// randomSet changes each assumption with even odds, but for the workspace, which stories choose. All stamps keep three digits or more:
// with fewer, moments that differ look the same, and their order cannot be told.
func randomSet(t *testing.T, r *rand.Rand) assume.Set {
	t.Helper()
	var s assume.Set
	for _, row := range assume.Rows() {
		if row.Name == assume.Workspace.String() {
			continue
		}
		values := append([]string{row.Default}, row.Others...)
		if row.AnyText {
			values = append(values, "released")
		}
		if row.AnySpan {
			values = append(values, "1s..9s", "7ms")
		}
		value := values[r.IntN(len(values))]
		if strings.HasSuffix(row.Name, "-digits") && value < "3" {
			value = "7"
		}
		if err := s.Change(row.Name, value); err != nil {
			t.Fatal(err)
		}
	}
	return s
}
