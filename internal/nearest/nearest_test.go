package nearest

import "testing"

func TestTheNearestWord(t *testing.T) {
	known := []string{"call", "hold", "transfer", "talk", "ring", "v1", "figure1"}
	for _, c := range []struct{ name, typed, want string }{
		{"the word itself", "hold", "hold"},
		{"another case", "HOLD", "hold"},
		{"a letter missing", "hld", "hold"},
		{"a letter too many", "holdd", "hold"},
		{"a letter changed", "hild", "hold"},
		{"two neighbours swapped", "hodl", "hold"},
		{"two mistakes in a long word", "transver_", "transfer"},
		{"three mistakes in a long word", "tranzveer", "transfer"},
		{"four mistakes", "tronzveera", ""},
		{"a short word may have one mistake", "rng", "ring"},
		{"nothing in common", "banana", ""},
		{"one letter", "x", ""},
		{"nothing", "", ""},
		{"of two that are as close, the one that begins alike", "tall", "talk"},
		{"else the first", "xall", "call"},
		{"another number", "v3", ""},
		{"another number in a long word", "figure8", "figure1"},
		{"wide letters", "höld", "hold"},
		{"a very long word", string(make([]byte, 1000)), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Word(c.typed, known); got != c.want {
				t.Errorf("%q: got %q, want %q", c.typed, got, c.want)
			}
		})
	}
	if got := Word("hold", nil); got != "" {
		t.Errorf("of no words got %q", got)
	}
}

func TestOneOfSomeWords(t *testing.T) {
	known := []string{"text", "json", "quiet"}
	for typed, want := range map[string]string{"json": "", "jsno": `want text, json or quiet, got "jsno" (did you mean "json"?)`, "x": `want text, json or quiet, got "x"`} {
		got := ""
		if err := OneOf(typed, known); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", typed, got, want)
		}
	}
}

func TestThePhrase(t *testing.T) {
	if got, want := DidYouMean("cal", []string{"call"}), ` (did you mean "call"?)`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := DidYouMean("banana", []string{"call"}); got != "" {
		t.Errorf("got %q, want nothing", got)
	}
}

// Distances are the same in both directions, and keep the triangle.
func TestDistancesAreDistances(t *testing.T) {
	words := []string{"", "a", "ab", "ba", "abc", "acb", "hold", "hodl", "gold", "transfer", "v1", "v2", "12", "21"}
	for _, a := range words {
		for _, b := range words {
			d := distance(a, b)
			if d != distance(b, a) || (d == 0) != (a == b) {
				t.Errorf("%q to %q is %d, and back %d", a, b, d, distance(b, a))
			}
			if least, most := max(len(a), len(b))-min(len(a), len(b)), max(len(a), len(b)); d < least || d > most {
				t.Errorf("%q to %q is %d, want %d to %d", a, b, d, least, most)
			}
		}
	}
}

func TestPatternsOfEventTypes(t *testing.T) {
	for pattern, want := range map[string]string{
		"*": "", "channel.*": "", "channel.held.v0": "", "*.v1": "",
		"channel.held":    `"channel.held" selects no event type (did you mean "channel.held.*"?)`,
		"chanel.held.v1":  `"chanel.held.v1" selects no event type (did you mean "channel.held.v1"?)`,
		"Channel.*":       `"Channel.*" selects no event type (did you mean "channel.*"?)`,
		"chanel.*":        `"chanel.*" selects no event type (did you mean "channel.*"?)`,
		"channel.holds.*": `"channel.holds.*" selects no event type (did you mean "channel.held.*"?)`,
		"foo":             `"foo" selects no event type`,
		"":                `"" selects no event type`,
	} {
		got := ""
		if err := EventType(pattern); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", pattern, got, want)
		}
	}
}
