package main

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/capacity"
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenarios"
)

// A window has the mix of traffic that has been going on for long, and no beginnings alone, though a call takes longer than it.
func TestAWindowHasTheMixOfItsTraffic(t *testing.T) {
	sc, err := scenarios.Load("inbound-call")
	if err != nil {
		t.Fatal(err)
	}
	tr, err := newTraffic([]*scenario.Scenario{sc}, plan.Options{Seed: 7}, nil)
	if err != nil || tr.longest < 2*time.Minute || tr.each != 9 {
		t.Fatalf("%+v, %v", tr, err)
	}
	counted := func(over time.Duration) (all int, by map[string]int) {
		notifications, stop, err := tr.window(3, 20, over)
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		by = map[string]int{}
		for n := range notifications {
			if want := time.Duration(all) * 50 * time.Millisecond; (n.Due - want).Abs() > time.Microsecond {
				t.Fatalf("%d is due at %s, want %s", all, n.Due, want)
			}
			all++
			by[n.Type()]++
		}
		return all, by
	}
	long, want := counted(time.Hour)
	all, got := counted(30 * time.Second)
	if all != 600 || len(got) != len(want) {
		t.Errorf("%d notifications of %v, want 600 of %v", all, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
	for name, n := range want {
		if share, usual := float64(got[name])/float64(all), float64(n)/float64(long); share < 0.8*usual || share > 1.25*usual {
			t.Errorf("%.3f of them are %s, want about %.3f", share, name, usual)
		}
	}
}

// The time of a notification is that at which it is sent, as in a run.
func TestEventsOfAWindowHappenWhenTheyAreSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2025, 3, 3, 9, 0, 0, 0, time.UTC))) // no notification is older than 2014
		var bodies []string
		o := windowsTo(t, nil, 1)
		o.emitter.Targets[0].Sender, o.traffic.longest = keeping{&bodies}, 5*time.Minute
		began := time.Now()
		if _, err := o.play(t.Context(), 5, 2*time.Second); err != nil {
			t.Fatal(err)
		}
		for _, body := range bodies {
			_, text, _ := strings.Cut(body, `"time":"`)
			text, _, _ = strings.Cut(text, `"`)
			if at, err := time.Parse(time.RFC3339, text); err != nil || at.Before(began.Add(-15*time.Second)) || at.After(began.Add(2*time.Second)) {
				t.Errorf("an event of %s, sent within 2 s from %s: %v", text, began, err)
			}
		}
	})
}

// A rate is of what is sent: what a consumer does not want, or faults drop, takes no part of it, and if that is all, nothing is searched.
func TestTheRateOfAWindowIsOfWhatIsSent(t *testing.T) {
	sc, err := scenarios.Load("inbound-call")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		types, fault string
		unordered    bool
		want         int // within 10 s at 20/s; 0: refused
	}{
		{want: 200}, {types: "channel.*", want: 200}, {types: "channel.ended.*", want: 200}, {types: "interaction.*"}, {fault: "drop 50%", want: 200}, {fault: "drop 100%"},
		{fault: "duplicate 50%", want: 200}, {fault: "delay 20% by 1h", want: 200}, {unordered: true, want: 200}, {types: "channel.ended.*", fault: "drop 50%", unordered: true, want: 200},
	} {
		o := plan.Options{Seed: 7, Unordered: c.unordered}
		if c.fault != "" {
			o.Faults = faultsOf(t, c.fault)
		}
		var types []string
		if c.types != "" {
			types = []string{c.types}
		}
		tr, err := newTraffic([]*scenario.Scenario{sc}, o, types)
		if c.want == 0 {
			if err == nil || !strings.Contains(err.Error(), "the consumer is sent nothing of this traffic") {
				t.Errorf("%+v: %v", c, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		notifications, stop, err := tr.window(1, 20, 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		sent, last := 0, time.Duration(0)
		for n := range notifications {
			if n.Due < last {
				t.Errorf("%+v: %s behind %s", c, n.Due, last)
			}
			last = n.Due
			sent++
		}
		if stop(); sent < c.want-1 || sent > c.want+8 { // the last ones may be a burst
			t.Errorf("%+v: %d sent, want %d", c, sent, c.want)
		}
	}
}

// Gates of the command line on what is accepted take the place of those that the traffic brings; others are added.
func TestGatesOfTheCommandLineComeInsteadOfThoseOfTheTraffic(t *testing.T) {
	for _, c := range []struct{ asked, brought, want string }{
		{"", "accepted >= 100%,latency p99 < 1s", "accepted >= 100%,latency p99 < 1s"},
		{"latency p50 < 1s", "accepted >= 100%", "latency p50 < 1s,accepted >= 100%"},
		{"refused < 5%", "accepted >= 100%,latency p99 < 1s", "refused < 5%,latency p99 < 1s"},
	} {
		asked, brought := gatesOf(t, c.asked), gatesOf(t, c.brought)
		var got []string
		for _, g := range instead(len(asked), append(asked, brought...)) {
			got = append(got, g.String())
		}
		if text := strings.Join(got, ","); text != c.want {
			t.Errorf("%q and %q: got %q, want %q", c.asked, c.brought, text, c.want)
		}
	}
	for gate, want := range map[string]string{
		"throughput > 100/s": "use --least", "violations == 0": "has no data of that", "checks failed == 0": "has no data of that",
		"duration < 2s": "the length of a window decides that", "notifications == 30": "the length of a window decides that", "dropped == 0": "the length of a window decides that",
	} {
		status, _, errs := call(t, "", "capacity", "inbound-call", "--to", "http://127.0.0.1:1/", "--gate", gate)
		if status != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("%s: status %d, %s", gate, status, errs)
		}
	}
}

func gatesOf(t *testing.T, texts string) (all []gate.Gate) {
	t.Helper()
	for _, text := range strings.Split(texts, ",") {
		if text == "" {
			continue
		}
		g, err := gate.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, g)
	}
	return all
}

// Refusals that are as many as ringback sent late, and hence all at once, may be of its own making.
func TestRefusalsBehindAPauseOfRingback(t *testing.T) {
	for late, want := range map[int64]capacity.Verdict{0: capacity.Fails, 2: capacity.Fails, 3: capacity.Own, 40: capacity.Own} {
		pacing := hdrhistogram.New(1, 10_000_000, 3)
		_ = pacing.RecordValues(100, 1000) // µs, within its range
		if late > 0 {
			_ = pacing.RecordValues(60_000, late)
		}
		s := &report.Summary{Total: report.Counts{Counts: emitter.Counts{GivenUp: 3, Matched: 1000}}, Rules: []report.Rule{{Name: "accepted"}}}
		o, w := &windows{}, capacity.Window{Verdict: capacity.Holds}
		if o.judge(&w, s, &emitter.Result{Pacing: pacing}, inUse{}); w.Verdict != want {
			t.Errorf("3 refused and %d late: %s, %q; want %s", late, w.Verdict, w.Why, want)
		}
	}
}

func faultsOf(t *testing.T, text string) []scenario.FaultRule {
	t.Helper()
	rule, err := scenario.ParseFault(text)
	if err != nil {
		t.Fatal(err)
	}
	return []scenario.FaultRule{rule}
}
