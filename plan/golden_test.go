package plan_test

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/golden"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/assume"
)

// pinned is a plan whose bytes are held by a golden file, so that a change on any platform
// shows.
type pinned struct {
	name  string
	files []string
	opts  plan.Options
}

func pins(t testing.TB) []pinned {
	t.Helper()
	var odd assume.Set
	for _, c := range [][2]string{{"absent-ids", "null"}, {"held-channel", "both"}, {"hangup-while-away", "direct"},
		{"interrupt-at", "alerted"}, {"resume-at", "disconnected"}, {"disconnected-reason", "hangup"},
		{"abandon", "connectionfailed"}, {"timestamp-digits", "6"}, {"time-digits", "0"}} {
		if err := odd.Change(c[0], c[1]); err != nil {
			t.Fatal(err)
		}
	}
	every := []string{"hold", "interrupt", "everything"}
	return []pinned{
		{"hold, seed 0", []string{"hold"}, plan.Options{Start: dawn}},
		{"hold, seed 1", []string{"hold"}, plan.Options{Start: dawn, Seed: 1}},
		{"interrupt, both versions", []string{"interrupt"}, plan.Options{Start: dawn, Versions: plan.Both}},
		{"everything, v1", []string{"everything"}, plan.Options{Start: dawn, Versions: plan.OnlyV1, Seed: 1<<63 + 5}},
		{"everything, another zone and year", []string{"everything"}, plan.Options{Start: time.Date(2099, 12, 31, 23, 59, 59, 999_999_999, time.FixedZone("x", 3600))}},
		{"mix of all, 100 at 3/s", every, plan.Options{Start: dawn, Seed: 7, Count: 100, Calls: rate(t, "3/s")}},
		{"mix of all, for 5m at 7/m, random lag", every, plan.Options{Start: dawn, Seed: 8, For: 5 * time.Minute, Calls: rate(t, "7/m"), Lag: span(t, "0s..3m"), Versions: plan.Both}},
		{"mix of all, odd assumptions", every, plan.Options{Start: dawn, Seed: 9, Count: 30, Assume: odd}},
	}
}

func (p pinned) plan(t testing.TB) *plan.Plan {
	t.Helper()
	var scs []*scenario.Scenario
	for _, f := range p.files {
		scs = append(scs, load(t, f))
	}
	pl, err := plan.NewMix(scs, p.opts)
	if err != nil {
		t.Fatalf("%s: %v", p.name, err)
	}
	return pl
}

func TestPlansArePinned(t *testing.T) {
	var b bytes.Buffer
	for _, p := range pins(t) {
		pl := p.plan(t)
		ns := all(pl)
		fmt.Fprintf(&b, "%s\n  %d notifications, %s\n  bodies %s\n  hash   %s\n", p.name, len(ns), pl.Length(), digest(ndjson(ns)), pl.Hash())
	}
	// If the plans were meant to change, change planFormat as well.
	golden.Check(t, "testdata/pinned.txt", b.Bytes())
}

func TestAPlanIsTheSameEveryTime(t *testing.T) {
	for _, p := range pins(t) {
		t.Run(p.name, func(t *testing.T) {
			pl := p.plan(t)
			first := ndjson(all(pl))
			if again := ndjson(all(pl)); !bytes.Equal(first, again) {
				t.Error("a second walk gives other bytes")
			}
			if other := ndjson(all(p.plan(t))); !bytes.Equal(first, other) {
				t.Error("a second plan gives other bytes")
			}
			for _, procs := range []int{1, 8} {
				before := runtime.GOMAXPROCS(procs)
				if other := ndjson(all(p.plan(t))); !bytes.Equal(first, other) {
					t.Errorf("GOMAXPROCS %d gives other bytes", procs)
				}
				runtime.GOMAXPROCS(before)
			}
		})
	}
}

func TestAPlanCanBeWalkedByManyAtOnce(t *testing.T) {
	pl := pins(t)[5].plan(t)
	want := digest(ndjson(all(pl)))
	got := make(chan string)
	for range 4 {
		go func() { got <- digest(ndjson(all(pl))) }()
	}
	for range 4 {
		if d := <-got; d != want {
			t.Errorf("a walk beside others gives %s, want %s", d, want)
		}
	}
}

func TestAWalkCanStopEarly(t *testing.T) {
	pl := pins(t)[5].plan(t)
	whole := all(pl)
	for _, n := range []int{1, 2, 100} {
		var got []plan.Notification
		for x := range pl.Notifications() {
			if got = append(got, x); len(got) == n {
				break
			}
		}
		if !bytes.Equal(ndjson(got), ndjson(whole[:n])) {
			t.Errorf("the first %d are not those of the whole walk", n)
		}
	}
}
