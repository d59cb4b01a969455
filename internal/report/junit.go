package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/show"
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

// writeJUnit writes a suite for each scenario, with a case for the delivery and one for each
// class of faults that occurred. Gates, checks and the built-in receiver's verdict are about
// the run as a whole: they stand in the scenario's suite if there is one scenario, and else
// in a suite of their own.
func (s *Summary) writeJUnit(w io.Writer, d *Details) error {
	all := &junitSuites{Name: "ringback", Time: seconds(s.took())}
	for i := range d.scenarios {
		t := &d.scenarios[i]
		suite := s.newSuite(t.name)
		suite.Cases = append(suite.Cases, s.deliveryCase(t))
		suite.Cases = append(suite.Cases, s.faultCases(t)...)
		all.Suites = append(all.Suites, suite)
	}
	if whole := s.wholeCases(); len(whole) > 0 {
		last := all.Suites[0]
		if len(all.Suites) > 1 {
			last = s.newSuite("all scenarios")
			all.Suites = append(all.Suites, last)
		}
		last.Cases = append(last.Cases, whole...)
		if s.Receiver != nil {
			last.Output = strings.Join(s.Receiver.Remarks, "\n")
		}
	}
	for _, suite := range all.Suites {
		suite.complete()
		all.Tests, all.Failures, all.Errors = all.Tests+suite.Tests, all.Failures+suite.Failures, all.Errors+suite.Errors
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

func (s *Summary) newSuite(name string) *junitSuite {
	suite := &junitSuite{Name: name, Time: seconds(s.took()), Timestamp: s.Started.Format("2006-01-02T15:04:05"),
		Properties: []junitProperty{
			{"version", s.Version}, {"seed", strconv.FormatUint(s.Seed, 10)}, {"plan_hash", s.PlanHash},
			{"start", s.PlanStart.Format(time.RFC3339Nano)},
		}}
	for _, p := range s.Params {
		suite.Properties = append(suite.Properties, junitProperty{"param." + p.Name, p.Value})
	}
	return suite
}

// complete counts the cases, and gives each the class that reports group by.
func (s *junitSuite) complete() {
	for i := range s.Cases {
		c := &s.Cases[i]
		c.Class, c.Time = "ringback."+s.Name, seconds(0)
		s.Tests++
		switch {
		case c.Error != nil:
			s.Errors++
		case c.Failure != nil:
			s.Failures++
		}
	}
}

func (s *Summary) deliveryCase(t *scenarioRows) junitCase {
	c := junitCase{Name: "delivery"}
	all := show.Counted(t.right+t.wrong+t.undelivered+t.notSent, "notification")
	text := fmt.Sprintf("%s of %s handled correctly", show.Grouped(t.right), all)
	switch {
	case s.Verdict == Invalid:
		c.Error = &junitProblem{"the run is invalid: its schedule was not kept", "invalid", strings.Join(slices.Concat(s.Invalid, []string{text}), "\n")}
	case t.wrong > 0:
		c.Failure = &junitProblem{fmt.Sprintf("%s of %s not handled correctly", show.Grouped(t.wrong), all), "delivery", s.scrub(t.example)}
	case t.notSent > 0:
		c.Failure = &junitProblem{fmt.Sprintf("%s of %s not sent, because too many waited already", show.Grouped(t.notSent), all), "delivery", text}
	case t.undelivered > 0 || s.Stop != "" || !s.PlanRead:
		c.Error = &junitProblem{"the run did not finish", "interrupted", text}
	}
	return c
}

func (s *Summary) faultCases(t *scenarioRows) (cases []junitCase) {
	for class, f := range t.faults {
		if f.right+f.wrong == 0 {
			continue
		}
		c := junitCase{Name: "faults: " + [...]string{"delivery", "forgery", "form"}[class]} // by fault.Class
		if f.wrong > 0 {
			c.Failure = &junitProblem{fmt.Sprintf("%s of %s not answered as a correct consumer does", show.Grouped(f.wrong),
				show.Counted(f.right+f.wrong, "notification")), "fault", s.scrub(f.example)}
		}
		cases = append(cases, c)
	}
	return cases
}

// wholeCases are the cases about the run as a whole.
func (s *Summary) wholeCases() (cases []junitCase) {
	add := func(name string, passed bool, failure junitProblem) {
		cases = append(cases, junitCase{Name: name})
		if !passed {
			cases[len(cases)-1].Failure = &failure
		}
	}
	for _, g := range s.Gates {
		add("gate: "+g.Text, g.Passed, junitProblem{g.Was, "gate", "gate failed: " + g.Failure()})
	}
	for _, c := range s.Checks {
		add("check: "+c.Name, c.Passed, junitProblem{c.Detail, "check", c.Name + ": " + c.Detail})
	}
	if r := s.Receiver; r != nil {
		add("receiver: no violations", r.Violated == 0,
			junitProblem{show.Counted(uint64(r.Violated), "violation"), "receiver", strings.Join(r.Violations, "\n")})
	}
	return cases
}
