package emitter_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/plan"
)

// In the long run a notification costs no more than one allocation, sending it included.
func TestNotificationsCostHardlyAnyAllocations(t *testing.T) {
	const n, warm = 14_000, 4_000
	c := newConsumer(t)
	ready := notes(1000, 0)
	var before, after runtime.MemStats
	e := emitter.Emitter{Targets: []emitter.Target{{URL: "http://" + c.Addr().String() + "/events", Secret: secret(t)}}, Speed: emitter.Max}
	result, err := e.Run(t.Context(), time.Now(), func(yield func(plan.Notification) bool) {
		for i := range n {
			if i == warm { // connections and buffers are there
				runtime.ReadMemStats(&before)
			}
			if !yield(ready[i%len(ready)]) {
				return
			}
		}
		runtime.ReadMemStats(&after)
	})
	if err != nil || !result.AllRight() {
		t.Fatalf("error %v, %+v", err, result.Total())
	}
	if each := float64(after.Mallocs-before.Mallocs) / (n - warm); each > 0.5 {
		t.Errorf("%.2f allocations for each notification, want next to none", each)
	}
}
