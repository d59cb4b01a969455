package emitter

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/fault"
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
	Stop           Stop      // empty if the run came to its end
	Targets        []TargetResult

	// Pacing holds how late the emitter itself was, in µs: from the planned moment of each
	// notification until it was handed to the targets' queues. It is empty at speed Max. What
	// Lateness has beyond it, is due to targets that were slow to answer.
	Pacing *hdrhistogram.Histogram

	Waited  string   // how the emitter waited for moments: "kernel sleep", "timers", or "" at speed Max
	Invalid []string // why the load was not offered as planned, whatever the target did; a sentence each
	Remarks []string // what else was noticed that may distort a measurement; a sentence each
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

// Outcome is what a row says of its notification. All but Retrying are final, and every
// notification that a target wants gets exactly one final row for it.
type Outcome string

// The outcomes.
const (
	Accepted    Outcome = "accepted"    // the target answered with success
	Retrying    Outcome = "retrying"    // the attempt failed, another one is planned
	GivenUp     Outcome = "given-up"    // no further attempt will be made
	Undelivered Outcome = "undelivered" // the run was stopped before the end of the ladder
	NotSent     Outcome = "not-sent"    // too many waited already when its moment came: no attempt was made

	// These come of faults that were asked for.
	Refused         Outcome = "refused"          // the target refused what a correct consumer refuses
	WronglyAccepted Outcome = "wrongly-accepted" // the target accepted what a correct consumer refuses
	Dropped         Outcome = "dropped"          // it was never sent
)

// Attempt is a row of what happened: one per attempt, and a closing row, whose Sent is zero,
// for a notification that ends while it waits.
type Attempt struct {
	Target       string             // name of the target
	Notification *plan.Notification // what was sent
	Number       int                // of this attempt, from 1; in a closing row, of attempts made
	Due          time.Time          // planned moment of this attempt
	Sent         time.Time          // real moment at which it began; zero in a closing row
	Lateness     time.Duration      // from Due to Sent; at speed Max, Due is Sent
	Latency      time.Duration      // from Sent to the end of the answer, or to the failure
	Status       int                // of the answer; 0 if there was none
	Outcome      Outcome
	Failure      Failure    // why it was not accepted; zero if it was
	Fault        fault.Kind // what went wrong on purpose
	Excerpt      []byte     // first bytes of the answer's body, at most 256, unless it accepts

	crowded bool // a first attempt that found all connections busy
}

// Closing reports whether the row is about no attempt of its own.
func (a *Attempt) Closing() bool { return a.Sent.IsZero() }
