package plan_test

import (
	"strings"
	"testing"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
)

// presencesOf is what the agents of a story become and when, such as "7 alice Lunch".
func presencesOf(ns []plan.Notification) string {
	var all []string
	for i := range ns {
		if ns[i].Event.Type.Kind == event.PresenceChanged {
			all = append(all, strings.TrimSuffix(timeline(ns[i:i+1]), "presencechanged")+ns[i].Event.Presence.Description)
		}
	}
	return strings.Join(all, ", ")
}

func TestAPresenceTakesEffectWhenTheWorkIsOver(t *testing.T) {
	const call = "  - call: customer\n  - ring: {agent: alice, for: 1s}\n"
	const lunch = "  - presence: {agent: alice, to: lunch}\n"
	for _, c := range []struct{ name, steps, want string }{
		{"after-work by a step", call + lunch + "  - hangup: customer\n  - wrap: 9s\n", "10 alice Lunch"},
		{"after-work of the agent", call + lunch + "  - hangup: customer\n  - wait: 1s\nagents: {alice: {wrap: 9s}}\n", "10 alice Lunch"},
		{"no after-work", call + lunch + "  - hangup: customer\nagents: {alice: {wrap: none}}\n", "1 alice Lunch"},
		{"on hold", call + "  - hold: [{wait: 3s}, {presence: {agent: alice, to: lunch}}]\n  - finish: 0s\n", "4 alice Lunch"},
		{"parked, and something else", call + "  - park: [{presence: {agent: alice, to: lunch}}, {call: other}, {ring: {agent: alice, for: 1s}}, {finish: 2s}, {wait: 3s}]\n  - finish: 0s\n", "7 alice Lunch"},
		{"whoever leaves first", call + lunch + "  - transfer: {agent: bob, ring: 1s}\n  - presence: {agent: bob, to: away}\n  - talk: 5s\n  - hangup: customer\n", "2 alice Lunch, 7 bob Away"},
		{"a supervisor", call + "  - monitor: {agent: sam}\n  - presence: {agent: sam, to: lunch}\n  - talk: 4s\n  - leave: sam\n  - talk: 4s\n  - finish: 0s\n", "5 sam Lunch"},
		{"thought better of", "  - presence: {agent: alice, to: ready}\n" + call + lunch + "  - presence: {agent: alice, to: ready}\n  - finish: 0s\n", "0 alice Ready"},
		{"something else again", call + lunch + "  - presence: {agent: alice, to: away}\n  - finish: 0s\n  - presence: {agent: alice, to: ready}\n", "1 alice Away, 1.001 alice Ready"},
		{"while an offer is missed", call + lunch + "  - park: [{call: other}, {ring: {agent: alice, for: 1s, then: reject, unexpected: 3s}}, {abandon: }]\n  - finish: 0s\n", "5 alice Lunch"},
		{"missed, with a presence behind it, in between", "  - email: writer\n  - ring: {agent: alice, for: 1s}\n  - park: [{call: other}, {ring: {agent: alice, for: 1s, then: reject, unexpected: 3s}}, {abandon: }]\n  - work: 4s\n  - finish: 0s\nagents: {alice: {after-no-answer: away}}\n", "9 alice Away"},
		{"missed, with a presence behind it", "  - call: customer\n  - ring: {agent: alice, for: 1s, then: reject, unexpected: 3s}\n  - abandon\nagents: {alice: {after-no-answer: away}}\n", "4 alice Away"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := planned(t, story(t, c.steps), plan.Options{})
			ns := all(p)
			if got := presencesOf(ns); got != c.want {
				t.Errorf("got  %s\nwant %s\n%s", got, c.want, timeline(ns))
			}
			lawful(t, p, ns)
			judge(t, ns, false)
		})
	}
}

// What is assumed of those who dial shows in events alone: it makes no story right or wrong.
func TestWhoDialsIsBackWhereTheyWere(t *testing.T) {
	const dial = "  - dial: {agent: alice, agent-ring: 1s, to: customer, ring: 1s}\n"
	for _, c := range []struct{ name, steps, want string }{
		{"nothing is known", dial + "  - finish: 3s\n", "0 alice Ready (Offline), 5.001 alice Ready"},
		{"from away", "  - presence: {agent: alice, to: away}\n" + dial + "  - finish: 3s\n  - presence: {agent: alice, to: ready}\n", "0 alice Away, 0.001 alice Ready (Offline), 5.002 alice Away, 5.003 alice Ready"},
		{"from ready-outbound", "  - presence: {agent: alice, to: ready-outbound}\n" + dial + "  - finish: 3s\n", "0 alice Ready (Outbound)"},
		{"to what was intended", dial + "  - presence: {agent: alice, to: lunch}\n  - finish: 3s\n", "0 alice Ready (Offline), 5.001 alice Lunch"},
		{"and stays", dial + "  - presence: {agent: alice, to: ready-offline}\n  - finish: 3s\n", "0 alice Ready (Offline)"},
		{"the agent's phone is not answered", "  - dial: {agent: alice, agent-ring: 1s, then: no-answer, unexpected: 3s, to: customer, ring: 1s}\n", "0 alice Ready (Offline), 4.001 alice Ready"},
		{"twice", dial + "  - finish: 0s\n" + dial + "  - finish: 0s\n", "0 alice Ready (Offline), 2.001 alice Ready, 2.002 alice Ready (Offline), 4.003 alice Ready"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := planned(t, story(t, c.steps), plan.Options{Assume: set(t, "presence-on-dial=ready-offline")})
			ns := all(p)
			if got := presencesOf(ns); got != c.want {
				t.Errorf("got  %s\nwant %s\n%s", got, c.want, timeline(ns))
			}
			lawful(t, p, ns)
			judge(t, ns, false)
		})
	}
}
