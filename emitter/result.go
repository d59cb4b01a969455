package emitter

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Stop is why a run ended before all its notifications had.
type Stop string

// The reasons. A run that came to its end has none of them.
const (
	StopDrained   Stop = "drained"   // Drain was closed
	StopCancelled Stop = "cancelled" // the context ended
	StopFailed    Stop = "failed"    // On returned an error, or the key was to be rotated without a next one
)

// Result holds the counts and distributions of a run.
type Result struct {
	Started, Ended time.Time // real moments, of calling Run and of its last row
	Planned        uint64    // notifications taken from the plan, whether a target wants them or not
	PlanRead       bool      // the plan was read to its end; else it has more that never started
	CutOff         bool      // the run ended at Emitter.CutAt, and left what waited then
	Stop           Stop      // empty if the run came to its end
	Targets        []TargetResult

	// Pacing holds how late the emitter itself was, in µs: from the planned moment of each
	// notification until it was handed to the targets' queues. It is empty at speed Max. What
	// Lateness has beyond it, is due to targets that were slow to answer.
	Pacing *hdrhistogram.Histogram

	Waited     string   // how the emitter waited for moments: "kernel sleep", "timers", or "" at speed Max
	Invalid    []string // why the load was not offered as planned, whatever the target did; a sentence each
	Overloaded []string // which targets did not take what was offered, as it was planned; a sentence each
	Remarks    []string // what else was noticed that may distort a measurement; a sentence each
}

// TargetResult holds those of one target.
type TargetResult struct {
	Name string
	URL  string // without credentials and query; empty if the target has a Sender of its own

	Engine string // what sent, in a word or two; empty if the Sender does not say
	Figures
}

// Figures is what was counted and timed.
type Figures struct {
	Counts
	Lateness *hdrhistogram.Histogram // µs, of all attempts; all zero at speed Max
	Latency  *hdrhistogram.Histogram // µs, of attempts with an answer or a timeout, slow bodies apart
}

// AllRight reports whether the whole plan was sent, and each target that wants it accepted
// every notification that a correct consumer accepts, and refused the others.
func (r *Result) AllRight() bool {
	total := r.Total()
	return r.PlanRead && total.Accepted+total.Refused+total.Dropped == total.Matched
}

// Total adds up the targets. Its maps and histograms are its own.
func (r *Result) Total() Figures {
	total := newFigures()
	for i := range r.Targets {
		t := &r.Targets[i]
		total.Add(&t.Counts)
		if t.Lateness != nil {
			total.Lateness.Merge(t.Lateness)
			total.Latency.Merge(t.Latency)
		}
	}
	return total
}
