package expect

import (
	"encoding/json"
	"math"

	"github.com/ringback/ringback/internal/show"
)

// tolerance is how far a number may be off: durations may be counted in milliseconds.
const tolerance = 0.0011

// compare says how what was found differs from what is wanted, to be put behind the path;
// empty if it does not. All values that were found must be right.
func compare(found []any, want any) string {
	if len(found) == 0 {
		return " is not there, want " + shown(want)
	}
	for _, got := range found {
		if !equal(got, want) {
			return " is " + shown(got) + ", want " + shown(want)
		}
	}
	return ""
}

// equal compares values as encoding/json decodes them. Objects may have members besides
// those that are wanted.
func equal(got, want any) bool {
	switch w := want.(type) {
	case float64:
		g, ok := got.(float64)
		if w == math.Trunc(w) && g == math.Trunc(g) {
			return ok && g == w
		}
		return ok && math.Abs(g-w) <= tolerance
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for i := range w {
			if !equal(g[i], w[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		g, ok := got.(map[string]any)
		for name, value := range w {
			inner, there := g[name]
			if !there || !equal(inner, value) {
				return false
			}
		}
		return ok
	}
	return got == want
}

// shown is a value as short JSON.
func shown(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return "something else"
	}
	return show.Line(string(text), maxText)
}

// maxText is how long a text is shown, in characters: it comes from the consumer.
const maxText = 200
