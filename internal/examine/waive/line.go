package waive

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ringback/ringback/internal/nearest"
	"github.com/ringback/ringback/internal/rulebook"
	"github.com/ringback/ringback/internal/source"
)

// reading is a line that is read.
type reading struct {
	name     string
	nr       int
	line     string
	margin   int // bytes in front of its content
	problems source.Problems
}

// wrong notes a problem at a byte of the content.
func (r *reading) wrong(at int, hint, format string, args ...any) {
	column := utf8.RuneCountInString(r.line[:r.margin+at]) + 1
	r.problems = append(r.problems, &source.Problem{File: r.name, Pos: source.Pos{Line: r.nr, Column: column},
		What: fmt.Sprintf(format, args...), Hint: hint, Line: r.line})
}

// waiver reads the content of a line.
func (r *reading) waiver(content string) (w Waiver) {
	w.Place = fmt.Sprintf("%s:%d", r.name, r.nr)
	rule, rest, ok := strings.Cut(content, "=")
	if !ok {
		r.wrong(0, "write "+Form, "a waiver has the rule, an equals sign, a reason and a date")
		return w
	}
	w.Rule = rulebook.ID(strings.TrimSpace(rule))
	if rulebook.Of(w.Rule).ID == "" {
		known := nearest.Names(rulebook.Rules(), func(r rulebook.Rule) string { return string(r.ID) })
		r.wrong(0, "", "no rule is called %q%s", w.Rule, nearest.DidYouMean(string(w.Rule), known))
	}
	end := until.FindStringSubmatchIndex(rest)
	if end == nil {
		r.wrong(len(content), "end the line with until and the last day, as in until 2026-12-31", "the waiver of %s has no end", w.Rule)
		return w
	}
	at := len(rule) + 1
	if w.Reason = strings.TrimSpace(rest[:end[0]]); w.Reason == "" {
		r.wrong(at, "say why the rule may be broken, and where that is tracked", "the waiver of %s has no reason", w.Rule)
	}
	day := rest[end[2]:end[3]]
	t, err := time.Parse(time.DateOnly, day)
	if w.Until = t; err != nil {
		r.wrong(at+end[2], "", "%q is no date; want one like 2026-12-31", day)
	}
	return w
}
