package plan_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/ringback/ringback/plan"
)

// What the first conversations are in truth is known without a walk through all of the plan, and
// it is the same as after one.
func TestTheFirstConversationsAreKnownEarly(t *testing.T) {
	impatient := span(t, "20s..3m")
	for name, o := range map[string]plan.Options{
		"a rate of notifications": {Events: rate(t, "40/s"), Count: 3000},
		"a population":            {Population: 30, Count: 3000},
		"a pool":                  {Calls: rate(t, "6/m"), Count: 3000, Pool: &plan.Pool{Count: 9, Patience: impatient}},
		"a pool, few calls":       {Calls: rate(t, "6/m"), Count: 20, Pool: &plan.Pool{Count: 2, Patience: impatient}},
	} {
		t.Run(name, func(t *testing.T) {
			sc := parse(t, simple)
			early, late := planned(t, sc, o), planned(t, sc, o)
			late.Length() // walks it all
			for _, i := range []uint64{0, 7, 19, 1023, 1024, 2999} {
				if a, b := early.Truth(i), late.Truth(i); !reflect.DeepEqual(a, b) {
					t.Errorf("conversation %d: %+v\nafter a walk %+v", i, a, b)
				}
			}
		})
	}
}

// A plan of billions of notifications: a walk through all of it would take hours.
func TestTheFirstConversationsOfALongPlanAreKnown(t *testing.T) {
	if testing.Short() {
		t.Skip("plans for long, in one goroutine")
	}
	for name, o := range map[string]plan.Options{
		"a rate of notifications": {Events: rate(t, "2000/s"), For: 30 * 24 * time.Hour},
		"a population":            {Population: 5000, For: 365 * 24 * time.Hour},
		"a pool":                  {Calls: rate(t, "20/s"), Count: 1e9, Pool: &plan.Pool{Count: 3000}},
	} {
		if got := planned(t, parse(t, simple), o).Truth(49); len(got.Channels) != 2 {
			t.Errorf("%s: %d channels in the 50th conversation, want 2", name, len(got.Channels))
		}
	}
}
