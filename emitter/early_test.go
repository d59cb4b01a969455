package emitter_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/plan"
)

// A plan that ends because of the drain was not read to its end.
func TestAPlanThatEndsWithTheDrainWasNotRead(t *testing.T) {
	for _, speed := range []float64{1, emitter.Max} {
		synctest.Test(t, func(t *testing.T) {
			drain := make(chan struct{})
			e := emitter.Emitter{Targets: to(always(200)), Speed: speed, Drain: drain}
			result, err := e.Run(t.Context(), time.Now(), func(yield func(plan.Notification) bool) {
				for _, n := range notes(2, 0) {
					yield(n)
				}
				time.Sleep(time.Second)
				close(drain)
			})
			if err != nil || result.PlanRead || result.Stop != emitter.StopDrained || result.Total().Accepted != 2 {
				t.Errorf("speed %v: read %v, stop %q, %d accepted, %v; want 2 of a plan that goes on", speed, result.PlanRead, result.Stop, result.Total().Accepted, err)
			}
		})
	}
}
