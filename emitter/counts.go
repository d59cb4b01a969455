package emitter

import (
	"cmp"

	"github.com/ringback/ringback/scenario/fault"
)

// Counts are the figures of a target or of a run, for results, reports, screen and metrics
// alike. Those from Accepted to Dropped add up to Matched. Use Add where the maps may be nil.
type Counts struct {
	Matched         uint64 `json:"matched"` // notifications that the target wants
	Accepted        uint64 `json:"accepted"`
	GivenUp         uint64 `json:"given_up"`
	Undelivered     uint64 `json:"undelivered"`      // the run was stopped first
	NotSent         uint64 `json:"not_sent"`         // their moment came while too many waited; see Emitter.Waiting
	Refused         uint64 `json:"refused"`          // as a correct consumer refuses them
	WronglyAccepted uint64 `json:"wrongly_accepted"` // though a correct consumer refuses them
	Dropped         uint64 `json:"dropped"`          // on purpose

	Attempts       uint64 `json:"attempts"`
	Retries        uint64 `json:"retries"`    // attempts other than first ones
	Retried        uint64 `json:"retried"`    // notifications with more than one attempt
	QueueFull      uint64 `json:"queue_full"` // notifications given up because too many waited for a retry; see Emitter.Waiting
	NewConnections uint64 `json:"new_connections"`
	Stale          uint64 `json:"stale_connections"` // kept ones that had ended when they were used again: no attempts
	Crowded        uint64 `json:"crowded"`           // first attempts that found all connections busy
	CrowdedLate    uint64 `json:"crowded_late"`      // of these: begun more than a second late
	FileLimited    uint64 `json:"file_limited"`      // attempts that waited because this process may open no more connections; see Emitter.Sockets
	Silent         bool   `json:"silent"`            // there were attempts, and never an HTTP answer

	Statuses map[int]uint64              `json:"statuses"`           // attempts by status of the answer
	Failures map[Class]FailuresOfClass   `json:"failures"`           // failed attempts and closing rows
	Faults   map[fault.Kind]FaultsOfKind `json:"faults"`             // final rows of faults that were asked for
	Bursts   *Bursts                     `json:"bursts,omitempty"`   // nil unless the plan has no order
	Overload *Overload                   `json:"overload,omitempty"` // nil if there was always a free connection, or no schedule

	stale    string         // what the first stale connection was like
	rightly  map[int]uint64 // attempts refused as they should be, by status
	unusable map[int]uint64 // attempts with bodies that no consumer can use, by status
}

// FailuresOfClass counts failures of one class.
type FailuresOfClass struct {
	Count   uint64 `json:"count"`
	Example string `json:"example"` // text of the first, with the beginning of the answer's body if there is one
}

// FaultsOfKind counts what became of the faults of one kind: as a correct consumer would
// have it, or not.
type FaultsOfKind struct {
	Want            string `json:"want"` // what a correct consumer answers; the report sets it
	Right           uint64 `json:"right"`
	Accepted        uint64 `json:"accepted"` // of the right ones: accepted; the others were refused, or dropped
	Wrong           uint64 `json:"wrong"`
	WronglyAccepted uint64 `json:"wrongly_accepted"` // of the wrong ones: accepted, though a correct consumer refuses them
	Open            uint64 `json:"open"`             // the run was stopped first
	Example         string `json:"example"`          // why the first wrong one was wrong
}

// counters lists the plain numbers of Counts, with the words that people read.
var counters = [...]struct {
	name    string
	outcome Outcome // of the final rows that it counts; empty for another figure
	in      func(*Counts) *uint64
}{
	{"matched", "", func(c *Counts) *uint64 { return &c.Matched }},
	{"accepted", Accepted, func(c *Counts) *uint64 { return &c.Accepted }},
	{"given up", GivenUp, func(c *Counts) *uint64 { return &c.GivenUp }},
	{"undelivered", Undelivered, func(c *Counts) *uint64 { return &c.Undelivered }},
	{"not sent", NotSent, func(c *Counts) *uint64 { return &c.NotSent }},
	{"refused", Refused, func(c *Counts) *uint64 { return &c.Refused }},
	{"wrongly accepted", WronglyAccepted, func(c *Counts) *uint64 { return &c.WronglyAccepted }},
	{"dropped", Dropped, func(c *Counts) *uint64 { return &c.Dropped }},
	{"attempts", "", func(c *Counts) *uint64 { return &c.Attempts }},
	{"retries", "", func(c *Counts) *uint64 { return &c.Retries }},
	{"retried", "", func(c *Counts) *uint64 { return &c.Retried }},
	{"queue full", "", func(c *Counts) *uint64 { return &c.QueueFull }},
	{"new connections", "", func(c *Counts) *uint64 { return &c.NewConnections }},
	{"stale connections", "", func(c *Counts) *uint64 { return &c.Stale }},
	{"crowded", "", func(c *Counts) *uint64 { return &c.Crowded }},
	{"crowded late", "", func(c *Counts) *uint64 { return &c.CrowdedLate }},
	{"file limited", "", func(c *Counts) *uint64 { return &c.FileLimited }},
}

// FinalOutcomes are the outcomes of final rows: each notification that a target wants gets
// exactly one of them.
func FinalOutcomes() (all []Outcome) {
	for _, k := range counters {
		if k.outcome != "" {
			all = append(all, k.outcome)
		}
	}
	return all
}

// Named is the number with a name, which is its JSON key with spaces: "given up". It reports
// false if there is none.
func (c *Counts) Named(name string) (n uint64, ok bool) {
	for _, k := range counters {
		if k.name == name {
			return *k.in(c), true
		}
	}
	return 0, false
}

// Add adds what others counted.
func (c *Counts) Add(o *Counts) {
	for _, k := range counters {
		*k.in(c) += *k.in(o)
	}
	c.Silent, c.stale = c.Silent || o.Silent, cmp.Or(c.stale, o.stale)
	c.Overload = graver(c.Overload, o.Overload)
	if o.Bursts != nil {
		var sum Bursts
		if c.Bursts != nil {
			sum = *c.Bursts
		}
		sum.add(o.Bursts)
		c.Bursts = &sum
	}
	addTo(&c.Statuses, o.Statuses, func(n, more uint64) uint64 { return n + more })
	addTo(&c.rightly, o.rightly, func(n, more uint64) uint64 { return n + more })
	addTo(&c.unusable, o.unusable, func(n, more uint64) uint64 { return n + more })
	addTo(&c.Failures, o.Failures, func(n, more FailuresOfClass) FailuresOfClass {
		return FailuresOfClass{n.Count + more.Count, cmp.Or(n.Example, more.Example)}
	})
	addTo(&c.Faults, o.Faults, func(n, more FaultsOfKind) FaultsOfKind {
		return FaultsOfKind{more.Want, n.Right + more.Right, n.Accepted + more.Accepted, n.Wrong + more.Wrong, n.WronglyAccepted + more.WronglyAccepted, n.Open + more.Open,
			cmp.Or(n.Example, more.Example)}
	})
}

// addTo adds up two maps, and makes the first if there is none.
func addTo[K comparable, V any](to *map[K]V, more map[K]V, sum func(V, V) V) {
	if *to == nil {
		*to = make(map[K]V, len(more))
	}
	for k, v := range more {
		(*to)[k] = sum((*to)[k], v)
	}
}
