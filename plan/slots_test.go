package plan_test

import (
	"testing"
	"time"

	"github.com/ringback/ringback/plan"
)

// Each slot sends one notification, from the moment on at which the first one can be due.
func TestARateOfEventsIsHeldExactly(t *testing.T) {
	for _, c := range []struct {
		lag  string
		rate string
		from time.Duration
	}{{"250ms", "100/s", 250 * time.Millisecond}, {"0s", "7/m", 0}, {"0s..5s", "60/s", 5 * time.Second}} {
		r := rate(t, c.rate)
		o := plan.Options{Seed: 3, Events: r, For: time.Minute, AtEnd: plan.Finish, Lag: span(t, c.lag)}
		p := planned(t, load(t, "hold"), o)
		ns := all(p)
		lawful(t, p, ns)
		k := uint64(0)
		for k < 1e6 && r.Moment(k) < c.from {
			k++
		}
		i := 0
		for ns[i].Due < c.from {
			i++
		}
		for ; ns[i].Due < o.For; i, k = i+1, k+1 {
			if ns[i].Due != r.Moment(k) {
				t.Fatalf("lag %s: notification %d is sent at %s, want slot %d at %s", c.lag, i, ns[i].Due, k, r.Moment(k))
			}
		}
		gap := r.Moment(1)
		for ; i < len(ns); i++ {
			if d := ns[i].Due - ns[i-1].Due; d < gap-1 {
				t.Fatalf("lag %s: after the end, notifications %d and %d are %s apart, want at least %s", c.lag, i-1, i, d, gap)
			}
		}
		remembers(t, p, ns)
	}
}

// Notifications wait for their slots, not stories: the moments of what happens are those of a
// conversation that plays alone.
func TestStoriesAreNotStretchedToSlots(t *testing.T) {
	sc := load(t, "hold")
	slotted := pick(t, sc, plan.Options{Seed: 3, Events: rate(t, "50/s"), Count: 30, Lag: span(t, "250ms")})
	alone := pick(t, sc, plan.Options{Seed: 3, Count: 30, Lag: span(t, "250ms")})
	type event struct {
		story     uint64
		name, typ string
	}
	first, lives := map[uint64]time.Duration{}, map[event]time.Duration{}
	for _, n := range alone {
		lives[event{n.Story, n.Name, n.Type()}] = n.At
	}
	var longest time.Duration
	for _, n := range slotted {
		if _, known := first[n.Story]; !known {
			first[n.Story] = n.At
		}
		if got, want := n.At-first[n.Story], lives[event{n.Story, n.Name, n.Type()}]; got != want {
			t.Fatalf("conversation %d: %s of %s comes %s after its beginning, want %s", n.Story, n.Type(), n.Name, got, want)
		}
		longest = max(longest, n.Due-n.At)
	}
	if longest <= 250*time.Millisecond {
		t.Error("no notification waits for a slot")
	}
}
