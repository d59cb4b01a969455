// Package capacity finds the highest rate of notifications that a consumer takes.
//
// What plays a window of traffic at a rate comes in, and gates that say what taking it means; the
// windows that were played, the highest rate that holds, the lowest one that does not, what broke first
// and a law fitted to the curve go out, as text, JSON and HTML. It promises that no limit is named
// that was the load generator's own or the machine's, nor one of a consumer that changes while it is looked at. It
// never reads a clock but the one that it is given, and never sends: Offer does.
package capacity

import (
	"context"
	"time"
)

// SchemaVersion is the version of the JSON form.
const SchemaVersion = 1

// Verdict is what a window says of its rate.
type Verdict string

// The verdicts.
const (
	Holds Verdict = "holds"
	Fails Verdict = "fails"
	Own   Verdict = "own" // the load generator or the machine could not do it: it says nothing of the consumer
)

// Break is what gave way first.
type Break string

// The ways in which a consumer fails a window.
const (
	ByLatency  Break = "latency"  // a gate on times
	ByRefusals Break = "refusals" // notifications were refused, or not answered
	ByQueue    Break = "queue"    // what waits for an answer grew throughout the window
	ByGate     Break = "gate"     // another gate
)

// Phase is what a window was played for.
type Phase string

// The phases, in their order.
const (
	Ramp    Phase = "ramp"    // doubles the rate until one fails
	Compare Phase = "compare" // higher rates: do refusals, or slow responses, have to do with the rate?
	Bisect  Phase = "bisect"  // halves what is left between
	Confirm Phase = "confirm" // a longer window at what was found
	Again   Phase = "again"   // the first rate once more: is the consumer what it was?
	Retry   Phase = "retry"   // the rate that failed, for longer: does it still?
	Recover Phase = "recover" // a low rate, until the consumer is as fast as at first
)

// Window is what came of playing a rate for a while.
type Window struct {
	Rate      float64 `json:"rate_per_s"`            // of notifications, as it was to be
	Seconds   float64 `json:"seconds"`               // for which it was offered, in real time
	Offered   uint64  `json:"offered"`               // notifications that became due
	Answered  uint64  `json:"answered"`              // of these, as a correct consumer does
	Slow      uint64  `json:"slow"`                  // answered later than the first gate on a percentile of the latency asks for
	PerSecond float64 `json:"answered_per_s"`        // within the window
	Tail      float64 `json:"answered_at_end_per_s"` // within its last half, when reserves are used up
	Min       int64   `json:"latency_min_us"`        //
	P50       int64   `json:"latency_p50_us"`        //
	P99       int64   `json:"latency_p99_us"`        //
	Mean      float64 `json:"latency_mean_us"`       //
	Growth    float64 `json:"growth_per_s"`          // by how much more waited for an answer each second; 0 unless that is certain
	Verdict   Verdict `json:"verdict"`
	Broke     Break   `json:"broke,omitempty"`
	Why       string  `json:"why,omitempty"` // in a sentence, unless it holds
	Decided   bool    `json:"decided"`       // there were enough requests to tell, with a confidence of 95 %
}

// Step is a window and what it was for.
type Step struct {
	Phase Phase `json:"phase"`
	Window
}

// Offer plays a window: rate is in notifications a second, over how long they become due. It is an error only where nothing
// can be played at all, or ctx has ended.
type Offer func(ctx context.Context, rate float64, over time.Duration) (Window, error)

// Search is a search that has not begun.
type Search struct {
	Offer     Offer
	Now       func() time.Time
	First     float64       // the rate to begin with, a second
	Most      float64       // the highest one that is tried
	Precision float64       // by which share the rate that fails may be above the one that holds, such as 0.03
	For       time.Duration // real time that the search may take
	Needed    float64       // requests that a window needs for its gates to be decided; while the rate rises, fewer do
	Tolerant  bool          // a gate lets some refusals pass
	Done      []Step        // of an earlier search, that is gone on with
	On        func(Step)    // is told each window; nil: nobody
}

// Result is what was found.
type Result struct {
	SchemaVersion int       `json:"schema_version"`
	Version       string    `json:"version"`
	Target        string    `json:"target"`
	Scenarios     []string  `json:"scenarios"`
	Gates         []string  `json:"gates"`
	Seed          uint64    `json:"seed"`
	Started       time.Time `json:"started"`
	Ended         time.Time `json:"ended"`

	Named  bool    `json:"named"`        // a limit was found, or the highest rate that was asked for holds
	Holds  float64 `json:"holds_per_s"`  // the highest rate that holds; 0: none is known
	Breaks float64 `json:"breaks_per_s"` // the lowest one above it that does not; 0: none is known
	Broke  Break   `json:"broke"`        // what gave way there
	Why    string  `json:"why"`          // in a sentence
	Reason string  `json:"reason"`       // why no limit is named, or the search ended early; empty otherwise
	Whose  Whose   `json:"whose"`        // whose doing that is; empty with an empty reason

	Law   *Law   `json:"law"` // null where the points do not allow it
	Steps []Step `json:"steps"`
}

// Whose is who kept the search from an answer.
type Whose string

// The possible ones.
const (
	Generator Whose = "generator" // ringback, its connections, or the machine that it runs on
	Consumer  Whose = "consumer"  // it changes, does not recover, or is gone
	Budget    Whose = "budget"    // the time was over
	Somebody  Whose = "interrupt"
)
