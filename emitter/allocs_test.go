//go:build !race

package emitter_test

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/plan"
)

// In the long run a notification costs no allocation, sending it included; one of a burst costs
// no more than a single one does. With the race detector nothing can be counted: there, a
// sync.Pool throws away some of what it is given, at random.
func TestNotificationsCostHardlyAnyAllocations(t *testing.T) {
	single := notes(1000, 0)
	bursts := inBursts(notes(1000, 0), slices.Repeat([]int{1, 3, 2, 4}, 100)...)
	for i := range bursts {
		bursts[i].Story = uint64(i / 10 % 50)
	}
	for name, ready := range map[string][]plan.Notification{"single": single, "bursts": bursts} {
		t.Run(name, func(t *testing.T) {
			const n, warm = 14_000, 4_000
			c := newConsumer(t)
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
			if got := result.Total().Bursts; name == "bursts" && got.MostOfStory < 2 {
				t.Errorf("%d in flight together, want several", got.MostOfStory)
			}
		})
	}
}
