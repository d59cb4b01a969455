package plan_test

import (
	"testing"
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
)

// Where very many conversations begin at the same moment, the walk works for long before its first
// notification. Stop ends it all the same.
func TestAWalkEndsWhileItWorksTowardsItsFirstNotification(t *testing.T) {
	for name, o := range map[string]plan.Options{
		"conversations of their own": {Count: 1e5},
		"a pool":                     {Count: 1e5, Pool: &plan.Pool{Count: 5}},
		"a population":               {Population: 1e5, For: time.Hour},
		"a rate of events":           {Events: scenario.Rate{Times: 1e5, Per: time.Second}, Count: 1e5},
	} {
		w := planned(t, parse(t, simple), o).Walk()
		w.Stop()
		for n := range w.Notifications() {
			t.Errorf("%s: notification %d comes after the end", name, n.Seq)
			break
		}
	}
}
