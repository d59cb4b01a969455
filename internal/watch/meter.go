package watch

import (
	"fmt"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/lifecycle"
	"github.com/ringback/ringback/internal/report"
)

// Status is what is shown of a run at a moment.
type Status struct {
	Title  string        // what is played
	Notice string        // what happened last, if anything
	State  State         // what the run does
	Speed  float64       // seconds of the plan in a real second
	Gone   time.Duration // real time since the run began
	Plan   time.Duration // how much of the plan's time has passed; 0 at speed Max
	Length time.Duration // of the plan; 0 if it is not known

	Rate    float64                 // deliveries in a second of the plan; 0 if it is not known
	Counts  [len(counters)]Count    // see counters
	Answers [len(answerNames)]Count // attempts by class of their answer; see answerNames

	Live, Queued                int // conversations alive, and those that wait for an agent
	Phases                      map[lifecycle.Phase]int
	Waiting, InFlight, Retrying int

	Latency, Lateness, Pacing Times
}

// State is what a run does.
type State uint8

// The states.
const (
	Running State = iota
	Paused
	Draining // nothing new begins any more
	Over
)

// String is the state's name.
func (s State) String() string {
	return [...]string{Running: "running", Paused: "paused", Draining: "ending", Over: "over"}[s]
}

// answerNames are the classes of answers; none is an attempt that got no answer.
var answerNames = [...]string{"2xx", "3xx", "4xx", "5xx", "none"}

// counters are the figures that the screen, its lines and the control show, in their order.
var counters = [...]struct {
	name string
	bad  bool // a figure above zero is bad news
	of   func(*emitter.Counts) uint64
}{
	offered:   {"offered", false, func(c *emitter.Counts) uint64 { return c.Matched }},                // deliveries whose moment has come
	delivered: {"delivered", false, func(c *emitter.Counts) uint64 { return c.Accepted + c.Refused }}, // as a correct consumer does
	{"retries", false, func(c *emitter.Counts) uint64 { return c.Retries }},
	{"stale connections", false, func(c *emitter.Counts) uint64 { return c.Stale }},
	{"given up", true, func(c *emitter.Counts) uint64 { return c.GivenUp }},
	{"not sent", true, func(c *emitter.Counts) uint64 { return c.NotSent }},
}

// The counters that others are compared with.
const (
	offered = iota
	delivered
)

// Count is something that is counted.
type Count struct {
	Total uint64  `json:"total"`      // since the run began
	Rate  float64 `json:"per_second"` // since the status before
}

// Times is a distribution of times, since the status before and since the run began.
type Times struct {
	Now Quantiles `json:"now"`
	All Quantiles `json:"all"`
}

// Quantiles are of a distribution. They are all zero if there is nothing in it.
type Quantiles struct{ P50, P99, Max time.Duration }

// MarshalJSON writes them in microseconds.
func (q Quantiles) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, `{"p50":%d,"p99":%d,"max":%d}`, q.P50.Microseconds(), q.P99.Microseconds(), q.Max.Microseconds()), nil
}

// Left is the real time until the plan's end. It is not known if the plan's length is not, in
// a pause, at speed Max, and once that time is over.
func (f *Status) Left() (left time.Duration, known bool) {
	if f.Plan >= f.Length || f.Speed <= 0 || f.Speed >= emitter.Max || f.State == Paused {
		return 0, false
	}
	return time.Duration(float64(f.Length-f.Plan) / f.Speed), true
}

// Meter makes statuses of snapshots. Its zero value is ready. It keeps three histograms, and
// nothing that grows.
type Meter struct {
	last                      Status // at first with Title, Length and Rate alone
	latency, lateness, pacing sum
}

// Add makes the next status. Histograms of the snapshot are read and not kept.
func (m *Meter) Add(s *emitter.Snapshot) Status {
	f := m.last
	f.State, f.Speed, f.Gone, f.Plan = Running, s.Speed, s.At.Sub(s.Started), s.Planned
	f.Live, f.Queued, f.Phases, f.Waiting, f.InFlight, f.Retrying = s.Live, s.Queued, s.Phases, s.Waiting, s.InFlight, s.Retrying
	f.Latency, f.Lateness, f.Pacing = m.latency.add(s.Latency), m.lateness.add(s.Lateness), m.pacing.add(s.Pacing)
	switch {
	case s.Ended:
		f.State = Over
	case s.Paused:
		f.State = Paused
	}
	since := f.Gone - m.last.Gone
	count := func(c *Count, now uint64) {
		before := c.Total
		if *c = (Count{Total: now}); now > before && since > 0 {
			c.Rate = float64(now-before) / since.Seconds()
		}
	}
	for i, c := range counters {
		count(&f.Counts[i], c.of(&s.Total))
	}
	for i, n := range answers(&s.Total) {
		count(&f.Answers[i], n)
	}
	m.last = f
	return f
}

// answers counts attempts by class of their answer.
func answers(t *emitter.Counts) (classes [len(answerNames)]uint64) {
	none := t.Attempts
	for status, n := range t.Statuses {
		none -= min(none, n)
		if i := status/100 - 2; i >= 0 && i < len(classes)-1 {
			classes[i] += n
		}
	}
	classes[len(classes)-1] = none
	return classes
}

// sum adds up histograms.
type sum struct{ all *hdrhistogram.Histogram }

func (s *sum) add(h *hdrhistogram.Histogram) Times {
	if h != nil && h.TotalCount() > 0 {
		if s.all == nil {
			s.all = hdrhistogram.New(h.LowestTrackableValue(), h.HighestTrackableValue(), int(h.SignificantFigures()))
		}
		s.all.Merge(h)
	}
	return Times{Now: quantiles(h), All: quantiles(s.all)}
}

func quantiles(h *hdrhistogram.Histogram) Quantiles {
	if h == nil || h.TotalCount() == 0 {
		return Quantiles{}
	}
	us := h.ValueAtPercentilesSlice([]float64{50, 99})
	at := func(v int64) time.Duration { return time.Duration(v) * time.Microsecond }
	return Quantiles{P50: at(us[0]), P99: at(us[1]), Max: at(h.Max())}
}

// sampler looks at a run once a second and hands on what it sees. It is the only one that
// takes snapshots, for their histograms begin where the snapshot before ended.
type sampler struct {
	control *emitter.Control
	meter   Meter
	series  report.Series
	metrics *metrics                // nil if nobody asked for them
	judge   func(*emitter.Snapshot) // may end the run; nil if nothing does
	show    func()                  // tells of a new status; nil if nobody watches; must not block
	mu      sync.Mutex              // guards meter
}

// start begins to look. finish, which may be called once, looks for the last time and
// returns when nothing goes on any more.
func (s *sampler) start() (finish func()) {
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				s.look(s.show)
			case <-stop:
				s.look(nil)
				return
			}
		}
	}()
	return func() { close(stop); <-ended }
}

// look takes a snapshot.
func (s *sampler) look(show func()) {
	snap := s.control.Snapshot()
	if snap.At.IsZero() {
		return // the run has not begun
	}
	s.series.Add(snap)
	if s.metrics != nil {
		s.metrics.take(&snap)
	}
	s.mu.Lock()
	s.meter.Add(&snap)
	s.mu.Unlock()
	if s.judge != nil {
		s.judge(&snap)
	}
	if show != nil {
		show()
	}
}

// now is the latest status.
func (s *sampler) now() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.meter.last
}
