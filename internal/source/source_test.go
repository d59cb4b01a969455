package source

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPlacesCountFromOneInCharacters(t *testing.T) {
	for _, c := range []struct {
		name, text string
		key        string
		want       Pos
	}{
		{"the first character", "a: 1\n", "a", Pos{1, 1}},
		{"behind a byte order mark", "\uFEFFa: 1\n", "a", Pos{1, 1}},
		{"behind wide characters", "{日本: 1, a: 2}\n", "a", Pos{1, 9}},
		{"on the third line of a CRLF file", "x: 1\r\ny: 2\r\na: 3\r\n", "a", Pos{3, 1}},
		{"behind single carriage returns", "x: 1\ra: 3\r", "a", Pos{2, 1}},
		{"behind a line separator", "x: 1\u2028a: 3\n", "a", Pos{2, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, root := Open("x.yaml", []byte(c.text))
			if root == nil {
				t.Fatal(f.Err())
			}
			for _, e := range f.Entries("the file", root) {
				if e.Key.Value != c.key {
					continue
				}
				if got := Of(e.Key); got != c.want {
					t.Errorf("got %v, want %v", got, c.want)
				}
				if problem := f.Errorf(Of(e.Key), "x"); !strings.Contains(problem.Line, c.key) {
					t.Errorf("the line is %q", problem.Line)
				}
				return
			}
			t.Fatalf("there is no key %s", c.key)
		})
	}
}

func TestMappingsBecomeJSONAsTheyAreWritten(t *testing.T) {
	for _, c := range []struct{ yaml, want string }{
		{`{b: 1, a: [true, null, ~, "1", 1.50, -0, 1e3]}`, `{"b":1,"a":[true,null,null,"1",1.50,-0,1e3]}`},
		{`{id: 0150, big: 12345678901234567890, hex: 0x10, plus: +5, day: 2024-01-02}`, `{"id":"0150","big":12345678901234567890,"hex":"0x10","plus":"+5","day":"2024-01-02"}`},
		{`{q: 'true', yes: yes, text: "a\"b\\c<>&\u2028\n"}`, `{"q":"true","yes":"yes","text":"a\"b\\c<>&\u2028\n"}`},
		{"{empty: , deep: {a: {b: []}}}", `{"empty":null,"deep":{"a":{"b":[]}}}`},
		{"a: |\n  two\n  lines\n", `{"a":"two\nlines\n"}`},
	} {
		f, root := Open("x.yaml", []byte(c.yaml))
		if root == nil {
			t.Fatal(f.Err())
		}
		if got := string(f.AppendJSON(nil, root)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.yaml, got, c.want)
		}
	}
}

func TestTheCaretStandsUnderItsPlace(t *testing.T) {
	long := strings.Repeat("0123456789", 30)
	for _, c := range []struct {
		name string
		Problem
		want string
	}{
		{"a plain line", Problem{Pos: Pos{1, 3}, Line: "abcd"}, "    abcd\n      ^"},
		{"tabs stay tabs", Problem{Pos: Pos{1, 4}, Line: "a\tbc"}, "    a\tbc\n     \t ^"},
		{"wide characters take two columns", Problem{Pos: Pos{1, 3}, Line: "日本x"}, "    日本x\n    \u3000\u3000^"},
		{"behind the end", Problem{Pos: Pos{1, 3}, Line: "ab"}, "    ab\n      ^"},
		{"what would steer a terminal is replaced", Problem{Pos: Pos{1, 3}, Line: "a\x1bb"}, "    a\uFFFDb\n      ^"},
		{"an empty line is not shown", Problem{Pos: Pos{1, 1}, Line: "  "}, ""},
		{"the start of a long line", Problem{Pos: Pos{1, 5}, Line: long}, "    " + long[:100] + "…\n        ^"},
		{"the middle of a long line", Problem{Pos: Pos{1, 150}, Line: long}, "    …" + long[90:190] + "…\n    " + strings.Repeat(" ", 60) + "^"},
		{"the end of a long line", Problem{Pos: Pos{1, 300}, Line: long}, "    …" + long[200:] + "\n    " + strings.Repeat(" ", 100) + "^"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, got, _ := strings.Cut(c.Detail(), "\n")
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			if _, column := window(c.Line, c.Column); c.Column <= len(c.Line) {
				part, _ := window(c.Line, c.Column)
				if []rune(part)[column-1] != []rune(c.Line + "  ")[c.Column-1] {
					t.Errorf("column %d of the cut line is another character", column)
				}
			}
		})
	}
}

func TestFaultsAreSortedAndUnwrapped(t *testing.T) {
	f, _ := Open("x.yaml", []byte("a: 1\nb: 2\n"))
	f.Errorf(Pos{2, 1}, "third")
	f.Errorf(Pos{1, 4}, "second")
	f.Errorf(Pos{1, 1}, "first").Hint = "a hint"
	problems := f.Err().(Problems)
	if want := "x.yaml:1:1: first\nx.yaml:1:4: second\nx.yaml:2:1: third"; problems.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", problems, want)
	}
	if got := len(problems.Unwrap()); got != 3 {
		t.Errorf("unwraps to %d errors, want 3", got)
	}
	if want := "x.yaml:1:1: first\n    a: 1\n    ^\n    hint: a hint\n"; !strings.HasPrefix(problems.Detail(), want) {
		t.Errorf("got\n%s\nwant it to begin with\n%s", problems.Detail(), want)
	}
	if clean, _ := Open("x.yaml", []byte("a: 1\n")); clean.Err() != nil {
		t.Errorf("a file without problems gives %v", clean.Err())
	}
}

func TestProblemsAreBounded(t *testing.T) {
	p := Problem{File: "x.yaml", What: "unknown step " + strings.Repeat("ü", 300_000)}
	if n := utf8.RuneCountInString(p.Error()); n > 1100 {
		t.Errorf("the problem has %d characters", n)
	}
}
