package plan_test

import (
	"strings"
	"testing"

	"github.com/ringback/ringback/plan"
)

// The assumption held-channel is about outside parties on hold, in all steps that put one on hold.
// An agent on hold raises held on the agent's own channel, whatever the assumption says.
func TestWhoseChannelIsHeld(t *testing.T) {
	const call = "  - call: customer\n  - ring: {agent: alice, for: 0s}\n"
	customer := map[string]string{
		"customer": "customer held, customer retrieved",
		"agent":    "alice held, alice retrieved",
		"both":     "customer held, alice held, customer retrieved, alice retrieved",
	}
	same := func(all string) map[string]string {
		return map[string]string{"customer": all, "agent": all, "both": all}
	}
	for _, c := range []struct {
		steps string
		want  map[string]string
	}{
		{call + "  - hold: 1s\n  - hangup: customer\n", customer},
		{call + "  - hold: {who: customer, for: 1s}\n  - hangup: customer\n", customer},
		{call + "  - consult: {agent: bob, ring: 1s}\n  - hangup: customer\n", customer},
		{call + "  - consult: {agent: bob, ring: 1s, then: reject, unexpected: 0s}\n  - hangup: customer\n", customer},
		{call + "  - consult: {number: supplier, ring: 1s}\n  - hangup: customer\n", customer},
		{call + "  - consult: {queue: 1s}\n  - hangup: customer\n", customer},
		{call + "  - conference: {agent: bob, ring: 1s}\n  - hangup: customer\n", customer},
		{call + "  - transfer: {agent: bob, ring: 1s}\n  - hangup: customer\n", map[string]string{
			"customer": "customer held, customer retrieved",
			"agent":    "alice held, alice retrieved",
			"both":     "customer held, alice held, alice retrieved, customer retrieved"}},
		{call + "  - transfer: {agent: bob, ring: 1s, kind: unassured-cold}\n  - hangup: customer\n", same("")},
		{"  - chat: customer\n  - ring: {agent: alice, for: 0s}\n  - consult: {agent: bob, ring: 1s}\n  - finish: 0s\n", same("")},
		{"  - dial: {agent: alice, agent-ring: 0s, to: customer, ring: 0s}\n  - hold: 1s\n  - hangup: customer\n", map[string]string{
			"customer": "customer held, customer retrieved",
			"agent":    "alice held, alice retrieved",
			"both":     "alice held, customer held, alice retrieved, customer retrieved"}},
		{call + "  - hold: [{ring: {agent: bob, for: 1s}}, {alternate: bob}, {talk: 1s}]\n  - hangup: customer\n", map[string]string{
			"customer": "customer held, customer retrieved, bob held, bob retrieved",
			"agent":    "alice held, alice retrieved, bob held, bob retrieved",
			"both":     "customer held, alice held, customer retrieved, alice retrieved, bob held, bob retrieved"}},
		{call + "  - conference: {agent: bob, ring: 0s}\n  - hold: {who: bob, for: 1s}\n  - hangup: customer\n", map[string]string{
			"customer": "customer held, customer retrieved, bob held, bob retrieved",
			"agent":    "alice held, alice retrieved, bob held, bob retrieved",
			"both":     "customer held, alice held, customer retrieved, alice retrieved, bob held, bob retrieved"}},
		{"  - internal: {from: alice, agent-ring: 0s, to: bob, ring: 0s}\n  - hold: 1s\n  - hangup: bob\n", same("bob held, bob retrieved")},
		{"  - internal: {from: alice, agent-ring: 0s, to: bob, ring: 0s}\n  - consult: {agent: carol, ring: 1s}\n  - hangup: bob\n", same("bob held, bob retrieved")},
		{"  - internal: {from: alice, agent-ring: 0s, to: bob, ring: 0s}\n  - consult: {queue: 1s}\n  - hangup: alice\n", same("bob held, bob retrieved")},
		{"  - internal: {from: alice, agent-ring: 0s, to: bob, ring: 0s}\n  - consult: {queue: 1s, agent: carol, ring: 1s, talk: 1s}\n  - hangup: bob\n", same("bob held, bob retrieved")},
		{"  - internal: {from: alice, agent-ring: 0s, to: bob, ring: 0s}\n  - consult: {number: supplier, ring: 1s, talk: 1s}\n  - hangup: bob\n", same("bob held, bob retrieved")},
	} {
		sc := story(t, c.steps)
		for value, want := range c.want {
			var got []string
			for line := range strings.SplitSeq(timeline(pick(t, sc, plan.Options{Assume: set(t, "held-channel="+value)})), "\n") {
				if _, what, _ := strings.Cut(line, " "); strings.HasSuffix(what, " held") || strings.HasSuffix(what, " retrieved") {
					got = append(got, what)
				}
			}
			if all := strings.Join(got, ", "); all != want {
				t.Errorf("%s:\n%sgot  %s\nwant %s", value, c.steps, all, want)
			}
		}
	}
}
