package render

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/examine"
	"github.com/ringback/ringback/internal/junit"
)

// writeJUnit writes a suite for each level, with a case for each rule, and a suite of what else decided. Unless the
// examination passed, at least one case is red.
func (r *Result) writeJUnit(w io.Writer) error {
	all := &junit.Suites{Name: "ringback examine", Time: junit.Seconds(seconds(r.Seconds))}
	rest := r.Seconds // what belongs to no rule: finding out causes, above all
	for _, l := range r.Levels {
		suite, took := r.newSuite(l.Name), 0.0
		for _, rule := range r.Rules {
			if rule.Level == l.Name {
				suite.Cases = append(suite.Cases, r.junitCase(&rule))
				took += rule.Seconds
			}
		}
		suite.Time = junit.Seconds(seconds(took))
		rest -= took
		all.Suites = append(all.Suites, suite)
	}
	whole := r.newSuite("examination")
	add := func(name, kind string, texts ...string) {
		c := junit.Case{Name: name}
		if len(texts) > 0 {
			c.Failure = &junit.Problem{Message: texts[0], Type: kind, Text: strings.Join(texts, "\n")}
		}
		whole.Cases = append(whole.Cases, c)
	}
	add("exceptions", "exception", slices.DeleteFunc(slices.Clone(r.Failures), func(text string) bool { return text == r.ended })...)
	finished := []string(nil)
	switch {
	case r.Interrupted:
		finished = []string{"the examination was interrupted before its end"}
	case r.ended != "":
		finished = []string{r.ended}
	}
	add("came to its end", "interrupted", finished...)
	whole.Output = strings.Join(append(r.untested(), r.remarks()...), "\n")
	whole.Time = junit.Seconds(seconds(rest))
	all.Suites = append(all.Suites, whole)
	all.Complete()
	return all.Write(w)
}

func (r *Result) newSuite(name string) *junit.Suite {
	return &junit.Suite{Name: name, Time: junit.Seconds(0), Timestamp: r.Began.Format("2006-01-02T15:04:05"), Properties: junit.Properties("version", r.Version,
		"seed", strconv.FormatUint(r.Seed, 10), "start", r.Start.Format(time.RFC3339), "level", r.Level, "cause", r.Cause, "reproduce", r.Again)}
}

// junitCase is the case of a rule.
func (r *Result) junitCase(rule *Rule) junit.Case {
	c := junit.Case{Name: rule.ID + ": " + rule.Demand, Time: junit.Seconds(seconds(rule.Seconds))}
	f := r.finding(rule.ID)
	switch {
	case f != nil && f.Waived != "":
		c.Skipped = &junit.Problem{Message: "waived " + f.Waived + ": the consumer " + f.Text}
	case f != nil:
		c.Failure = &junit.Problem{Message: "the consumer " + f.Text, Type: rule.Level, Text: f.plain()}
	case rule.Verdict == string(examine.Broken): // in consequence of another one
		c.Failure = &junit.Problem{Message: rule.Why, Type: rule.Level, Text: rule.Why}
	case rule.Verdict == string(examine.Untested):
		c.Skipped = &junit.Problem{Message: "not tested: " + rule.Why}
	}
	return c
}

// plain is the finding as lines of text.
func (f *Finding) plain() string {
	lines := append([]string{}, f.Seen...)
	if text := f.shown(); text != "" {
		lines = append(lines, text)
	}
	lines = append(append(lines, f.Timeline...), "mend: "+f.Mend)
	if f.Again != "" {
		lines = append(lines, "again: "+f.Again)
	}
	return strings.Join(lines, "\n")
}
