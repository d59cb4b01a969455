package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/junit"
	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/scenario/fault"
)

// writeJUnit writes a suite for each scenario, with a case for each event type and each kind of
// faults that occurred. Rules, gates and checks are about the run as a whole: they stand in the
// scenario's suite if there is one scenario, and else in a suite of their own. Unless the run
// passed, at least one case is red.
func (s *Summary) writeJUnit(w io.Writer, d *Details) error {
	all := &junit.Suites{Name: "ringback", Time: junit.Seconds(s.took())}
	told := map[string]bool{} // rules whose failures the cases of scenarios show
	for i := range d.scenarios {
		t := &d.scenarios[i]
		suite := s.newSuite(t.name, t.from, t.to)
		suite.Cases = append(s.typeCases(t, told), s.faultCases(t, told)...)
		all.Suites = append(all.Suites, suite)
	}
	last := all.Suites[0]
	if len(all.Suites) > 1 {
		last = s.newSuite("all scenarios", s.Started, s.Ended)
		all.Suites = append(all.Suites, last)
	}
	last.Cases = append(last.Cases, s.wholeCases(told)...)
	if s.Receiver != nil {
		last.Output = strings.Join(s.Receiver.Remarks, "\n")
	}
	all.Complete()
	if all.Failures+all.Errors == 0 && s.Verdict != Passed {
		last.Cases = append(last.Cases, junit.Case{Name: "verdict", Error: s.problem(firstOf(append(s.Causes(), "the run has no verdict")))})
		all.Complete()
	}
	return all.Write(w)
}

// newSuite is an empty suite about what was sent from one moment to another, or about the whole run
// if that is not known.
func (s *Summary) newSuite(name string, from, to time.Time) *junit.Suite {
	if from.IsZero() {
		from, to = s.Started, s.Ended
	}
	suite := &junit.Suite{Name: name, Time: junit.Seconds(to.Sub(from)), Timestamp: from.UTC().Format("2006-01-02T15:04:05"),
		Properties: junit.Properties("version", s.Version, "seed", strconv.FormatUint(s.Seed, 10), "plan_hash", s.PlanHash,
			"start", s.PlanStart.Format(time.RFC3339Nano), "verdict", string(s.Verdict), "judged_by", s.JudgedBy(), "cause", s.Cause)}
	for _, p := range s.Params {
		suite.Properties = append(suite.Properties, junit.Properties("param."+p.Name, p.Value)...)
	}
	return suite
}

// problem is why a case that is no failure of the consumer's is red.
func (s *Summary) problem(text string) *junit.Problem {
	return junit.NewProblem(text, string(cmp.Or(s.Verdict, Failed)), text)
}

// typeCases has a case for each event type. Lost notifications are its failures unless gates decide
// about them.
func (s *Summary) typeCases(t *scenarioRows, told map[string]bool) (cases []junit.Case) {
	for _, name := range sortedKeys(t.types) {
		h := t.types[name]
		if h.all() == 0 {
			continue
		}
		c := junit.Case{Name: "delivery: " + name, Time: junit.Seconds(h.to.Sub(h.from))}
		all := show.Counted(h.all(), "notification")
		text := fmt.Sprintf("%s of %s handled correctly", show.Grouped(h.right), all)
		switch {
		case s.Verdict == Invalid:
			c.Error = junit.NewProblem("the run is invalid: its schedule was not kept", "invalid", strings.Join(append(slices.Clone(s.Invalid), text), "\n"))
		case h.wrong > 0 && !s.passes(lossRule):
			told[lossRule] = true
			c.Failure = junit.NewProblem(fmt.Sprintf("%s of %s not accepted", show.Grouped(h.wrong), all), "delivery", h.example)
		case h.notSent > 0 && !s.passes(lossRule):
			c.Failure = junit.NewProblem(fmt.Sprintf("%s of %s not sent, because too many waited already", show.Grouped(h.notSent), all), "delivery", text)
		case h.undelivered > 0:
			c.Error = junit.NewProblem("the run did not finish", "interrupted", text)
		}
		cases = append(cases, c)
	}
	return cases
}

// passes reports whether a rule passed, or gates decided in its place.
func (s *Summary) passes(rule string) bool {
	return slices.ContainsFunc(s.Rules, func(r Rule) bool { return r.Name == rule && r.Passed })
}

// faultCases has a case for each kind of faults.
func (s *Summary) faultCases(t *scenarioRows, told map[string]bool) (cases []junit.Case) {
	for _, kind := range fault.Kinds() {
		f := &t.faults[kind]
		if f.right+f.wrong == 0 {
			continue
		}
		rule := lossRule
		switch {
		case isForgery(kind):
			rule = forgeryRule
		case isBadBody(kind):
			rule = bodyRule
		}
		c := junit.Case{Name: "fault: " + kind.String(), Time: junit.Seconds(f.to.Sub(f.from))}
		if f.wrong > 0 && !s.passes(rule) {
			told[rule] = true
			c.Failure = junit.NewProblem(fmt.Sprintf("%s of %s not answered as a correct consumer does", show.Grouped(f.wrong),
				show.Counted(f.right+f.wrong, "notification")), "fault", f.example)
		}
		cases = append(cases, c)
	}
	return cases
}

// wholeCases are the cases about the run as a whole: rules but for those that others tell of, gates
// and checks.
func (s *Summary) wholeCases(told map[string]bool) (cases []junit.Case) {
	for _, r := range s.Rules {
		if r.Whole || told[r.Name] || r.Name == checkRule {
			continue
		}
		c := junit.Case{Name: "rule: " + r.Name}
		switch {
		case r.Passed:
		case r.Run:
			c.Error = s.problem(r.Why)
		default:
			c.Failure = junit.NewProblem(r.Why, "rule", r.Why)
			if r.Name == receiverRule {
				c.Failure.Text = strings.Join(s.Receiver.Violations, "\n")
			}
		}
		cases = append(cases, c)
	}
	add := func(name string, passed bool, failure junit.Problem) {
		cases = append(cases, junit.Case{Name: name})
		if !passed {
			cases[len(cases)-1].Failure = &failure
		}
	}
	for _, g := range s.Gates {
		add("gate: "+g.Text, g.Passed, *junit.NewProblem(g.Was, "gate", "gate failed: "+g.Failure()))
	}
	spared := s.passes(checkRule) // gates decide
	for _, c := range s.Checks {
		add("check: "+c.Name, c.Passed || spared, *junit.NewProblem(c.Detail, "check", c.Name+": "+c.Detail))
		cases[len(cases)-1].Time = junit.Seconds(c.Took)
	}
	return cases
}
