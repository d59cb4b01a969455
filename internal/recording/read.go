// Package recording reads what a consumer received, makes it a plan again and compares it
// with another recording.
//
// Lines of JSON come in, rows of "receive --log" or bare bodies; rows, notifications with
// moments, and differences come out, each with the line it is from. The package promises
// that a damaged line is an error with its place before any notification is given away,
// and that equal recordings and settings give equal notifications, byte for byte. It never
// reads the clock, draws an unseeded random number or opens a connection.
package recording

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"
)

// MaxLine is the longest line that is read, in bytes.
const MaxLine = 8 << 20

// Recorded is one line of a recording.
type Recorded struct {
	Line     int       // from 1
	Body     []byte    // as it came; valid until the next line is read
	Row      bool      // whether it is a row of "receive --log"; else a bare body
	Received time.Time // zero for a bare body
	Status   int       // of the response; 0 for a bare body
}

// Accepted reports whether the notification was answered with success, 200 to 205. A bare
// body is taken for accepted, since nothing says that it was not.
func (r *Recorded) Accepted() bool { return !r.Row || r.Status >= 200 && r.Status <= 205 }

// Lines reads a recording line by line; name stands in errors, as in "got.ndjson:3: …".
// Blank lines are passed over. The first damaged line ends it with an error: a line that is
// neither a row of "receive --log" nor a body, that is cut off, or longer than MaxLine.
func Lines(r io.Reader, name string) iter.Seq2[Recorded, error] {
	return func(yield func(Recorded, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(make([]byte, 64<<10), MaxLine)
		n := 0
		for lines.Scan() {
			n++
			text := bytes.TrimSpace(lines.Bytes())
			if len(text) == 0 {
				continue
			}
			rec, err := parseLine(text)
			if err != nil {
				yield(Recorded{Line: n}, fmt.Errorf("%s:%d: %w", name, n, err))
				return
			}
			rec.Line = n
			if !yield(rec, nil) {
				return
			}
		}
		err := lines.Err()
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("the line has more than %d MiB", MaxLine>>20)
		}
		if err != nil {
			yield(Recorded{Line: n + 1}, fmt.Errorf("%s:%d: %w", name, n+1, err))
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
}

// ErrAttemptLog refuses a file that looks like a recording and is none.
var ErrAttemptLog = errors.New(`this is an attempt log ("run --log"), which has no bodies; "receive --log" makes recordings, and so does "plan --format ndjson"`)

func parseLine(text []byte) (Recorded, error) {
	if !json.Valid(text) {
		return Recorded{}, errors.New(`the line is not JSON: want a row of "receive --log" or a body; was the file cut off?`)
	}
	var form lineForm
	if text[0] != '{' {
		return Recorded{}, errors.New(`want a row of "receive --log" or a body, which are JSON objects`)
	}
	err := json.Unmarshal(text, &form)
	switch {
	case form.SpecVersion != nil:
		return Recorded{Body: text}, nil
	case form.Run != nil && form.Outcome != nil:
		return Recorded{}, ErrAttemptLog
	case err != nil:
		return Recorded{}, fmt.Errorf(`want a row of "receive --log": %w`, err)
	case form.Body == nil && form.BodyBase64 == nil:
		return Recorded{}, errors.New(`want a row of "receive --log", which has a "body", or a body, which has a "specversion"`)
	}
	return parseRow(&form)
}

func parseRow(form *lineForm) (Recorded, error) {
	rec := Recorded{Row: true}
	if form.Received == nil {
		return rec, errors.New(`"received" is missing`)
	}
	if err := json.Unmarshal(form.Received, &rec.Received); err != nil {
		return rec, fmt.Errorf(`"received": want a time such as 2025-03-03T09:00:00Z, got %.60s`, form.Received)
	}
	if form.Status == nil {
		return rec, errors.New(`"status" is missing`)
	}
	rec.Status = *form.Status
	if form.Body != nil {
		rec.Body = []byte(*form.Body)
	}
	if form.BodyBase64 != nil && *form.BodyBase64 != "" {
		var err error
		if rec.Body, err = base64.StdEncoding.DecodeString(*form.BodyBase64); err != nil {
			return rec, fmt.Errorf(`"body_base64": %w`, err)
		}
	}
	return rec, nil
}
