package report_test

import (
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/emitter"
	"github.com/ringback/ringback/internal/report"
	"github.com/ringback/ringback/scenario/fault"
)

// junitRule is what the schemas of Jenkins' xUnit plugin and of Maven's Surefire both allow
// of an element: its attributes, the required ones, and its children in their order.
type junitRule struct {
	attributes, required, children []string
}

var junitRules = map[string]junitRule{
	"testsuites": {[]string{"name", "time", "tests", "failures", "errors", "disabled"}, nil, []string{"testsuite"}},
	"testsuite": {[]string{"name", "time", "tests", "errors", "skipped", "failures", "timestamp", "hostname", "id", "package"},
		[]string{"name", "time", "tests", "errors", "skipped", "failures"}, []string{"properties", "testcase", "system-out", "system-err"}},
	"properties": {nil, nil, []string{"property"}},
	"property":   {[]string{"name", "value"}, []string{"name", "value"}, nil},
	"testcase":   {[]string{"name", "classname", "time"}, []string{"name", "classname", "time"}, []string{"skipped", "error", "failure"}},
	"skipped":    {[]string{"message", "type"}, nil, nil},
	"error":      {[]string{"message", "type"}, []string{"type"}, nil},
	"failure":    {[]string{"message", "type"}, []string{"type"}, nil},
	"system-out": {},
}

var junitForms = map[string]*regexp.Regexp{
	"time": regexp.MustCompile(`^\d+\.\d{3}$`), "tests": regexp.MustCompile(`^\d+$`), "failures": regexp.MustCompile(`^\d+$`),
	"errors": regexp.MustCompile(`^\d+$`), "skipped": regexp.MustCompile(`^\d+$`),
	"timestamp": regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$`),
}

// element is a parsed element.
type element struct {
	name     string
	attrs    map[string]string
	children []*element
}

func (e *element) count(names ...string) (n int) {
	for _, c := range e.children {
		if slices.Contains(names, c.name) {
			n++
		}
		n += c.count(names...)
	}
	return n
}

func parseXML(t *testing.T, text string) *element {
	t.Helper()
	root := &element{}
	stack := []*element{root}
	dec := xml.NewDecoder(strings.NewReader(text))
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return root.children[0]
		}
		if err != nil {
			t.Fatal(err)
		}
		top := stack[len(stack)-1]
		switch tok := tok.(type) {
		case xml.StartElement:
			e := &element{name: tok.Name.Local, attrs: map[string]string{}}
			for _, a := range tok.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			top.children = append(top.children, e)
			stack = append(stack, e)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		}
	}
}

// faultsOf lists what the rules forbid of an element and all below it.
func faultsOf(e *element) (faults []string) {
	rule, known := junitRules[e.name]
	if !known {
		return []string{"unknown element " + e.name}
	}
	for name, value := range e.attrs {
		if !slices.Contains(rule.attributes, name) {
			faults = append(faults, e.name+" has an attribute "+name)
		}
		if form := junitForms[name]; form != nil && !form.MatchString(value) {
			faults = append(faults, e.name+": "+name+" is "+value)
		}
	}
	for _, name := range rule.required {
		if _, there := e.attrs[name]; !there {
			faults = append(faults, e.name+" has no "+name)
		}
	}
	last := 0
	for _, c := range e.children {
		at := slices.Index(rule.children, c.name)
		if at < last {
			faults = append(faults, c.name+" stands in a wrong place in "+e.name)
		}
		last = max(last, at)
		faults = append(faults, faultsOf(c)...)
	}
	for attr, names := range map[string][]string{"tests": {"testcase"}, "failures": {"failure"}, "errors": {"error"}, "skipped": {"skipped"}} {
		if text, there := e.attrs[attr]; there && text != strconv.Itoa(e.count(names...)) {
			faults = append(faults, e.name+" counts "+text+" "+attr)
		}
	}
	return faults
}

func TestJUnitHasTheShapeOfTheSchemas(t *testing.T) {
	s, d := full(t)
	single := report.New(identity, result(target("crm", 1000)))
	invalid, _ := full(t)
	invalid.Verdict = report.Invalid
	for name, c := range map[string]struct {
		summary *report.Summary
		details *report.Details
		suites  int
		cases   int
	}{
		"two scenarios":   {s, d, 3, 14}, // 2 types, 3 kinds of faults, 4 rules that these do not show, 3 gates, 2 checks
		"one scenario":    {single, nil, 1, 1},
		"an invalid run":  {invalid, d, 3, 14},
		"control letters": {report.New(report.Identity{Names: []string{"a\x00b\x1b"}}, troubled()), nil, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := c.summary.WriteAs(&b, report.JUnit, c.details); err != nil {
				t.Fatal(err)
			}
			root := parseXML(t, b.String())
			if faults := faultsOf(root); root.name != "testsuites" || len(faults) > 0 {
				t.Errorf("%s: %q\n%s", root.name, faults, b.String())
			}
			if got := root.count("testsuite"); got != c.suites {
				t.Errorf("got %d suites, want %d", got, c.suites)
			}
			if got := root.count("testcase"); got != c.cases {
				t.Errorf("got %d cases, want %d", got, c.cases)
			}
		})
	}
}

// The times are those of the requests: a suite begins with the first of its scenario, and each case
// lasts from the first request of its kind to the end of the last.
func TestJUnitTellsWhenAndHowLong(t *testing.T) {
	d := report.NewDetails([]string{"first", "second"})
	at := func(kind fault.Kind, outcome emitter.Outcome, after, latency time.Duration) {
		a := row(1, outcome, kind, "")
		a.Sent, a.Latency = nine.Add(after), latency
		d.Record(a)
	}
	at(fault.None, emitter.Retrying, 2*time.Second, time.Second)
	at(fault.None, emitter.Accepted, 5*time.Second, 250*time.Millisecond)
	at(fault.Duplicate, emitter.Accepted, 5*time.Second, 1250*time.Millisecond)
	s := report.New(report.Identity{Names: []string{"first", "second"}}, result(target("crm", 1000)))
	s.Judge(nil)
	var b strings.Builder
	if err := s.WriteAs(&b, report.JUnit, d); err != nil {
		t.Fatal(err)
	}
	suite := parseXML(t, b.String()).children[1]
	times := map[string]string{suite.attrs["name"]: suite.attrs["timestamp"] + " " + suite.attrs["time"]}
	for _, c := range suite.children {
		if c.name == "testcase" {
			times[c.attrs["name"]] = c.attrs["time"]
		}
	}
	want := map[string]string{"second": "2026-03-02T09:00:02 4.250", "delivery: channel.held.v0": "3.250", "fault: duplicate": "1.250"}
	if !maps.Equal(times, want) {
		t.Errorf("got %v, want %v", times, want)
	}
}

// A type that is lost is red by itself, and the rule is not told of twice.
func TestJUnitTellsOfACauseOnce(t *testing.T) {
	s, d := outcomes{lost: 1, forged: 1}.summary(), report.NewDetails([]string{"story"})
	s.Judge(nil)
	d.Record(row(0, emitter.GivenUp, fault.None, "no"))
	d.Record(row(0, emitter.WronglyAccepted, fault.Unsigned, ""))
	var b strings.Builder
	if err := s.WriteAs(&b, report.JUnit, d); err != nil {
		t.Fatal(err)
	}
	if root := parseXML(t, b.String()); root.count("failure") != 2 || strings.Contains(b.String(), "rule: all valid") {
		t.Errorf("want two failures\n%s", b.String())
	}
}

// The check itself can fail.
func TestTheShapeIsChecked(t *testing.T) {
	for _, text := range []string{
		`<testsuites tests="1"></testsuites>`, `<testsuite></testsuite>`, `<testcase name="a" classname="b" time="1s"></testcase>`,
		`<testcase name="a" classname="b" time="0.000" id="1"></testcase>`, `<testcase name="a" classname="b" time="0.000"><failure type="x"/><error type="x"/></testcase>`,
	} {
		if len(faultsOf(parseXML(t, text))) == 0 {
			t.Errorf("%s passes", text)
		}
	}
}
