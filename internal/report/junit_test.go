package report_test

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ringback/ringback/internal/report"
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
