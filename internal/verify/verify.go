// Package verify checks recordings of notifications against what is documented.
//
// Files come in, in any form that recording.Documents knows; findings come out, each with its
// place and its class, and counts. The package promises that one cause is told once, that
// what missing notifications would explain is a note unless the recording is said to be whole,
// and that what is kept of findings is bounded. It never sends anything or reads the clock.
package verify

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/jsontext"
	"github.com/ringback/ringback/internal/recording"
	"github.com/ringback/ringback/receiver"
)

// Options say how much the notifications have to do with one another.
type Options struct {
	Single   bool // nothing: each is judged by itself
	Complete bool // everything: the files together hold all notifications of each channel
}

// Finding is one thing that was found, and where.
type Finding struct {
	File   string      `json:"file"`
	Line   int         `json:"line"`   // from 1; 0 where the whole file is meant
	Column int         `json:"column"` // from 1; 0 where the whole line is meant
	Class  event.Class `json:"class"`
	Rule   string      `json:"rule"` // of the receiver, or a member, unknown-member or body, as explain knows it
	Text   string      `json:"text"`

	order int // of the files
}

// Result is what was found in all files.
type Result struct {
	Notifications int `json:"notifications"` // all of them, whatever is wrong with them
	Accepted      int `json:"accepted"`
	Duplicates    int `json:"duplicates"`
	Unknown       int `json:"unknown_type"`
	Faulty        int `json:"faulty"`   // with something wrong in them
	Refused       int `json:"left_out"` // rows that the receiver refused
	Channels      int `json:"channels"`
	Open          int `json:"open_channels"`
	Forgotten     int `json:"forgotten_channels"` // more channels, and agents, that were judged and given up to bound the memory

	Counts   map[event.Class]int `json:"counts"`   // of each class, whether listed or not
	Findings []Finding           `json:"findings"` // violations and deviations by their places, then notes by theirs
	More     []Group             `json:"more"`     // findings that are not listed, since enough like them are
}

// Group is findings of one class and kind.
type Group struct {
	Class event.Class `json:"class"`
	Kind  string      `json:"kind"`
	Count int         `json:"count"`
}

// The bounds of what is kept.
const (
	mostViolations = 1000    // that are listed, but for those that the same text says
	mostAlike      = 10      // findings of one kind that are listed
	mostKinds      = 100     // that are told apart
	mostOdd        = 1 << 20 // places in a file that are no notifications, before reading stops
	mostPlaces     = 1 << 20 // of notifications, as many as a receiver remembers
)

// Verifier checks files, one after the other.
type Verifier struct {
	options  Options
	together *receiver.Receiver
	places   []place // where the notifications came from that together got, by their arrival, round and round
	added    int     // how many it got
	remember int     // of places, how many
	result   Result
	files    int
	kinds    map[Group]tally // the Count of a Group is 0 here
}

// tally counts the findings of a kind.
type tally struct{ found, listed int }

// place is where something is.
type place struct {
	file         string
	order        int
	line, column int
}

// New returns a verifier that has read nothing.
func New(o Options) *Verifier {
	return &Verifier{options: o, together: receiver.New(receiver.Options{Partial: !o.Complete, Remember: mostPlaces}), remember: mostPlaces,
		kinds:  map[Group]tally{},
		result: Result{Counts: map[event.Class]int{event.Violation: 0, event.Deviation: 0, event.Note: 0}, Findings: []Finding{}}}
}

// ErrNone is in the chain of errors about a file that holds something else than notifications.
var ErrNone = errors.New("nothing in the file is a notification")

// File reads a file; name stands in findings. A file that cannot be read, one that is an attempt
// log, and one that holds nothing that looks like a notification, is an error; an empty one is none.
func (v *Verifier) File(name string, in io.Reader) error {
	v.files++
	f := &file{Verifier: v, place: place{file: name, order: v.files}}
	for doc, err := range recording.Documents(in) {
		f.line, f.column = doc.Line, doc.Column
		wrong, damaged := errors.AsType[*jsontext.SyntaxError](err)
		switch {
		case damaged:
			f.line, f.column = wrong.Line, wrong.Column
			f.strange(fmt.Sprintf(`not JSON: %s; want notifications, or rows of "receive --log"`, wrong.Problem()))
		case err == nil:
			err = f.document(&doc)
		}
		if f.oddities == mostOdd && f.usable == 0 {
			break
		}
		if f.oddities == mostOdd {
			err, damaged = fmt.Errorf("%d places in the file are no notifications; reading stops here", mostOdd), false
		}
		if err != nil && !damaged {
			if f.usable > 0 {
				_ = f.end() // what was read before is judged, whatever else the file holds
			}
			return fmt.Errorf("%s: line %d: %w", name, doc.Line, err)
		}
	}
	return f.end()
}

// Result judges what was read.
func (v *Verifier) Result() Result {
	v.judge(v.together, v.where)
	r := v.result
	r.More = []Group{}
	for kind, n := range v.kinds {
		if kind.Count = n.found - n.listed; kind.Count > 0 {
			r.More = append(r.More, kind)
		}
	}
	slices.SortFunc(r.More, func(a, b Group) int { return cmp.Or(cmp.Compare(b.Class, a.Class), cmp.Compare(a.Kind, b.Kind)) })
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(last(a.Class), last(b.Class)), cmp.Compare(a.order, b.order), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return r
}

// last puts notes behind the rest.
func last(c event.Class) int {
	if c == event.Note {
		return 1
	}
	return 0
}

// most is how many findings of a kind are listed.
func most(g Group) int {
	if g.Class == event.Violation && g.Kind == "" {
		return mostViolations
	}
	return mostAlike
}

// find adds a finding of a kind; violations have none, but for those that the same text says.
func (v *Verifier) find(at place, class event.Class, kind, rule, text string) {
	v.result.Counts[class]++
	group := Group{Class: class, Kind: kind}
	if _, known := v.kinds[group]; !known && len(v.kinds) >= mostKinds {
		group.Kind = ""
	}
	n := v.kinds[group]
	if n.found++; n.listed < most(group) {
		n.listed++
		v.result.Findings = append(v.result.Findings, Finding{at.file, at.line, at.column, class, rule, text, at.order})
	}
	v.kinds[group] = n
}

// unlisted counts violations of which nothing else is kept.
func (v *Verifier) unlisted(n int) {
	v.result.Counts[event.Violation] += n
	group := Group{Class: event.Violation}
	v.kinds[group] = tally{v.kinds[group].found + n, v.kinds[group].listed}
}

// judge takes over what a receiver has found.
func (v *Verifier) judge(r *receiver.Receiver, where func(arrival uint32) place) {
	report := r.Report()
	v.result.Accepted += report.Accepted
	v.result.Duplicates += report.Duplicates
	v.result.Channels += len(report.Lives)
	v.result.Open += report.Open
	v.result.Forgotten += report.Forgotten
	v.unlisted(report.Unlisted)
	for _, f := range slices.Concat(report.Violations, report.Remarks) {
		v.rule(where(f.Arrival), where(f.Against), f)
	}
}

// where is where a notification that together got came from; zero if that is no longer known.
func (v *Verifier) where(arrival uint32) place {
	if n := int(arrival); n > 0 && n <= v.added && n > v.added-v.remember {
		return v.places[(n-1)%v.remember]
	}
	return place{}
}

// rule adds a finding of the receiver, and says where the earlier notification is that it is about.
// Where the place is no longer known, the notification's ID says more.
func (v *Verifier) rule(at, earlier place, f receiver.Finding) {
	text, kind := fmt.Sprintf("%s: %s: %s", f.Rule, f.Type, f.Sentence), string(f.Rule)
	if at == (place{}) {
		at.file, text = "somewhere", f.String()
	}
	if earlier != (place{}) {
		text += fmt.Sprintf(" (see %s:%d)", earlier.file, earlier.line)
	}
	if f.Class == event.Violation {
		kind = ""
	}
	at.column = 0
	v.find(at, f.Class, kind, string(f.Rule), text)
}
