//go:build unix

package plan_test

import (
	"runtime"
	"syscall"
	"testing"

	"github.com/ringback/ringback/plan"
)

// short is a call of eight notifications and twenty seconds, so that 5,000 of them a second are
// 100,000 at once and 40,000 notifications a second.
const short = `name: short
story: A call of twenty seconds.
steps:
  - call: customer
  - queue: 0s..2s
  - ring: {agent: alice, for: 2s}
  - talk: 10s..18s
  - hangup: customer
  - wrap: 1s..5s
`

// cpu is the processor time that this process has taken so far, in milliseconds. What the
// runtime tells of a collection is by the wall clock, and wrong on a busy machine.
func cpu(b *testing.B) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e6
}

// BenchmarkLive walks with 100,000 conversations alive. It reports their memory and what one
// garbage collection costs.
func BenchmarkLive(b *testing.B) {
	for _, c := range []struct {
		name string
		opts plan.Options
	}{
		{"calls", plan.Options{Calls: rate(b, "5000/s"), Count: 1e9}},
		{"population", plan.Options{Population: 100_000, Count: 1e9}},
		{"pool", plan.Options{Calls: rate(b, "5000/s"), Count: 1e9, Pool: &plan.Pool{Count: 120_000}}},
		{"events", plan.Options{Events: rate(b, "40000/s"), Count: 1e9}},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := planned(b, parse(b, short), c.opts)
			before := heap()
			seen, left, began := 0, b.N, false
			b.ReportAllocs()
			for n := range p.Notifications() {
				if seen++; !began && seen < 1_600_000 { // two lives of everybody
					continue
				}
				if !began {
					began = true
					b.ResetTimer()
				}
				if left--; left > 0 {
					continue
				}
				b.StopTimer()
				live := n.Live
				spent := cpu(b)
				const collections = 5
				for range collections {
					runtime.GC()
				}
				b.ReportMetric(float64(heap()-before)/float64(live), "B/conversation")
				b.ReportMetric((cpu(b)-spent)/collections, "GC-ms")
				b.ReportMetric(float64(live), "alive")
				break
			}
		})
	}
}
