package plan_test

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

// endingTraffics are ways in which conversations begin, that go on for 20 minutes.
func endingTraffics(t *testing.T) map[string]plan.Options {
	return map[string]plan.Options{
		"calls":      {Seed: 3, Calls: rate(t, "12/m"), For: 20 * time.Minute},
		"population": {Seed: 3, Population: 5, For: 20 * time.Minute},
		"pool":       {Seed: 3, Calls: rate(t, "6/m"), For: 20 * time.Minute, Pool: &plan.Pool{Count: 9, Patience: span(t, "20s")}},
		"arrivals":   {Seed: 3, Arrivals: []plan.Stretch{{From: rate(t, "6/m"), To: rate(t, "18/m"), Over: 15 * time.Minute}, {From: rate(t, "6/m"), To: rate(t, "6/m"), Over: 5 * time.Minute, Poisson: true}}},
		"bursts":     {Seed: 3, Calls: rate(t, "12/m"), For: 20 * time.Minute, Unordered: true},
		"both":       {Seed: 3, Calls: rate(t, "12/m"), For: 20 * time.Minute, Versions: plan.Both},
	}
}

// A plan that ends with its time is the beginning of the one that goes on, what is true of its conversations is what it sent,
// and so it is in shards.
func TestAPlanEndsWithItsTime(t *testing.T) {
	for name, o := range endingTraffics(t) {
		t.Run(name, func(t *testing.T) {
			sc := load(t, "hold")
			o.AtEnd = plan.Finish
			whole := planned(t, sc, o)
			o.AtEnd = plan.Drain
			p := planned(t, sc, o)
			end, ok := p.Until()
			if _, endless := whole.Until(); !ok || end != 20*time.Minute || endless || p.Hash() == whole.Hash() {
				t.Fatalf("it ends at %s, %t; the other one %t; hashes %s, %s", end, ok, endless, p.Hash(), whole.Hash())
			}
			got, want := all(p), []plan.Notification{}
			for n := range whole.Notifications() {
				if n.Due < end {
					want = append(want, n)
				}
			}
			if len(want) < 100 || len(got) != len(want) {
				t.Fatalf("%d notifications, want the %d of the whole plan before %s", len(got), len(want), end)
			}
			for i := range want {
				if a, b := got[i].AppendBody(nil), want[i].AppendBody(nil); !bytes.Equal(a, b) {
					t.Fatalf("notification %d: %s, want %s", i, a, b)
				}
			}
			if last := want[len(want)-1].Due; p.Length() != last {
				t.Errorf("its length is %s, want %s", p.Length(), last)
			}
			if !o.Unordered {
				remembers(t, p, got)
			}
			sharded(t, sc, o, got)
			cut := 0
			for i := range p.Conversations() {
				if a, b := p.Truth(i), whole.Truth(i); a.Cut {
					cut++
				} else if !reflect.DeepEqual(a, b) {
					t.Fatalf("conversation %d is over, and other things are true of it", i)
				}
			}
			if cut == 0 || uint64(cut) == p.Conversations() {
				t.Errorf("%d of %d conversations are cut off", cut, p.Conversations())
			}
		})
	}
}

// A rate of events is offered for exactly its time: each slot sends one notification.
func TestARateOfEventsEndsWithItsTime(t *testing.T) {
	for _, text := range []string{"40/s", "7/m", "0.3/s"} {
		o := plan.Options{Seed: 3, Events: rate(t, text), For: 3 * time.Minute}
		sc := load(t, "hold")
		p := planned(t, sc, o)
		ns := all(p)
		if want := int(3 * 60 * float64(o.Events.Times) / o.Events.Per.Seconds()); len(ns) != want {
			t.Errorf("%s: %d notifications, want %d", text, len(ns), want)
		}
		for i := 1; i < len(ns); i++ {
			if gap := ns[i].Due - ns[i-1].Due; gap > o.Events.Moment(1)+1 {
				t.Fatalf("%s: %s before notification %d", text, gap, i)
			}
		}
		lawful(t, p, ns)
		remembers(t, p, ns)
		sharded(t, sc, o, ns)
		o.AtEnd = plan.Drain
		if q := planned(t, sc, o); q.Hash() != p.Hash() || p.AtEnd() != plan.Drain {
			t.Errorf("%s: it ends with %s and %s, and hash %s, %s", text, p.AtEnd(), q.AtEnd(), p.Hash(), q.Hash())
		}
	}
}

// Without order a rate of events has the same notifications: bursts that the end cuts off leave before it. They leave when the
// last of them is due, so none waits for the very end but the few whose next notification got no slot.
func TestARateOfEventsWithoutOrderSendsAllBeforeItsEnd(t *testing.T) {
	for _, text := range []string{"40/s", "7/m", "0.3/s"} {
		o := plan.Options{Seed: 3, Events: rate(t, text), For: 3 * time.Minute}
		sc := load(t, "hold")
		ordered := pick(t, sc, o)
		o.Unordered = true
		p := planned(t, sc, o)
		free := all(p)
		if !slices.Equal(sortedIDs(free), sortedIDs(ordered)) {
			t.Fatalf("%s: %d notifications, with order %d, or others", text, len(free), len(ordered))
		}
		last, atLast := free[len(free)-1].Due, 0
		for i := range free {
			if i > 0 && free[i].Due < free[i-1].Due {
				t.Fatalf("%s: notification %d is due at %s, behind %s", text, i, free[i].Due, free[i-1].Due)
			}
			if free[i].Due == last {
				atLast++
			}
		}
		if end, _ := p.Until(); last >= end || last != ordered[len(ordered)-1].Due || atLast > 10+len(free)/20 {
			t.Errorf("%s: %d of %d are due at %s, the end is at %s", text, atLast, len(free), last, end)
		}
		remembers(t, p, ordered)
		sharded(t, sc, o, free)
		o.AtEnd = plan.Cut
		if cut := planned(t, sc, o); !slices.Equal(sortedIDs(all(cut)), sortedIDs(free)) || cut.Hash() != p.Hash() {
			t.Errorf("%s: another plan with cut", text)
		}
	}
}

// No fault moves a notification behind the end.
func TestNoFaultIsBehindTheEnd(t *testing.T) {
	o := plan.Options{Seed: 3, Calls: rate(t, "5/s"), For: time.Minute, AtEnd: plan.Cut}
	for _, text := range []string{"delay 50% by 20s", "duplicate 50%", "reorder 20%", "late-retry 20%"} {
		rule, err := scenario.ParseFault(text)
		if err != nil {
			t.Fatal(err)
		}
		o.Faults = []scenario.FaultRule{rule}
		ns := pick(t, load(t, "hold"), o)
		if last := ns[len(ns)-1].Due; last >= time.Minute || last < 59*time.Second {
			t.Errorf("%s: the last of %d is due at %s", text, len(ns), last)
		}
	}
}

func TestAnEndNeedsATime(t *testing.T) {
	_, err := plan.New(load(t, "hold"), plan.Options{Start: dawn, Count: 4, AtEnd: plan.Cut})
	if err == nil || !strings.Contains(err.Error(), "needs a time after which it is over") {
		t.Errorf("got %v", err)
	}
}

// How long a plan takes is known within bounds without a walk through it.
func TestTheLengthIsKnownWithoutAWalk(t *testing.T) {
	all := endingTraffics(t)
	all["a count"] = plan.Options{Seed: 3, Count: 300}
	all["events for a time"] = plan.Options{Seed: 3, Events: rate(t, "40/s"), For: 5 * time.Minute}
	all["events to their end"] = plan.Options{Seed: 3, Events: rate(t, "40/s"), For: 5 * time.Minute, AtEnd: plan.Finish}
	all["a count of events"] = plan.Options{Seed: 3, Events: rate(t, "40/s"), Count: 500}
	all["a count of a population"] = plan.Options{Seed: 3, Population: 10, Count: 200}
	all["a crowded pool"] = plan.Options{Seed: 3, Calls: rate(t, "20/s"), Count: 200, Pool: &plan.Pool{Count: 3}}
	for name, o := range all {
		p := planned(t, load(t, "hold"), o)
		length, within, about := p.Length(), p.Within(), p.About()
		if within < length || within > 6*length {
			t.Errorf("%s: it takes %s, within %s", name, length, within)
		}
		if about > 0 && (about < length/2 || about > 2*length) && o.Pool == nil {
			t.Errorf("%s: it takes %s, about %s", name, length, about)
		}
	}
}
