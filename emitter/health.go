package emitter

import (
	"fmt"
	"runtime"
	"time"

	"github.com/ringback/ringback/emitter/internal/pace"
	"github.com/ringback/ringback/internal/show"
)

// What makes a run invalid: it says nothing about the target, because the load was not
// offered as planned. Crowded ones are those that a target was too slow for.
const (
	latestOf1000   = 100 * time.Millisecond // own lateness of 1 in 100, where a run has enough to tell
	latestOfAll    = time.Second            // own lateness of 1 in 100, of any run
	enough         = 1000                   // notifications
	answeringShare = 0.5                    // of the time of busy connections, at least, between request and answer: else the emitter kept them busy
	largestStep    = 2 * time.Second        // that the wall clock was set by
	crowdedShare   = 100                    // 1 in so many first attempts over a second late for want of a connection
	busyShare      = 0.95                   // of the processors
	churnShare     = 20                     // a connection for fewer than so many attempts
	longEnoughBusy = 2 * time.Second        // before the share of the processors says anything
)

// health is what a run observes of itself. Its fields belong to the goroutine that paces.
type health struct {
	began   time.Time
	cpu     time.Duration // of this process, until the run began; 0 if this system does not tell
	behind  uint64        // notifications that were not made when their moment came
	step    time.Duration // the largest difference between wall clock and monotonic clock
	watched time.Time
}

func (h *health) open() {
	h.began = time.Now()
	h.cpu = pace.ProcessTime()
	h.watched = h.began
}

// watch compares the two clocks, about once a second.
func (h *health) watch(now time.Time) {
	if now.Sub(h.watched) < time.Second {
		return
	}
	h.watched = now
	wall := now.Round(0).Sub(h.began.Round(0)) // without the monotonic readings
	if step := wall - now.Sub(h.began); step.Abs() > h.step.Abs() {
		h.step = step
	}
}

// observe notes how late m was handed out by the emitter itself. Late tells that it had not
// been made when the pacer asked for it.
func (r *run) observe(m *message, late bool) {
	now := time.Now()
	lateness := now.Sub(m.due)
	if late && lateness > time.Millisecond {
		r.health.behind++
	}
	r.health.watch(now)
	g := &r.gauges
	g.mu.Lock()
	defer g.mu.Unlock()
	record(g.pacing, lateness)
	if g.recent != nil {
		record(g.recent, lateness)
	}
}

// verdict says why the run is invalid, which targets did not take what was offered, and what else should be known of it.
func (r *run) verdict() (invalid, overloaded, remarks []string) {
	now := time.Now()
	r.health.watched = r.health.began
	r.health.watch(now)
	total := r.result.Total()
	busy := r.busy(now)
	if s := r.lateVerdict(busy); s != "" {
		invalid = append(invalid, s)
	} else if busy > busyShare {
		remarks = append(remarks, fmt.Sprintf("ringback used %.0f %% of its processors: latencies may be its own", 100*busy))
	}
	own, overloaded, limited := r.overloads(&total.Counts, busy)
	invalid, remarks = append(invalid, own...), append(remarks, limited...)
	if local := total.Failures[ClassLocal]; local.Count > 0 {
		invalid = append(invalid, fmt.Sprintf("%s failed on this machine: %s", show.Counted(local.Count, "attempt"), local.Example))
	}
	if r.health.step.Abs() > largestStep {
		invalid = append(invalid, fmt.Sprintf("the clock of this machine was set by %s meanwhile: the times in the tokens are wrong", r.health.step.Round(time.Millisecond)))
	}
	connections := 0
	for _, o := range r.boxes {
		connections += o.connections
	}
	if total.NewConnections*churnShare > total.Attempts && total.NewConnections > 4*uint64(connections) {
		remarks = append(remarks, fmt.Sprintf("%s were opened for %s: the target does not keep them open, which costs both sides time",
			show.Counted(total.NewConnections, "connection"), show.Counted(total.Attempts, "attempt")))
	}
	return invalid, overloaded, remarks
}

// busy is the share of its processors that the run used, or 0 if that says nothing.
func (r *run) busy(now time.Time) float64 {
	wall := now.Sub(r.health.began)
	if r.rules.Speed >= Max || wall < longEnoughBusy || r.health.cpu == 0 {
		return 0
	}
	return float64(pace.ProcessTime()-r.health.cpu) / float64(wall) / float64(min(runtime.GOMAXPROCS(0), runtime.NumCPU()))
}

// lateVerdict reports whether the emitter itself was too late, and why.
func (r *run) lateVerdict(busy float64) string {
	pacing := r.result.Pacing
	if pacing.TotalCount() == 0 {
		return ""
	}
	p99 := time.Duration(pacing.ValueAtPercentile(99)) * time.Microsecond
	if p99 <= latestOfAll && (p99 <= latestOf1000 || pacing.TotalCount() < enough) {
		return ""
	}
	why := "use a lower rate or a faster machine"
	switch {
	case busy > busyShare:
		why = fmt.Sprintf("it used %.0f %% of its processors; %s", 100*busy, why)
	case r.health.behind*2 > uint64(pacing.TotalCount())/100:
		why = "the plan could not be made as fast as it was to be played; " + why
	}
	return fmt.Sprintf("load generator too slow: 1 %% of the notifications sent more than %s late; %s", p99.Round(time.Millisecond), why)
}
