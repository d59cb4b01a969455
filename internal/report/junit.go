package report

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/show"
	"github.com/ringback/ringback/scenario/fault"
)

// The elements of a JUnit report, with the attributes that both the schema of Jenkins'
// xUnit plugin and that of Maven's Surefire know, and in their order.
type (
	junitSuites struct {
		XMLName  xml.Name `xml:"testsuites"`
		Name     string   `xml:"name,attr"`
		Time     string   `xml:"time,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Suites   []*junitSuite
	}
	junitSuite struct {
		XMLName    xml.Name        `xml:"testsuite"`
		Name       string          `xml:"name,attr"`
		Time       string          `xml:"time,attr"`
		Tests      int             `xml:"tests,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"` // always 0; the schemas want it
		Failures   int             `xml:"failures,attr"`
		Timestamp  string          `xml:"timestamp,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
		Output     string          `xml:"system-out,omitempty"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Time    string        `xml:"time,attr"`
		Error   *junitProblem `xml:"error"`
		Failure *junitProblem `xml:"failure"`
	}
	junitProblem struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// writeJUnit writes a suite for each scenario, with a case for each event type and each kind of
// faults that occurred. Rules, gates and checks are about the run as a whole: they stand in the
// scenario's suite if there is one scenario, and else in a suite of their own. Unless the run
// passed, at least one case is red.
func (s *Summary) writeJUnit(w io.Writer, d *Details) error {
	all := &junitSuites{Name: "ringback", Time: seconds(s.took())}
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
	all.complete()
	if all.Failures+all.Errors == 0 && s.Verdict != Passed {
		last.Cases = append(last.Cases, junitCase{Name: "verdict", Error: s.problem(firstOf(append(s.Causes(), "the run has no verdict")))})
		all.complete()
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// seconds is a time as the schemas want it.
func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", max(d, 0).Seconds()) }

// newSuite is an empty suite about what was sent from one moment to another, or about the whole run
// if that is not known.
func (s *Summary) newSuite(name string, from, to time.Time) *junitSuite {
	if from.IsZero() {
		from, to = s.Started, s.Ended
	}
	suite := &junitSuite{Name: name, Time: seconds(to.Sub(from)), Timestamp: from.UTC().Format("2006-01-02T15:04:05"),
		Properties: []junitProperty{
			{"version", s.Version}, {"seed", strconv.FormatUint(s.Seed, 10)}, {"plan_hash", s.PlanHash},
			{"start", s.PlanStart.Format(time.RFC3339Nano)}, {"verdict", string(s.Verdict)}, {"judged_by", s.JudgedBy()}, {"cause", s.Cause},
		}}
	for _, p := range s.Params {
		suite.Properties = append(suite.Properties, junitProperty{"param." + p.Name, p.Value})
	}
	return suite
}

// complete counts the cases, and gives each the class that reports group by.
func (all *junitSuites) complete() {
	all.Tests, all.Failures, all.Errors = 0, 0, 0
	for _, s := range all.Suites {
		s.Tests, s.Failures, s.Errors = len(s.Cases), 0, 0
		for i := range s.Cases {
			c := &s.Cases[i]
			if c.Class = "ringback." + s.Name; c.Time == "" {
				c.Time = seconds(0)
			}
			switch {
			case c.Error != nil:
				s.Errors++
			case c.Failure != nil:
				s.Failures++
			}
		}
		all.Tests, all.Failures, all.Errors = all.Tests+s.Tests, all.Failures+s.Failures, all.Errors+s.Errors
	}
}

// problem is why a case that is no failure of the consumer's is red.
func (s *Summary) problem(text string) *junitProblem {
	return &junitProblem{text, string(cmp.Or(s.Verdict, Failed)), text}
}

// typeCases has a case for each event type. Lost notifications are its failures unless gates decide
// about them.
func (s *Summary) typeCases(t *scenarioRows, told map[string]bool) (cases []junitCase) {
	for _, name := range sortedKeys(t.types) {
		h := t.types[name]
		if h.all() == 0 {
			continue
		}
		c := junitCase{Name: "delivery: " + name, Time: seconds(h.to.Sub(h.from))}
		all := show.Counted(h.all(), "notification")
		text := fmt.Sprintf("%s of %s handled correctly", show.Grouped(h.right), all)
		switch {
		case s.Verdict == Invalid:
			c.Error = &junitProblem{"the run is invalid: its schedule was not kept", "invalid", strings.Join(append(slices.Clone(s.Invalid), text), "\n")}
		case h.wrong > 0 && !s.passes(lossRule):
			told[lossRule] = true
			c.Failure = &junitProblem{fmt.Sprintf("%s of %s not accepted", show.Grouped(h.wrong), all), "delivery", s.scrub(h.example)}
		case h.notSent > 0 && !s.passes(lossRule):
			c.Failure = &junitProblem{fmt.Sprintf("%s of %s not sent, because too many waited already", show.Grouped(h.notSent), all), "delivery", text}
		case h.undelivered > 0:
			c.Error = &junitProblem{"the run did not finish", "interrupted", text}
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
func (s *Summary) faultCases(t *scenarioRows, told map[string]bool) (cases []junitCase) {
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
		c := junitCase{Name: "fault: " + kind.String(), Time: seconds(f.to.Sub(f.from))}
		if f.wrong > 0 && !s.passes(rule) {
			told[rule] = true
			c.Failure = &junitProblem{fmt.Sprintf("%s of %s not answered as a correct consumer does", show.Grouped(f.wrong),
				show.Counted(f.right+f.wrong, "notification")), "fault", s.scrub(f.example)}
		}
		cases = append(cases, c)
	}
	return cases
}

// wholeCases are the cases about the run as a whole: rules but for those that others tell of, gates
// and checks.
func (s *Summary) wholeCases(told map[string]bool) (cases []junitCase) {
	for _, r := range s.Rules {
		if r.Whole || told[r.Name] || r.Name == checkRule {
			continue
		}
		c := junitCase{Name: "rule: " + r.Name}
		switch {
		case r.Passed:
		case r.Run:
			c.Error = s.problem(r.Why)
		default:
			c.Failure = &junitProblem{r.Why, "rule", r.Why}
			if r.Name == receiverRule {
				c.Failure.Text = strings.Join(s.Receiver.Violations, "\n")
			}
		}
		cases = append(cases, c)
	}
	add := func(name string, passed bool, failure junitProblem) {
		cases = append(cases, junitCase{Name: name})
		if !passed {
			cases[len(cases)-1].Failure = &failure
		}
	}
	for _, g := range s.Gates {
		add("gate: "+g.Text, g.Passed, junitProblem{g.Was, "gate", "gate failed: " + g.Failure()})
	}
	spared := s.passes(checkRule) // gates decide
	for _, c := range s.Checks {
		add("check: "+c.Name, c.Passed || spared, junitProblem{c.Detail, "check", c.Name + ": " + c.Detail})
		cases[len(cases)-1].Time = seconds(c.Took)
	}
	return cases
}
