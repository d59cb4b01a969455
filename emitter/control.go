package emitter

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/internal/lifecycle"
)

// Control steers a run and looks at it while it goes on. It belongs to one Emitter, whose
// runs come one after the other. Its methods may be called at any time, from anywhere.
type Control struct{}

// NewControl returns a Control for an Emitter.
func NewControl() *Control { return &Control{} }

// Pause lets nothing new begin, until Resume: the plan's time stands still, retries too. What
// is in flight finishes.
func (c *Control) Pause() {}

// Resume ends a pause.
func (c *Control) Resume() {}

// SetSpeed changes how many seconds of the plan pass in a real second, from now on. It is an
// error if v is not a positive number, or if the run takes no time into account.
func (c *Control) SetSpeed(v float64) error { return nil }

// Snapshot is how the run stands.
func (c *Control) Snapshot() Snapshot { return Snapshot{} }

// Snapshot is how a run stands at a moment.
type Snapshot struct {
	At      time.Time     // the moment; zero before the run has begun
	Started time.Time     // when the run began
	Planned time.Duration // how much of the plan's time has passed
	Speed   float64       // seconds of the plan in a real second; Max if time does not count
	Paused  bool
	Ended   bool // the run is over

	Offered uint64                  // notifications whose moment has come
	Live    int                     // conversations alive
	Queued  int                     // conversations that wait for an agent of the pool
	Phases  map[lifecycle.Phase]int // channels by phase, of those that are neither new nor ended

	Waiting  int // deliveries that wait for their first attempt, for all targets
	InFlight int // attempts that wait for their answer
	Retrying int // deliveries that wait for a retry, or are in one

	Total Tally // of all targets since the beginning; without histograms

	// What was recorded since the Snapshot before, in µs; the caller may keep them.
	Latency, Lateness, Pacing *hdrhistogram.Histogram
}
