package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ringback/ringback/emitter"
)

// Verdict is the outcome of a run as a whole, in the words of the exit statuses.
type Verdict string

// The verdicts.
const (
	Passed      Verdict = "passed"
	Failed      Verdict = "failed"
	Invalid     Verdict = "invalid"     // the schedule was not kept: the run proves nothing
	Interrupted Verdict = "interrupted" // the report covers what happened
)

// conclude finds the verdict and its first cause.
func (s *Summary) conclude() {
	causes := s.failing()
	switch {
	case s.interrupted():
		s.Verdict = Interrupted
	case len(s.Invalid) > 0:
		s.Verdict = Invalid
	case len(causes) > 0:
		s.Verdict = Failed
	default:
		s.Verdict = Passed
	}
	s.Cause = firstOf(causes)
}

// firstOf is the first text, or empty.
func firstOf(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	return texts[0]
}

func (s *Summary) interrupted() bool {
	return s.Stop == emitter.StopDrained && s.Stopped == nil || s.Stop == emitter.StopCancelled
}

// failing lists what is wrong by rules and gates, the gravest first.
func (s *Summary) failing() (lines []string) {
	for _, r := range s.Rules {
		if !r.Passed {
			lines = append(lines, r.Why)
		}
	}
	for _, g := range s.FailedGates() {
		lines = append(lines, "gate failed: "+g.Failure())
	}
	for i, more := range s.Invalid {
		if i > 0 {
			lines = append(lines, "the run is invalid: "+more)
		}
	}
	return lines
}

// Causes lists why the run did not pass, a line each, the gravest first. A passed run has none.
func (s *Summary) Causes() []string {
	lines := s.failing()
	if lines != nil {
		return lines
	}
	switch { // an older version did not say why, nor does a shard whose report was cut down
	case s.Verdict == Invalid:
		lines = append(lines, "the run is invalid: the load was not offered as planned")
	case s.Verdict == Interrupted:
		lines = append(lines, "the run was interrupted before its end")
	case s.Verdict == Failed, s.Verdict == "" && !s.AllAccepted:
		lines = append(lines, "not everything was handled correctly")
	}
	return lines
}

// Headline is the verdict and its cause.
func (s *Summary) Headline() string {
	text := string(cmp.Or(s.Verdict, noVerdict))
	if s.Cause != "" {
		text += ": " + strings.TrimPrefix(s.Cause, "the run is invalid: ")
	}
	return text
}

// JudgedBy says which rules and which gates decided, or nothing where that is not known.
func (s *Summary) JudgedBy() string {
	if len(s.Rules) == 0 {
		return ""
	}
	var items []string
	for _, r := range s.Rules {
		switch gates := "gate " + strings.Join(r.Gates, ", gate "); {
		case r.Whole:
			items = append(items, fmt.Sprintf("%s (in place of: %s)", gates, r.Name))
		case len(r.Gates) > 0:
			items = append(items, fmt.Sprintf("%s (in part: %s)", r.Name, gates))
		case !r.Run || !r.Passed:
			items = append(items, r.Name)
		}
	}
	for _, g := range s.Gates {
		if !slices.ContainsFunc(s.Rules, func(r Rule) bool { return slices.Contains(r.Gates, g.Text) }) {
			items = append(items, "gate "+g.Text)
		}
	}
	return strings.Join(items, "; ")
}
