// Package report shows the result of a run to people and programs.
//
// The result of an emitter's run, snapshots of it, gates, reports of other runs in JSON, and the
// phases of channels come in; plain text, JSON with stable keys, JUnit XML, Markdown, pages of
// HTML or drawn bars go out. It promises the same output for the same input, on every
// platform, that no figure is rounded away in JSON, that merging the reports of shards gives the
// percentiles of all their times. Secrets are taken out where answers come in, not here. It never
// reads a clock, opens a file, looks at a terminal or writes colours unasked.
package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/gate"
	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/show"
)

// SchemaVersion is the version of the JSON form. It grows when a key changes its meaning or
// goes away; new keys leave it as it is.
const SchemaVersion = 1

// Identity identifies a run, so that it can be repeated.
type Identity struct {
	Version  string            // of the tool
	Seed     uint64            // of the plan
	PlanHash string            // of the plan; empty if it was not computed
	Start    time.Time         // of the plan
	Names    []string          // of the scenarios, in the order in which they are played
	Flags    map[string]string // settings that differ from their defaults, by flag name
	Params   []show.Given      // of the scenarios
	Shard    Shard             // which part of the plan was played; the zero value is all of it
}

// Summary is the result of a run, ready to be shown.
type Summary struct {
	SchemaVersion int               `json:"schema_version"`
	Version       string            `json:"version"`
	Seed          uint64            `json:"seed"`
	PlanHash      string            `json:"plan_hash"`
	Flags         map[string]string `json:"flags"`
	Params        []show.Given      `json:"params"` // whose values no file has
	Started       time.Time         `json:"started"`
	Ended         time.Time         `json:"ended"`
	Stop          emitter.Stop      `json:"stop"` // empty if the run came to its end
	PlanRead      bool              `json:"plan_read"`
	CutOff        bool              `json:"cut_off"` // it ended at a given time, and left what waited then
	Stopped       *Stopped          `json:"stopped"` // which condition ended it; null if none did
	Planned       uint64            `json:"planned"`
	AllAccepted   bool              `json:"all_accepted"`
	Pacing        *Distribution     `json:"pacing_us"` // null at speed max
	Total         Counts            `json:"total"`
	Targets       []Target          `json:"targets"`

	PlanStart time.Time `json:"plan_start"`
	Scenarios []string  `json:"scenarios"`
	Verdict   Verdict   `json:"verdict"` // empty if there is none yet
	Cause     string    `json:"cause"`   // why it did not pass, in a sentence; the gravest of several
	Rules     []Rule    `json:"rules"`   // what was demanded; empty without a verdict
	Gates     []Gate    `json:"gates"`
	Checks    []Check   `json:"checks"`
	Receiver  *Receiver `json:"receiver,omitempty"` // only if the built-in one was the target

	Shard      *Shard    `json:"shard"`      // null if it was the whole plan
	Invalid    []string  `json:"invalid"`    // why the load was not offered as planned, a sentence each
	Overloaded []string  `json:"overloaded"` // which targets did not take what was offered in time, a sentence each
	Waited     string    `json:"waited"`     // how the emitter waited for moments; empty at speed max
	Notes      []string  `json:"notes"`      // what else happened, such as a change of the speed, a line each
	Series     *Series   `json:"series"`     // null if none was recorded
	Activity   *Activity `json:"activity"`   // null if it is not known

	Unrecorded []gate.Figure `json:"unrecorded,omitempty"` // figures that nobody measured, in which nothing means nothing

	Source string `json:"-"` // where it was read from, for errors
}

// Shard is a part of a plan: the conversations whose number modulo Of is Index.
type Shard struct {
	Index uint64 `json:"index"` // from 0
	Of    uint64 `json:"of"`    // how many there are
}

// String is as the flag --shard has it, such as 0/4.
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Of) }

// Receiver summarises the report of the built-in receiver.
type Receiver struct {
	Accepted   int `json:"accepted"`
	Duplicates int `json:"duplicates"`
	Ignored    int `json:"ignored"`
	Refused    int `json:"refused"`
	Open       int `json:"open_channels"`

	Forgotten    int      `json:"forgotten_channels"` // channels and agents that were judged and given up, to bound the memory
	ForgottenIDs int      `json:"forgotten_ids"`      // that were forgotten though a duplicate may still have come
	Violations   []string `json:"violations"`
	Remarks      []string `json:"remarks"`  // deviations and notes; they fail nothing
	Violated     int      `json:"violated"` // how many violations there are, the unlisted ones included
	Partial      bool     `json:"partial"`  // it got only some of the plan, so violations are expected
}

// Target is the part of a Summary that is about one target.
type Target struct {
	Name string `json:"name"`
	URL  string `json:"url"`
	Counts
	Diagnoses []string `json:"diagnoses"` // a line for each class of failures
}

// Counts are the figures of a target, or of all together.
type Counts struct {
	emitter.Counts
	Latency  *Distribution `json:"latency_us"`
	Lateness *Distribution `json:"lateness_us"` // null at speed max
}

// New summarises a result.
func New(id Identity, r *emitter.Result) *Summary {
	s := &Summary{
		SchemaVersion: SchemaVersion, Version: id.Version, Seed: id.Seed, PlanHash: id.PlanHash, Flags: id.Flags,
		Started: r.Started.UTC(), Ended: r.Ended.UTC(), Stop: r.Stop, PlanRead: r.PlanRead, CutOff: r.CutOff, Planned: r.Planned,
		AllAccepted: r.AllRight(), Pacing: distribution(r.Pacing), Targets: make([]Target, 0, len(r.Targets)),
		PlanStart: id.Start.UTC(), Scenarios: append([]string{}, id.Names...), Rules: []Rule{}, Gates: []Gate{}, Checks: []Check{},
		Invalid: append([]string{}, r.Invalid...), Overloaded: append([]string{}, r.Overloaded...), Waited: r.Waited, Notes: []string{}, Params: []show.Given{},
	}
	if id.Shard.Of > 0 {
		s.Shard = &id.Shard
	}
	s.Flags = map[string]string{}
	maps.Copy(s.Flags, id.Flags)
	s.Params = append(s.Params, id.Params...)
	total := r.Total()
	s.Total = s.counts(&total)
	for i := range r.Targets {
		t := &r.Targets[i]
		s.Targets = append(s.Targets, Target{
			Name: t.Name, URL: t.URL, Counts: s.counts(&t.Figures), Diagnoses: append([]string{}, t.Diagnoses()...),
		})
	}
	return s
}

func (s *Summary) source() string { return cmp.Or(s.Source, "a report") }

// took is how long the run was, in real time.
func (s *Summary) took() time.Duration { return s.Ended.Sub(s.Started) }

// paced reports whether notifications had planned moments, as they have at any speed but max.
func (s *Summary) paced() bool { return s.Pacing != nil || s.Waited != "" }

func (s *Summary) counts(t *emitter.Figures) Counts {
	c := Counts{Latency: distribution(t.Latency)}
	c.Add(&t.Counts)
	if s.paced() { // otherwise there was no schedule to be late against
		c.Lateness = distribution(t.Lateness)
	}
	for kind, f := range c.Faults {
		f.Want = kind.Row().Want.String()
		c.Faults[kind] = f
	}
	return c
}

// WriteJSON writes the summary as an indented JSON object and a new line.
func (s *Summary) WriteJSON(w io.Writer) error {
	return jsontext.WriteIndented(w, s)
}

// Check is one expectation of the consumer's state after the run, and its result.
type Check struct {
	Name   string `json:"name"` // what was expected, in a line
	Passed bool   `json:"passed"`
	Detail string `json:"detail"` // what was found instead; may be empty if it passed

	Took time.Duration `json:"-"` // real time; 0 where it is not known
}

// Gate is a condition on the result, and whether it holds.
type Gate struct {
	Text   string `json:"gate"` // as in package gate, such as "latency p99 < 500ms"
	Passed bool   `json:"passed"`
	Was    string `json:"was"` // the value, or why there is none
}

// Failure is a failed gate in one line, without "gate failed: ".
func (g *Gate) Failure() string { return g.Text + ": " + g.Was }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
