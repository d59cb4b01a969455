// Package mistake simulates consumers: correct ones, and those that make one known mistake.
//
// What was sent in an examination and what the consumer answered comes in; the states that each simulated
// consumer would tell come out. The mistake whose states are those told, where no correct
// consumer's are, is what is wrong. A simulated consumer is a struct of functions, and a mistake is
// a row of a table that changes one of them. The package never talks to a consumer.
package mistake

import (
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
)

// consumer is a consumer as a row of steps.
type consumer struct {
	stores   func(*trial.Delivery, *trial.Answer) bool // a delivery that it has answered so
	key      func(*trial.Note) string                  // of duplicates; nil: source and id
	blind    bool                                      // to duplicates: each counts
	memory   int                                       // how many keys it remembers; 0: all
	rereads  bool                                      // it knows all again after a crash
	memoryOf func(*trial.Note) string                  // whose keys are counted apart; nil: nobody's
	span     time.Duration                             // how long it remembers them; 0: for ever
	loses    loss                                      // in a crash
	warm     int                                       // how many of the latest it knows after a crash that takes them
	counts   bool                                      // from 0 after a crash, what comes then
	each     bool                                      // connection has keys of its own
	marks    marking                                   // what comes to nothing as seen
	failed   leftover                                  // of attempts that it did not answer, or answered with a failure
	lone     bool                                      // it keeps the conversation alone that the last notification was about
	calls    int                                       // how many conversations it keeps; 0: all
	recent   bool                                      // of these, it drops the one that was heard or asked of longest ago, not the one that began first
	wholly   bool                                      // with their keys
	fleeting bool                                      // what is left of them is gone after a crash, if it is the key

	conversation func(*trial.Note) string // nil: it knows both letters of a GUID
	byAgent      string                   // what is about an agent belongs to the conversation in which this kind came last; "": no
	channel      func(*trial.Note) string // likewise
	latest       bool                     // what it takes for one channel, it tells by the identifier that came last
	interaction  func(*call, *part) string
	agentID      func(*trial.Note) any
	role         func(*trial.Note) string

	moment   func(*fact) time.Time            // when it takes an event to have happened
	order    func(a, b *fact) int             // nil: as they arrive
	listed   bool                             // what happened in one instant stays in the usual order of types, whatever may follow
	strict   bool                             // so does what happened to another channel
	phase    func(kind string) (string, bool) // that an event begins; false: none
	afresh   bool                             // an event begins its phase anew also if the channel is in it
	onward   bool                             // it goes on behind ended
	together func(a, b *fact) bool            // what it takes for one instant, where it has the right order; nil: the same timestamp
	keeps    []keep                           // what of what arrives it goes by, one after the other
	after    []after                          // changes to what becomes of a channel, one after the other
	stay     func(from, to time.Time) float64 // seconds between two moments
	total    func(seconds float64) float64    // as it tells them
	slack    float64                          // how far the times that it tells may be from those simulated, in seconds

	keysOf  func(*trial.Note) string           // what the key of a notification is forgotten with, when ended comes; nil: never
	lingers time.Duration                      // how long after that it still knows them
	tidies  bool                               // it ends what is not over when it starts
	drops   func(*call, *step) bool            // what it does not keep, of a conversation that it knows so far; nil: nothing
	shared  func(p, other *part, f *fact) bool // what happens to another channel happens to this one, too; nil: nothing

	shows func(*call) *call // what of a conversation it tells; nil: everything

	figure  func([]participant, map[trial.Figure]float64) // changes the figures of the conversation; nil: no
	figured *consumer                                     // whose lives of channels the figures are made of; nil: its own
	apart   bool                                          // it is such a one
}

// split has a consumer make its figures of lives of their own, as one that has written two statements does.
func (c *consumer) split() {
	if c.figured == nil {
		figured := *c
		figured.keeps, figured.after, figured.apart = slices.Clone(c.keeps), slices.Clone(c.after), true
		c.figured = &figured
	}
}

// aside makes a mistake that the figures do not have.
func aside(mistake change) change {
	return func(c *consumer) {
		if !c.apart {
			c.split()
			mistake(c)
		}
	}
}

// keep takes facts, in the order of arrival, and returns those that count.
type keep func(c *consumer, facts []fact) []fact

// after changes a life, which the facts led to.
type after func(c *consumer, facts []fact, l *life)

// keeping and changing make a change of them.
func keeping(k keep) change   { return func(c *consumer) { c.keeps = append(c.keeps, k) } }
func changing(a after) change { return func(c *consumer) { c.after = append(c.after, a) } }

// loss is what a crash takes.
type loss uint8

const (
	nothing loss = iota
	theKeys      // of duplicates
	everything
	theLatest // that was accepted: some of what came before, the latest
	theOldest // but for the latest, of which so many are warm
)

// marking is which attempts leave their keys behind that are not stored.
type marking uint8

const (
	noneMarked    marking = iota
	markedUnknown         // those that are forged
	markedUnread          // those that are cut off behind the id, too
)

// marked reports whether a delivery leaves its key behind before it is stored, or without that.
func (c *consumer) marked(d *trial.Delivery) bool {
	return c.marks >= markedUnknown && d.Usable && !d.Token.Authentic() || c.marks == markedUnread && d.Wire.Way == trial.CutOff && d.Wire.At > 0
}

// leftover is what of a notification is stored by an attempt that fails.
type leftover uint8

const (
	nothingLeft  leftover = iota
	theKey                // it is known as a duplicate from then on
	theFact               // it happened, and is not known as a duplicate
	theCount              // it is counted, and neither happened nor is known as a duplicate
	theUncounted          // it is stored, and known as a duplicate, and not counted
	theTear               // half of it, behind which what is stored next cannot be read after the next start
	theHalf               // the same where all that is stored is read for each state: it cannot be read at all
)

// correct makes no mistake.
func correct() *consumer {
	return &consumer{
		stores: func(d *trial.Delivery, a *trial.Answer) bool { return a.Accepted() && d.Usable && d.Token.Authentic() },

		interaction: func(_ *call, p *part) string { return p.first.Interaction },
		agentID:     func(n *trial.Note) any { return n.AgentID },
		role:        func(n *trial.Note) string { return n.Role },

		moment: func(f *fact) time.Time { return f.at },
		order:  byTimestamp,
		phase:  begins,
		stay:   func(from, to time.Time) float64 { return to.Sub(from).Seconds() },
		total:  func(seconds float64) float64 { return seconds },
	}
}

// conversationOf is the conversation that a consumer takes a step to be about.
func (c *consumer) conversationOf(st *step) string {
	if c.conversation != nil {
		return c.conversation(&st.delivery.Note)
	}
	return st.conversationID
}

// channelOf is the channel, likewise.
func (c *consumer) channelOf(st *step) string {
	if c.channel != nil {
		return c.channel(&st.delivery.Note)
	}
	return st.channelID
}

// beside makes a mistake that only the figures have.
func beside(mistake change) change {
	return func(c *consumer) {
		switch {
		case c.apart:
			mistake(c)
		case c.figured == nil:
			c.split()
			mistake(c.figured)
		}
	}
}

// fact is that something happened to a channel, as far as a consumer may know it.
type fact struct {
	made    bool // up by the consumer: nobody told it
	missed  bool // by the number of notifications
	note    *trial.Note
	kind    string    // type without its version
	rank    int       // of the kind, in the order in which they happen within an instant
	at      time.Time // data.timestamp
	sent    time.Time // time
	arrived time.Time
	nth     int  // in the order of arrival
	foreign bool // it happened to another channel, and the consumer takes it for this one's
}

// kind is a type without its version.
type kind struct{ name, phase string }

// kinds are the types without version, in the order in which they happen within an instant,
// and the phase that each begins.
var kinds = [...]kind{
	{"channel.alerted", "alerting"}, {"channel.connected", "connected"}, {"channel.connectionfailed", "unexpected"},
	{"channel.held", "held"}, {"channel.retrieved", "connected"}, {"channel.parked", "parked"}, {"channel.unparked", "connected"},
	{"channel.interrupted", "interrupted"}, {"channel.resumed", "connected"}, {"channel.disconnected", ""},
	{"channel.wrapstarted", "wrap"}, {"channel.ended", "ended"},
}

// kindOf cuts the version off a type; rank is below 0 for types that are about no channel, or not known.
func kindOf(name string) (base string, rank int) {
	base, v0 := strings.CutSuffix(name, ".v0")
	base, v1 := strings.CutSuffix(base, ".v1")
	for i, k := range kinds {
		if k.name == base && v0 != v1 {
			return base, i
		}
	}
	return base, -1
}

// begins says which phase an event begins.
func begins(kind string) (phase string, any bool) {
	for _, k := range kinds {
		if k.name == kind {
			return k.phase, k.phase != ""
		}
	}
	return "", false
}

// newFact reads what a note says of a channel; ok is false if it says nothing.
func newFact(n *trial.Note, arrived time.Time) (f fact, ok bool) {
	f = fact{note: n, arrived: arrived}
	at, err := time.Parse(time.RFC3339Nano, n.Timestamp)
	f.at = at
	if f.kind, f.rank = kindOf(n.Type); f.rank < 0 || n.Channel == "" {
		return f, false
	}
	f.sent, _ = time.Parse(time.RFC3339Nano, n.Time) // only mistakes look at it
	return f, err == nil
}
