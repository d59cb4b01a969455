// Package junit writes JUnit reports.
//
// Suites of cases come in; XML that the schemas of Jenkins' xUnit plugin and of Maven's Surefire accept goes out. It
// knows nothing of what the cases are about.
package junit

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ringback/ringback/internal/show"
)

// The elements of a JUnit report, with the attributes that both the schema of Jenkins'
// xUnit plugin and that of Maven's Surefire know, and in their order.
type (

	// Suites is the whole report.
	Suites struct {
		XMLName  xml.Name `xml:"testsuites"`
		Name     string   `xml:"name,attr"`
		Time     string   `xml:"time,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Suites   []*Suite
	}

	// Suite holds cases about one thing.
	Suite struct {
		XMLName    xml.Name   `xml:"testsuite"`
		Name       string     `xml:"name,attr"`
		Time       string     `xml:"time,attr"`
		Tests      int        `xml:"tests,attr"`
		Errors     int        `xml:"errors,attr"`
		Skipped    int        `xml:"skipped,attr"`
		Failures   int        `xml:"failures,attr"`
		Timestamp  string     `xml:"timestamp,attr"`
		Properties []Property `xml:"properties>property"`
		Cases      []Case     `xml:"testcase"`
		Output     string     `xml:"system-out,omitempty"`
	}

	// Property is what a suite was made from.
	Property struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}

	// Case is one case. It passed if it has none of Error, Failure and Skipped.
	Case struct {
		Name    string   `xml:"name,attr"`
		Class   string   `xml:"classname,attr"`
		Time    string   `xml:"time,attr"`
		Error   *Problem `xml:"error"`
		Failure *Problem `xml:"failure"`
		Skipped *Problem `xml:"skipped"`
	}

	// Problem is why a case did not pass.
	Problem struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// Properties makes properties of names and values in turn.
func Properties(pairs ...string) (all []Property) {
	for i := 0; i+1 < len(pairs); i += 2 {
		all = append(all, Property{pairs[i], pairs[i+1]})
	}
	return all
}

// NewProblem makes a problem of a kind.
func NewProblem(message, kind, text string) *Problem { return &Problem{message, kind, text} }

// Seconds is a time as the schemas want it.
func Seconds(d time.Duration) string { return fmt.Sprintf("%.3f", max(d, 0).Seconds()) }

// Complete counts the cases, and gives each the class that reports group by.
func (all *Suites) Complete() {
	all.Tests, all.Failures, all.Errors = 0, 0, 0
	for _, s := range all.Suites {
		s.Tests, s.Failures, s.Errors, s.Skipped = len(s.Cases), 0, 0, 0
		for i := range s.Cases {
			c := &s.Cases[i]
			if c.Class = "ringback." + s.Name; c.Time == "" {
				c.Time = Seconds(0)
			}
			switch {
			case c.Error != nil:
				s.Errors++
			case c.Failure != nil:
				s.Failures++
			case c.Skipped != nil:
				s.Skipped++
			}
		}
		all.Tests, all.Failures, all.Errors = all.Tests+s.Tests, all.Failures+s.Failures, all.Errors+s.Errors
	}
}

// Write writes the report. What acts on terminals and pages unseen stands there as it is escaped.
func (all *Suites) Write(w io.Writer) error {
	var text strings.Builder
	text.WriteString(xml.Header)
	enc := xml.NewEncoder(&text)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, show.Visible(text.String())+"\n")
	return err
}
