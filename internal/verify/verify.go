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
	File         string
	Line, Column int // from 1; column 0 where the whole line is meant, line 0 where the whole file is
	Class        event.Class
	Rule         string // of the receiver; "" for a member or a form
	Text         string

	order int // of the files
}

// Result is what was found in all files.
type Result struct {
	Findings []Finding // violations and deviations by their places, then notes by theirs
	More     []Group   // findings that are not listed, since enough like them are
	Counts   map[event.Class]int

	Notifications int // all of them, whatever is wrong with them
	Accepted      int
	Duplicates    int
	Unknown       int // of a type that is not known
	Faulty        int // with something wrong in them
	Refused       int // rows that the receiver refused, which are left out
	Channels      int
	Open          int // of the channels
}

// Group is findings of one class and kind.
type Group struct {
	Class event.Class
	Kind  string
	Count int
}

// The bounds of what is kept.
const (
	mostViolations = 1000    // that are listed, but for those that the same text says
	mostAlike      = 10      // findings of one kind that are listed
	mostKinds      = 100     // that are told apart
	mostPlaces     = 1 << 20 // of notifications, as many as a receiver remembers
)

// Verifier checks files, one after the other.
type Verifier struct {
	options  Options
	together *receiver.Receiver
	places   map[notification]place
	recent   []notification // those in places, the latest last
	remember int            // how many
	result   Result
	files    int
	kinds    map[Group]tally // the Count of a Group is 0 here
}

// tally counts the findings of a kind.
type tally struct{ found, listed int }

// notification is what a finding of the receiver says of where it is.
type notification struct {
	id  event.ID
	typ event.Type
}

// place is where something is.
type place struct {
	file         string
	order        int
	line, column int
}

// New returns a verifier that has read nothing.
func New(o Options) *Verifier {
	return &Verifier{options: o, together: receiver.New(receiver.Options{Partial: !o.Complete, Remember: mostPlaces}), remember: mostPlaces,
		places: map[notification]place{}, result: Result{Counts: map[event.Class]int{}}, kinds: map[Group]tally{}}
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
	v.judge(v.together, func(n notification) place { return v.places[n] })
	r := v.result
	r.More = nil
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
func (v *Verifier) judge(r *receiver.Receiver, where func(notification) place) {
	report := r.Report()
	v.result.Accepted += report.Accepted
	v.result.Duplicates += report.Duplicates
	v.result.Channels += len(report.Lives)
	v.result.Open += report.Open
	v.unlisted(report.Unlisted)
	for _, f := range slices.Concat(report.Violations, report.Remarks) {
		v.rule(where(notification{f.ID, f.Type}), f)
	}
}

// rule adds a finding of the receiver. Where the place is no longer known, the notification's ID
// says more.
func (v *Verifier) rule(at place, f receiver.Finding) {
	text, kind := fmt.Sprintf("%s: %s: %s", f.Rule, f.Type, f.Sentence), string(f.Rule)
	if at == (place{}) {
		at.file, text = "somewhere", f.String()
	}
	if f.Class == event.Violation {
		kind = ""
	}
	at.column = 0
	v.find(at, f.Class, kind, string(f.Rule), text)
}
