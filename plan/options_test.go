package plan_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

func TestStartsThatIDsCannotHoldAreRefused(t *testing.T) {
	for _, c := range []struct {
		name  string
		start time.Time
		ok    bool
	}{
		{"no start at all", time.Time{}, false},
		{"the start of a synctest bubble", time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), false},
		{"one nanosecond before the first", seeded.FirstTime.Add(-1), false},
		{"the first moment", seeded.FirstTime, true},
		{"the first moment in another zone", seeded.FirstTime.In(time.FixedZone("x", 9*3600)), true},
		{"2140", time.Date(2140, 1, 1, 0, 0, 0, 0, time.UTC), true},
		{"2150", time.Date(2150, 1, 1, 0, 0, 0, 0, time.UTC), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := plan.New(load(t, "hold"), plan.Options{Start: c.start})
			if ok := err == nil; ok != c.ok {
				t.Errorf("got error %v, want ok %t", err, c.ok)
			}
		})
	}
}

func TestLengthWithinABound(t *testing.T) {
	for name, o := range map[string]plan.Options{
		"plain":      {Count: 3, Calls: rate(t, "5/s")},
		"population": {Count: 3, Population: 2},
		"faults":     {Count: 3, Faults: ruled(t, "duplicate every 2")},
	} {
		p := planned(t, load(t, "hold"), o)
		all := uint64(0)
		for range p.Notifications() {
			all++
		}
		if got, err := p.LengthWithin(all); err != nil || got != p.Length() {
			t.Errorf("%s: the length within all %d notifications is %s, %v; want %s", name, all, got, err, p.Length())
		}
		if _, err := p.LengthWithin(all - 1); !errors.Is(err, plan.ErrMore) {
			t.Errorf("%s: %d notifications are no more than %d", name, all, all-1)
		}
	}
}

func TestOptionsThatContradictEachOtherAreRefused(t *testing.T) {
	for _, c := range []struct {
		name, want string
		opts       plan.Options
	}{
		{"a duration without a rate", "needs a rate", plan.Options{For: time.Minute}},
		{"a rate without an end", "needs an end", plan.Options{Calls: rate(t, "5/s")}},
		{"a negative duration", "not between", plan.Options{Calls: rate(t, "5/s"), For: -1}},
		{"more at once than memory holds", "at most 2000000", plan.Options{Count: 2_000_001}},
		{"a larger population than memory holds", "want 1 to 2000000", plan.Options{Population: 2_000_001, Count: 1}},
		{"versions that there are not", "unknown event versions", plan.Options{Versions: 7}},
		{"arrivals for centuries", "years", plan.Options{Calls: rate(t, "1/h"), Count: 900_000}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.opts.Start = dawn
			if _, err := plan.New(load(t, "hold"), c.opts); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
	if _, err := plan.NewMix(nil, plan.Options{Start: dawn}); err == nil {
		t.Error("a mix of nothing was planned")
	}
	if _, err := plan.New(&scenario.Scenario{}, plan.Options{Start: dawn}); err == nil {
		t.Error("a scenario that was not parsed was planned")
	}
}

func TestHowManyConversationsTheOptionsAskFor(t *testing.T) {
	for _, c := range []struct {
		name string
		opts plan.Options
		want uint64
	}{
		{"neither count nor rate: each scenario once", plan.Options{}, 1},
		{"a count", plan.Options{Count: 17}, 17},
		{"a minute at 5/s: the one at 60 s does not begin", plan.Options{Calls: rate(t, "5/s"), For: time.Minute}, 300},
		{"one nanosecond more and it does", plan.Options{Calls: rate(t, "5/s"), For: time.Minute + 1}, 301},
		{"the count comes first", plan.Options{Calls: rate(t, "5/s"), For: time.Minute, Count: 12}, 12},
		{"the duration comes first", plan.Options{Calls: rate(t, "5/s"), For: time.Minute, Count: 1000}, 300},
		{"thirds of a second never add up", plan.Options{Calls: rate(t, "3/s"), For: time.Hour}, 10800},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := planned(t, load(t, "hold"), c.opts).Conversations(); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}
