package scenario

import (
	"regexp"
	"strconv"
	"testing"

	"github.com/ringback/ringback/internal/source"
)

// What the patterns of the schema say about a text, the parser says, too.
func TestThePatternsOfTheSchemaAreThoseOfTheParser(t *testing.T) {
	texts := []string{"", " ", "a", "alice", "Alice_2", "2nd", "a-b", "a--b", "-a", "a b", "é", "none",
		"0", "1", "007", "3", "1.5", "1.", ".5", "-1", "+1", "1e3", "0x10", "999999999", "1000000000", "0.123456789", "0.1234567891",
		"2..4", "0..1", "0..0", "4..2", "2...4", "..4", "+2..3",
		"0%", "100%", "100.0%", "100.1%", "0100%", "20", "20%", "0.5%", "101%", "1e1%", " 20%", "%", "-1%",
		"5s", "5 s", "1h2m3s4ms", "5s..20s", "5s .. 20s", " 5s", "1.5m", "1us", "5.s", "-5s", "+5s", "1d", "5S",
		"5/s", "0.5/m", "5./s", "20/h", "5/d", " 5/s ", "-5/s", "0/s",
		"ef71f453-556a-3abc-7769-bc678ef6e090", "EF71F453-556A-3ABC-7769-BC678EF6E090", "ef71f453556a3abc7769bc678ef6e090", "ef71f453-556a-3abc-7769-bc678ef6e09g"}
	// Texts of the right form that mean nothing: the schema lets them pass.
	lenient := map[string]bool{"times 0..0": true, "times 4..2": true, "times 0": true, "number 0": true, "times 1000000000": true, "count 1000000000": true}
	forms := map[string]form{}
	for _, p := range scalarForms() {
		forms[p.name] = p.form
	}
	for _, c := range []struct {
		name  string
		shape *shape
		into  func() any
	}{
		{"name", shapeName, func() any { return new(string) }},
		{"identifier", shapeIdentifier, func() any { return new(string) }},
		{"text", shapeText, func() any { return new(string) }},
		{"percent", shapePercent, func() any { return new(float64) }},
		{"times", shapeTimes, func() any { return new(Times) }},
		{"count", shapeCount, func() any { return new(int) }},
		{"number", shapeWeight, func() any { return new(float64) }},
		{"guid", shapeGUID, func() any { return new(string) }},
		{"rate", shapeRate, func() any { return new(Rate) }},
		{"span", shapeSpan, func() any { return new(Span) }},
	} {
		pattern := forms[c.name].Pattern
		for _, f := range forms[c.name].AnyOf {
			pattern += f.Pattern
		}
		if pattern == "" || c.shape.form.Ref != refer(c.name).Ref {
			t.Fatalf("%s has no pattern", c.name)
		}
		re := regexp.MustCompile(pattern)
		passed := 0
		for _, text := range texts {
			f, node := source.Open("x.yaml", []byte(strconv.Quote(text)))
			p := &parser{File: f}
			c.shape.read(p, "x", node, c.into())
			parses, matches := p.Err() == nil, re.MatchString(text)
			if parses {
				passed++
			}
			if parses != matches && !(matches && lenient[c.name+" "+text]) {
				t.Errorf("%s %q: the parser takes it %t, the schema %t", c.name, text, parses, matches)
			}
		}
		if passed == 0 {
			t.Errorf("no text is a %s", c.name)
		}
	}
}
