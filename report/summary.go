package report

import (
	"encoding/json"
	"io"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/emitter"
)

// SchemaVersion is the version of the JSON form. It grows when a key changes its meaning or
// goes away; new keys leave it as it is.
const SchemaVersion = 1

// Identity says which run it was, so that it can be run again.
type Identity struct {
	Version  string            // of the tool
	Seed     uint64            // of the plan
	PlanHash string            // of the plan; empty if it was not computed
	Start    time.Time         // of the plan
	Names    []string          // of the scenarios, in the order in which they are played
	Hide     []string          // texts that no report may show, such as secrets
	Flags    map[string]string // settings that differ from their defaults, by flag name
}

// Summary is what came of a run, ready to be shown.
type Summary struct {
	SchemaVersion int               `json:"schema_version"`
	Version       string            `json:"version"`
	Seed          uint64            `json:"seed"`
	PlanHash      string            `json:"plan_hash"`
	Flags         map[string]string `json:"flags"`
	Started       time.Time         `json:"started"`
	Ended         time.Time         `json:"ended"`
	Stop          emitter.Stop      `json:"stop"` // empty if the run came to its end
	PlanRead      bool              `json:"plan_read"`
	Planned       uint64            `json:"planned"`
	AllAccepted   bool              `json:"all_accepted"`
	Pacing        *Distribution     `json:"pacing_us"` // null at speed max
	Total         Counts            `json:"total"`
	Targets       []Target          `json:"targets"`

	PlanStart time.Time `json:"plan_start"`
	Scenarios []string  `json:"scenarios"`
	Verdict   Verdict   `json:"verdict"` // empty if there is none yet
	Gates     []Gate    `json:"gates"`
	Checks    []Check   `json:"checks"`
	Receiver  *Receiver `json:"receiver,omitempty"` // only if the built-in one was the target

	scrub func(string) string
}

// Receiver is what the built-in receiver says of what it received.
type Receiver struct {
	Accepted   int      `json:"accepted"`
	Duplicates int      `json:"duplicates"`
	Ignored    int      `json:"ignored"`
	Refused    int      `json:"refused"`
	Open       int      `json:"open_channels"`
	Violations []string `json:"violations"`
	Violated   int      `json:"violated"` // how many violations there are, the unlisted ones included
}

// Target is the part of a Summary that is about one target.
type Target struct {
	Name string `json:"name"`
	URL  string `json:"url"`
	Counts
	Diagnoses []string `json:"diagnoses"` // a line for each class of failures
}

// Counts are the figures of a target, or of all together. Accepted, given up, undelivered,
// refused, fooled and dropped notifications add up to the matched ones.
type Counts struct {
	Matched        uint64              `json:"matched"`
	Accepted       uint64              `json:"accepted"`
	Retried        uint64              `json:"retried"`
	GivenUp        uint64              `json:"given_up"`
	Undelivered    uint64              `json:"undelivered"`
	Refused        uint64              `json:"refused"` // as a correct consumer does
	Fooled         uint64              `json:"fooled"`  // accepted, though a correct consumer refuses them
	Dropped        uint64              `json:"dropped"` // on purpose
	Faults         map[string]Faults   `json:"faults"`  // by kind
	Attempts       uint64              `json:"attempts"`
	Retries        uint64              `json:"retries"`
	NoRoom         uint64              `json:"no_room"`
	NewConnections uint64              `json:"new_connections"`
	Silent         bool                `json:"silent"`
	Statuses       map[int]uint64      `json:"statuses"`
	Failures       map[string]Failures `json:"failures"` // by class
	Latency        *Distribution       `json:"latency_us"`
	Lateness       *Distribution       `json:"lateness_us"` // null at speed max
}

// Failures counts failures of one class.
type Failures struct {
	Count   uint64 `json:"count"`
	Example string `json:"example"`
}

// Distribution is a distribution of times in microseconds, to three digits.
type Distribution struct {
	Count int64 `json:"count"`
	P50   int64 `json:"p50"`
	P90   int64 `json:"p90"`
	P99   int64 `json:"p99"`
	P999  int64 `json:"p99_9"`
	Max   int64 `json:"max"`
}

// New summarises a result.
func New(id Identity, r *emitter.Result) *Summary {
	s := &Summary{
		SchemaVersion: SchemaVersion, Version: id.Version, Seed: id.Seed, PlanHash: id.PlanHash, Flags: id.Flags,
		Started: r.Started.UTC(), Ended: r.Ended.UTC(), Stop: r.Stop, PlanRead: r.PlanRead, Planned: r.Planned,
		AllAccepted: r.AllRight(), Pacing: distribution(r.Pacing), Targets: make([]Target, 0, len(r.Targets)),
		PlanStart: id.Start.UTC(), Scenarios: append([]string{}, id.Names...), Gates: []Gate{}, Checks: []Check{},
		scrub: Scrubber(id.Hide),
	}
	s.Flags = make(map[string]string, len(id.Flags))
	for name, value := range id.Flags {
		s.Flags[name] = s.scrub(value)
	}
	total := r.Total()
	s.Total = s.counts(&total)
	for i := range r.Targets {
		t := &r.Targets[i]
		s.Targets = append(s.Targets, Target{
			Name: t.Name, URL: t.URL, Counts: s.counts(&t.Tally), Diagnoses: s.scrubbed(t.Diagnoses()),
		})
	}
	return s
}

func (s *Summary) counts(t *emitter.Tally) Counts {
	c := Counts{
		Matched: t.Matched, Accepted: t.Accepted, Retried: t.Retried, GivenUp: t.GivenUp, Undelivered: t.Undelivered,
		Refused: t.Refused, Fooled: t.Fooled, Dropped: t.Dropped, Faults: s.faultsOf(t),
		Attempts: t.Attempts, Retries: t.Retries, NoRoom: t.NoRoom, NewConnections: t.NewConnections, Silent: t.Silent,
		Statuses: t.Statuses, Failures: make(map[string]Failures, len(t.Failures)), Latency: distribution(t.Latency),
	}
	if s.Pacing != nil { // otherwise there was no schedule to be late against
		c.Lateness = distribution(t.Lateness)
	}
	for class, f := range t.Failures {
		c.Failures[string(class)] = Failures{f.Count, s.scrub(f.Example)}
	}
	return c
}

// distribution is nil for a histogram with nothing in it.
func distribution(h *hdrhistogram.Histogram) *Distribution {
	if h == nil || h.TotalCount() == 0 {
		return nil
	}
	at := h.ValueAtPercentile
	return &Distribution{Count: h.TotalCount(), P50: at(50), P90: at(90), P99: at(99), P999: at(99.9), Max: h.Max()}
}

// WriteJSON writes the summary as an indented JSON object and a new line.
func (s *Summary) WriteJSON(w io.Writer) error {
	s.clean()
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(s)
}
