// Package recording reads what a consumer received, makes it a plan again and compares it
// with another recording.
//
// Files of JSON come in, rows of "receive --log" or bare bodies; rows, notifications with
// moments, and differences come out, each with the line it is from. The package promises
// that a damaged line is an error with its place before any notification is given away,
// and that equal recordings and settings give equal notifications, byte for byte. It never
// reads the clock, draws an unseeded random number or opens a connection.
package recording

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/ringback/ringback/internal/jsontext"
)

// Recorded is one notification of a recording.
type Recorded struct {
	Number       int       // from 1
	Line, Column int       // of the first character of the row or body, from 1
	Body         []byte    // as it came; valid until the next one is read
	Row          bool      // whether it is a row of "receive --log"; else a bare body
	Received     time.Time // zero for a bare body
	Status       int       // of the response; 0 for a bare body
}

// Accepted reports whether the notification was answered with success, 200 to 205. A bare
// body is taken for accepted, since nothing says that it was not.
func (r *Recorded) Accepted() bool { return !r.Row || r.Status >= 200 && r.Status <= 205 }

// Records reads a recording, in any of the forms that Documents knows; name stands in errors, as
// in "got.ndjson:3: …". The first damage ends it with an error: what is no JSON, or neither a
// row of "receive --log" nor a body, or longer than MaxDocument.
func Records(r io.Reader, name string) iter.Seq2[Recorded, error] {
	return func(yield func(Recorded, error) bool) {
		n := 0
		for doc, err := range Documents(r) {
			n++
			var rec Recorded
			wrong, damaged := errors.AsType[*jsontext.SyntaxError](err)
			switch {
			case damaged:
				err = fmt.Errorf(`%s:%d:%d: not JSON: %s; want rows of "receive --log", or bodies`, name, wrong.Line, wrong.Column, wrong.Problem())
			case err != nil:
				err = fmt.Errorf("%s:%d: %w", name, doc.Line, err)
			default:
				if rec, err = doc.Record(); err != nil {
					err = fmt.Errorf("%s:%d: %w", name, doc.Line, err)
				}
			}
			rec.Number, rec.Line, rec.Column = n, doc.Line, doc.Column
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
}

// lineForm has the members that distinguish the kinds of lines.
type lineForm struct {
	SpecVersion json.RawMessage `json:"specversion"`
	Received    json.RawMessage `json:"received"`
	Status      *int            `json:"status"`
	Body        *string         `json:"body"`
	BodyBase64  *string         `json:"body_base64"`
	Outcome     json.RawMessage `json:"outcome"`
	Run         json.RawMessage `json:"run"`
	PlanHash    json.RawMessage `json:"plan_hash"`
}

// ErrAttemptLog refuses a file that looks like a recording and is none.
var ErrAttemptLog = errors.New(`this is an attempt log ("run --log"), which has no bodies; "receive --log" makes recordings, and so does "plan --format ndjson"`)

// Record reads a document as a row of "receive --log" or a body. If it is a row with something
// wrong beside its body, the body comes with the error; else an error is all that comes.
func (d *Document) Record() (Recorded, error) {
	var form lineForm
	err := json.Unmarshal(d.Text, &form)
	switch {
	case form.SpecVersion != nil:
		return Recorded{Body: d.Text}, nil
	case form.Run != nil && form.Outcome != nil:
		return Recorded{}, ErrAttemptLog
	case form.PlanHash != nil && form.Body == nil:
		return Recorded{}, errors.New(`this is a plan or a report; "plan --format ndjson" makes a recording, with the same seed, start and params`)
	case form.Body == nil && form.BodyBase64 == nil && err == nil:
		return Recorded{}, errors.New(`want a row of "receive --log", which has a "body", or a body, which has a "specversion"`)
	case err != nil:
		return Recorded{}, fmt.Errorf(`want a row of "receive --log": %s`, unfit(err))
	}
	return parseRow(&form)
}

// unfit says in our words which member of a row has a value of the wrong kind.
func unfit(err error) string {
	if kind, is := errors.AsType[*json.UnmarshalTypeError](err); is {
		want := "a string"
		if kind.Field == "status" {
			want = "a whole number"
		}
		return fmt.Sprintf("%q: want %s, got a JSON %s", kind.Field, want, kind.Value)
	}
	return err.Error()
}

func parseRow(form *lineForm) (Recorded, error) {
	rec := Recorded{Row: true}
	if form.Body != nil {
		rec.Body = []byte(*form.Body)
	}
	if form.BodyBase64 != nil && *form.BodyBase64 != "" {
		var err error
		if rec.Body, err = base64.StdEncoding.DecodeString(*form.BodyBase64); err != nil {
			return Recorded{}, errors.New(`"body_base64": want standard Base64 with its padding`)
		}
	}
	if form.Status != nil {
		rec.Status = *form.Status
	}
	if form.Received == nil {
		return rec, errors.New(`"received" is missing`)
	}
	if err := json.Unmarshal(form.Received, &rec.Received); err != nil {
		return rec, fmt.Errorf(`"received": want a time such as 2025-03-03T09:00:00Z, got %.60s`, form.Received)
	}
	if form.Status == nil {
		return rec, errors.New(`"status" is missing`)
	}
	return rec, nil
}
