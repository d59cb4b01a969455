package jsonpath_test

import (
	"encoding/json"
	"testing"

	"github.com/ringback/ringback/internal/jsonpath"
)

const sample = `{"phase":"ended","channels":[{"role":"external","seconds":{"held":30}},{"role":"agent"}],"a b":{"x":null}}`

func TestPathsLeadToValues(t *testing.T) {
	var value any
	if err := json.Unmarshal([]byte(sample), &value); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, path, want string }{
		{"a member", "$.phase", `["ended"]`},
		{"an element", "$.channels[1].role", `["agent"]`},
		{"the last element", "$.channels[-1].role", `["agent"]`},
		{"deeper", "$.channels[0].seconds.held", `[30]`},
		{"every element", "$.channels[*].role", `["external","agent"]`},
		{"what only one of them has", "$.channels[*].seconds.held", `[30]`},
		{"a name in quotes", `$["a b"].x`, `[null]`},
		{"no such member", "$.state", `null`},
		{"no such element", "$.channels[2]", `null`},
		{"no such element from the end", "$.channels[-3]", `null`},
		{"an element of what is no list", "$.phase[0]", `null`},
		{"a member of what is no object", "$.phase.x", `null`},
		{"the whole of it", "$", "[" + compact(t, value) + "]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := jsonpath.Parse(c.path)
			if err != nil {
				t.Fatal(err)
			}
			if got := compact(t, p.Find(value)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if p.String() != c.path {
				t.Errorf("it is written %s, want %s", p, c.path)
			}
		})
	}
}

func compact(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestWhatIsNoPathIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"phase":          `want a path such as $.channels[0].role, got "phase"`,
		"":               `want a path such as $.channels[0].role, got ""`,
		"$phase":         `path "$phase": want .name, [0], [-1], [*] or ["name"] at "phase"`,
		"$..role":        `path "$..role": want .name, [0], [-1], [*] or ["name"] at "..role"`,
		"$.a[?(@.x)]":    `path "$.a[?(@.x)]": want .name, [0], [-1], [*] or ["name"] at "[?(@.x)]"`,
		"$.a[1:2]":       `path "$.a[1:2]": want .name, [0], [-1], [*] or ["name"] at "[1:2]"`,
		"$.a[123456789]": `path "$.a[123456789]": want .name, [0], [-1], [*] or ["name"] at "[123456789]"`,
	} {
		if _, err := jsonpath.Parse(text); err == nil || err.Error() != want {
			t.Errorf("%q gives %v, want %s", text, err, want)
		}
	}
}
