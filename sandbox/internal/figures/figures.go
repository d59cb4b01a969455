// Package figures computes what runs of the sandbox have come to.
//
// The notifications of a run come in from the store, with their deliveries and attempts; counts, percentiles, a course over
// time, gates with their outcomes, and the same report as that of the command run go out. It promises that nothing is kept for
// it while a run goes, that memory does not grow with the length of a run, and that what is past retention is said to be
// missing. It never sends, and never changes what is stored.
package figures

import (
	"time"

	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/sandbox/internal/store"
)

// Figures is what a run has come to, so far if it goes on.
type Figures struct {
	Run     string         `json:"run"`
	State   store.RunState `json:"state"`
	Now     time.Time      `json:"now"`     // when this was computed
	Settled bool           `json:"settled"` // it has ended, and none of its deliveries waits
	Took    float64        `json:"took_s"`  // real time from its start to its last attempt, or until now

	Notifications uint64            `json:"notifications"` // that are there
	Deliveries    States            `json:"deliveries"`    // by their states, those that a user asked for included
	Again         uint64            `json:"again"`         // of these, how many a user or an injected fault asked for once more
	Attempts      map[string]uint64 `json:"attempts"`      // by their outcomes
	Statuses      map[string]uint64 `json:"statuses"`      // attempts with a response, by its status
	Retries       uint64            `json:"retries"`       // attempts other than first ones
	Retried       uint64            `json:"retried"`       // deliveries with more than one attempt
	Types         []Part            `json:"types"`
	Subscriptions []Part            `json:"subscriptions"`
	Latency       *Times            `json:"latency_us"`  // null if nothing was answered
	Lateness      *Times            `json:"lateness_us"` // of first attempts, from when they were due; null if nothing was sent

	Step   float64 `json:"step_s"` // how long a point is
	Points []Point `json:"points"`

	Faults   []Fault        `json:"faults"`
	Gates    []report.Gate  `json:"gates"`
	Verdict  report.Verdict `json:"verdict"`   // empty while the run is not settled, and where it would be one of a part of the run alone
	Causes   []string       `json:"causes"`    // why it did not pass
	NoGates  string         `json:"no_gates"`  // why its text could not be read for gates; empty if it could
	Missing  Missing        `json:"forgotten"` // what is past retention, and in none of these figures
	Unjudged []string       `json:"unjudged"`  // what its text expects that only the command run can judge
}

// States counts deliveries by their states.
type States map[store.DeliveryState]uint64

// Part is the deliveries of one type or to one subscription.
type Part struct {
	Name    string `json:"name"` // of the type, or of the subscription if it is there
	ID      string `json:"id,omitempty"`
	All     uint64 `json:"all"`
	States  States `json:"states"`
	Latency *Times `json:"latency_us,omitempty"`
}

// Point is what happened in a part of the time.
type Point struct {
	At        float64 `json:"at_s"`      // when it begins, in seconds from the start of the run
	Offered   uint64  `json:"offered"`   // deliveries that became due for the first time
	Delivered uint64  `json:"delivered"` // that were accepted, as they should
	Attempts  uint64  `json:"attempts"`  // that ended
	Failures  uint64  `json:"failures"`  // of these, that failed
	Latency   *Times  `json:"latency_us"`
	Lateness  *Times  `json:"lateness_us"`
}

// Fault is what became of the faults of one kind.
type Fault struct {
	Kind            string `json:"kind"`
	Want            string `json:"want"`             // what a correct consumer does
	Planned         uint64 `json:"planned"`          // notifications of the plan that carry it, or would
	Right           uint64 `json:"right"`            // deliveries that went as a correct consumer has it
	Accepted        uint64 `json:"accepted"`         // of these, that were accepted
	Wrong           uint64 `json:"wrong"`            // that went otherwise
	WronglyAccepted uint64 `json:"wrongly_accepted"` // of these, that were accepted
	Open            uint64 `json:"open"`             // that wait, or were cancelled
	Example         string `json:"example"`          // why the first wrong one was
}

// Times are how long things took, in microseconds.
type Times struct {
	Count int64 `json:"count"`
	P50   int64 `json:"p50"`
	P90   int64 `json:"p90"`
	P99   int64 `json:"p99"`
	P999  int64 `json:"p99_9"`
	Max   int64 `json:"max"`
}

// Missing counts what is past retention.
type Missing struct {
	Notifications uint64 `json:"notifications"`
	Deliveries    uint64 `json:"deliveries"` // of notifications that are there, as far as that is known
	Attempts      uint64 `json:"attempts"`   // of deliveries that are there
}

// Text is what the text of a run says of its result.
type Text struct {
	Gates    []string // as they are written
	Expected bool     // it expects something of the consumer's state
	Problem  string   // why it could not be read
}
