package scenario

import (
	"strings"
	"testing"
)

// The contact centre logs out who does nothing for 12 hours. A story that needs such an agent again
// is right, and its author is told.
func TestAnAgentWhoRestsForHalfADayIsToldOf(t *testing.T) {
	const call = "{call: k}, {ring: {agent: a, for: 1s}}, {finish: 1s}"
	const rested = "has done nothing for 13h; the contact centre logs agents out of ContactPad after 12h without activity"
	for _, c := range []struct{ name, steps, want string }{
		{"rung", call + ", {wait: 13h}, " + call, "ring: a " + rested},
		{"in several steps", call + ", {wait: 6h}, {wait: 7h}, " + call, "ring: a " + rested},
		{"who dials", call + ", {wait: 13h}, {dial: {agent: a, agent-ring: 1s, to: k, ring: 1s}}, {finish: 1s}", "dial: a " + rested},
		{"who comes back from lunch", "{presence: {agent: a, to: lunch}}, {wait: 13h}, {presence: {agent: a, to: ready}}", "presence: a " + rested},
		{"behind a long call", "{call: k}, {ring: {agent: a, for: 1s}}, {talk: 13h}, {finish: 1s}, {wait: 1h}, " + call, ""},
		{"a caller who waits long", call + ", {call: k}, {queue: 13h}, {ring: {agent: a, for: 1s}}, {finish: 1s}", "ring: a " + rested},
		{"another agent", call + ", {wait: 13h}, {call: k}, {ring: {agent: b, for: 1s}}, {finish: 1s}", ""},
		{"exactly so long", call + ", {wait: 12h}, " + call, ""},
		{"never needed again", call + ", {wait: 30h}", ""},
		{"not there before", "{wait: 13h}, " + call, ""},
		{"logged out", call + ", {presence: {agent: a, to: logged-out}}, {wait: 13h}, {presence: {agent: a, to: ready}}, " + call, ""},
		{"with something in between", call + ", {wait: 7h}, " + call + ", {wait: 7h}, " + call, ""},
		{"in rounds", "{repeat: {times: 2, steps: [" + call + ", {wait: 13h}]}}", "ring: a " + rested},
		{"perhaps", call + ", {wait: 13h, chance: 1%}, " + call, "ring: a " + rested},
		{"at least", call + ", {wait: 1h..30h}, " + call, ""},
	} {
		doc, err := ParseDocument("x.yaml", []byte("name: n\nstory: s\nassume: {agent-leg: ring}\nsteps: ["+c.steps+"]\n"))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		got := doc.Advice().Error()
		if _, what, found := strings.Cut(got, ": "); found {
			got = what
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
