package verify

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/recording"
	"github.com/ringback/ringback/receiver"
)

// file is one file while it is read, and the place that was reached in it.
type file struct {
	*Verifier
	place
	usable  int          // notifications, and rows that are left out
	first   *event.Event // kept back until there is a second one
	firstAt place
	several bool

	odd      []finding // what is no notification, until there is one
	oddities int
}

// finding is something at a place.
type finding struct {
	at   place
	text string
}

// document judges a JSON object. Its error ends the reading of the file.
func (f *file) document(doc *recording.Document) error {
	rec, err := doc.Record()
	switch {
	case errors.Is(err, recording.ErrAttemptLog):
		return err
	case rec.Row && (rec.Status == 401 || rec.Status == 405 || rec.Status == 413 || rec.Status == 415):
		f.usable++
		f.result.Refused++
	case rec.Row:
		f.usable++
		f.body(rec.Body)
	case err != nil && !envelope(doc.Text):
		f.strange(err.Error())
	default:
		f.usable++
		f.body(doc.Text)
	}
	return nil
}

// strange adds something that is no notification: a problem of a file that holds some.
func (f *file) strange(text string) {
	if f.oddities++; f.oddities <= mostViolations {
		f.odd = append(f.odd, finding{f.place, text})
	}
}

// envelope reports whether an object without specversion may be meant as a notification.
func envelope(text []byte) bool {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(text, &members) // it is an object
	n := 0
	for _, name := range [...]string{"type", "id", "source", "subject", "time", "datacontenttype", "data"} {
		if _, is := members[name]; is {
			n++
		}
	}
	return n >= 3
}

// body parses strictly, and passes on what a consumer would accept, so that one small
// problem does not look like a missing notification.
func (f *file) body(body []byte) {
	f.result.Notifications++
	at := f.place
	at.column = 0
	e, err := event.Parse(body)
	problems, _ := errors.AsType[event.Problems](err)
	faulty := false
	for _, p := range problems {
		kind := p.Path
		if p.Class == event.Violation {
			faulty, kind = true, ""
		}
		f.find(at, p.Class, kind, p.Rule(), p.String())
	}
	if faulty {
		f.result.Faulty++
	}
	if err != nil {
		e, err = event.Read(body)
	}
	problems, _ = errors.AsType[event.Problems](err)
	switch {
	case err == nil:
		f.take(e)
	case problems.OnlyUnknownType():
		f.result.Unknown++
	}
}

// take judges a notification that a consumer would accept.
func (f *file) take(e event.Event) {
	if f.options.Single {
		f.result.Accepted++
		for _, found := range receiver.Alone(e) {
			f.rule(f.place, found)
		}
		return
	}
	if f.first == nil && !f.options.Complete {
		f.first, f.firstAt = &e, f.place
		return
	}
	if f.first != nil && !f.several {
		f.several = true
		f.add(*f.first, f.firstAt)
	}
	f.add(e, f.place)
}

// add judges a notification together with all others.
func (f *file) add(e event.Event, at place) {
	key := notification{e.ID, e.Type}
	if _, known := f.places[key]; !known {
		f.places[key] = at
		f.recent = append(f.recent, key)
	}
	if len(f.recent) > f.remember {
		delete(f.places, f.recent[0])
		f.recent = f.recent[1:]
	}
	f.together.Add(e)
}

// end judges the file as a whole. One with a single notification is an example, or cut out of its
// context: it is not held against the others.
func (f *file) end() error {
	if f.usable == 0 && f.oddities > 0 {
		at, what := f.odd[0].at, f.odd[0].text
		if f.oddities > 1 {
			what += fmt.Sprintf(" (and so on, %d times)", f.oddities)
		}
		return fmt.Errorf("%s:%d:%d: %s; %w", at.file, at.line, at.column, what, ErrNone)
	}
	if f.usable == 0 {
		f.find(place{file: f.file, order: f.order}, event.Note, "empty file", "body", "holds no notifications")
	}
	for _, odd := range f.odd {
		f.find(odd.at, event.Violation, odd.text, "body", odd.text)
	}
	f.unlisted(f.oddities - len(f.odd))
	f.result.Notifications += f.oddities
	f.result.Faulty += f.oddities
	if f.first != nil && !f.several {
		alone := receiver.New(receiver.Options{Partial: true})
		alone.Add(*f.first)
		f.judge(alone, func(notification) place { return f.firstAt })
	}
	return nil
}
