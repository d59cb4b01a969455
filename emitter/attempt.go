package emitter

import (
	"time"

	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/fault"
)

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

// Attempt is a row of what happened: one per attempt, a closing row, whose Sent is zero,
// for a notification that ends while it waits, and a stale row, with a Failure of ClassStale, for a request that met a
// connection which had ended: the attempt follows at once.
type Attempt struct {
	Target       string             // name of the target
	Notification *plan.Notification // what was sent
	Number       int                // of this attempt, from 1; in a closing row, of attempts made; in a stale one, of the attempt that follows at once
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
	limited bool // it waited, because this process may open no more connections
}

// Closing reports whether the row is about no attempt of its own.
func (a *Attempt) Closing() bool { return a.Sent.IsZero() }
