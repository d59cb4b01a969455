package scenario

import (
	"errors"
	"regexp"
	"strings"
	"testing"
)

var agentsHint = regexp.MustCompile(`"(agents: \{.*\})"`)

// What the hint says, written into the file, lets the agent do both, and names no medium twice.
func TestTheHintOfLimitsMakesTheStoryPossible(t *testing.T) {
	for _, c := range []struct{ agents, first, second, want string }{
		{"", "chat", "chat", "agents: {alice: {at-once: {chat: 2}}}"},
		{"", "email", "email", "agents: {alice: {at-once: {email: 2}}}"},
		{"", "case", "case", "agents: {alice: {at-once: {case: 2}}}"},
		{"", "chat", "email", "agents: {alice: {at-once: {email: 2, chat: 2}}}"},
		{"", "case", "chat", "agents: {alice: {at-once: {chat: 2, case: 2}}}"},
		{"agents: {alice: {at-once: {chat: 3}}}", "chat", "email", "agents: {alice: {at-once: {email: 2, chat: 3}}}"},
		{"agents: {alice: {at-once: {chat: 3, case: 7}}}", "email", "case", "agents: {alice: {at-once: {email: 2, chat: 3, case: 7}}}"},
		{"agents: {alice: {at-once: {chat: 3}}}", "email", "email", "agents: {alice: {at-once: {email: 2, chat: 3}}}"},
		{"agents: {alice: {at-once: {chat: 1}}}", "chat", "chat", "agents: {alice: {at-once: {chat: 2}}}"},
	} {
		steps := "name: a\nstory: b\nsteps:\n  - " + c.first + ": a\n  - ring: {agent: alice, for: 1s}\n  - meanwhile:\n      - " + c.second +
			": b\n      - ring: {agent: alice, for: 1s}\n      - finish: 1s\n  - finish: 1s\n"
		_, err := Parse("x.yaml", []byte(steps+c.agents))
		var problems Problems
		if !errors.As(err, &problems) || len(problems) != 1 {
			t.Fatalf("%s, %s, then %s: got %v, want one problem", c.agents, c.first, c.second, err)
		}
		m := agentsHint.FindStringSubmatch(problems[0].Hint)
		if m == nil || m[1] != c.want {
			t.Errorf("%s, %s, then %s: the hint is %q, want %q", c.agents, c.first, c.second, problems[0].Hint, c.want)
			continue
		}
		if _, err := Parse("x.yaml", []byte(steps+m[1]+"\n")); err != nil {
			t.Errorf("%s, %s, then %s: with %s: %v", c.agents, c.first, c.second, m[1], strings.TrimSpace(err.Error()))
		}
	}
}
