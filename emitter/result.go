package emitter

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

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

// Result is what came of a run.
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
	Remarks []string // what else was noticed that may spoil a measurement; a sentence each
}

// TargetResult is what came of a run for one target.
type TargetResult struct {
	Name string
	URL  string // without credentials and query; empty if the target has a Sender of its own

	Engine string // what sent, in a word or two; empty if the Sender does not say
	Tally
}

// Tally counts rows. Those from Accepted to Dropped add up to Matched.
type Tally struct {
	Matched         uint64 // notifications that the target wants
	Accepted        uint64
	GivenUp         uint64
	Undelivered     uint64
	NotSent         uint64 // their moment came while too many waited; see Emitter.Waiting
	Refused         uint64 // as a correct consumer refuses them
	WronglyAccepted uint64 // accepted, though a correct consumer refuses them
	Dropped         uint64 // on purpose

	Attempts       uint64
	Retries        uint64 // attempts other than first ones
	Retried        uint64 // notifications with more than one attempt
	NoRoom         uint64 // notifications given up because too many waited for a retry; see Emitter.Waiting
	NewConnections uint64
	Crowded        uint64 // first attempts that found all connections busy
	CrowdedLate    uint64 // of these: begun more than a second late
	Silent         bool   // there were attempts, and never an HTTP answer

	Statuses map[int]uint64            // attempts by status of the answer
	Failures map[Class]FailuresOfClass // failed attempts and closing rows

	Faults map[fault.Kind]FaultsOfKind // final rows of faults that were asked for

	Lateness *hdrhistogram.Histogram // µs, of all attempts; all zero at speed Max
	rightly  map[int]uint64          // attempts refused as they should be, by status
	Latency  *hdrhistogram.Histogram // µs, of attempts with an answer or a timeout, slow bodies apart
}

// FailuresOfClass counts failures of one class.
type FailuresOfClass struct {
	Count   uint64
	Example string // text of the first, with the beginning of the answer's body if there is one
}

// FaultsOfKind counts what became of the faults of one kind: as a correct consumer would
// have it, or not.
type FaultsOfKind struct {
	Right           uint64
	Wrong           uint64
	Open            uint64 // the run was stopped first
	WronglyAccepted uint64 // of the wrong ones: accepted, though a correct consumer refuses them
	Example         string // why the first wrong one was wrong
}

// AllRight tells whether the whole plan was sent, and each target that wants it accepted
// every notification that a correct consumer accepts, and refused the others.
func (r *Result) AllRight() bool {
	total := r.Total()
	return r.PlanRead && total.Accepted+total.Refused+total.Dropped == total.Matched
}

// Total adds up the targets. Its maps and histograms are its own.
func (r *Result) Total() Tally {
	total := newTally()
	for i := range r.Targets {
		total.merge(&r.Targets[i].Tally)
	}
	return total
}
