// Package waive reads which rules a team lets its consumer break for a while, and why.
//
// The text of a file comes in; its waivers go out, or every problem with its place. It promises that a waiver names
// a rule, a reason and a day. It knows nothing of examinations.
package waive

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/source"
)

// Waiver lets a rule be broken.
type Waiver struct {
	Rule   rulebook.ID
	Reason string
	Until  time.Time // the last day, at midnight UTC
	Place  string    // file:line
}

// Expired reports whether the last day is over.
func (w *Waiver) Expired(now time.Time) bool { return !now.UTC().Before(w.Until.AddDate(0, 0, 1)) }

// Form is how a line of the file is written.
const Form = "RULE=reason until YYYY-MM-DD"

var until = regexp.MustCompile(`\s+until\s+(\S+)$`)

// Read reads a file of waivers, one a line. Empty lines and those that begin with # say nothing. The error is
// source.Problems.
func Read(name string, text []byte) (all []Waiver, err error) {
	var problems source.Problems
	if len(text) > source.MaxSize || !utf8.Valid(text) {
		return nil, source.Problems{{File: name, Pos: source.Pos{Line: 1, Column: 1}, What: "the file is no text of at most 1 MiB", Hint: "write a line for each waiver: " + Form}}
	}
	nr := 0
	for line := range strings.Lines(string(bytes.TrimPrefix(text, []byte("\uFEFF")))) {
		nr++
		line = strings.TrimRight(line, " \t\r\n")
		content := strings.TrimLeft(line, " \t")
		if content == "" || content[0] == '#' {
			continue
		}
		r := reading{name: name, nr: nr, line: line, margin: len(line) - len(content)}
		w := r.waiver(content)
		if slices.ContainsFunc(all, func(o Waiver) bool { return o.Rule == w.Rule && r.problems == nil }) {
			r.wrong(0, "", "%s has a waiver already", w.Rule)
		}
		if problems = append(problems, r.problems...); r.problems == nil {
			all = append(all, w)
		}
	}
	if problems != nil {
		return nil, problems
	}
	return all, nil
}
