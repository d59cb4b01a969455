package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario"
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

// Whoever changes the presence in wrap or in No Answer keeps nobody waiting: channels go on as if the step were
// not there. It ends No Answer.
func TestAPresenceKeepsNobodyWaiting(t *testing.T) {
	const call = "  - call: customer\n"
	const missed = call + "  - ring: {agent: bob, for: 20s, then: no-answer, unexpected: 3s}\n"
	const lunch = "  - presence: {agent: bob, to: lunch}\n"
	for _, c := range []struct{ name, before, after, presences string }{
		{"an offer behind it", missed, "  - ring: {agent: alice, for: 2s}\n  - talk: 20s\n  - hangup: customer\nagents: {alice: {}, bob: {no-answer: 5m}}\n", "23 bob Lunch"},
		{"in the middle of another one's talk", missed + "  - ring: {agent: alice, for: 2s}\n  - talk: 20s\n", "  - talk: 20s\n  - hangup: customer\nagents: {alice: {}, bob: {no-answer: 5m}}\n", "42 bob Lunch"},
		{"another presence would follow", missed, "  - ring: {agent: alice, for: 2s}\n  - talk: 20s\n  - hangup: customer\nagents: {alice: {}, bob: {no-answer: 5m, after-no-answer: break}}\n", "23 bob Lunch"},
		{"in wrap", call + "  - ring: {agent: bob, for: 2s}\n  - transfer: {agent: alice, ring: 4s}\n", "  - talk: 20s\n  - hangup: customer\nagents: {alice: {}, bob: {wrap: 3m}}\n", "186 bob Lunch"},
		{"in wrap, and thought better of", call + "  - ring: {agent: bob, for: 2s}\n  - transfer: {agent: alice, ring: 4s}\n  - presence: {agent: bob, to: away}\n  - talk: 3s\n", "  - talk: 20s\n  - hangup: customer\nagents: {alice: {}, bob: {wrap: 3m}}\n", "186 bob Lunch"},
	} {
		t.Run(c.name, func(t *testing.T) {
			channels := func(steps string) (text, presences string) {
				p := planned(t, story(t, steps), plan.Options{})
				ns := all(p)
				lawful(t, p, ns)
				judge(t, ns, false)
				presences = presencesOf(ns)
				return timeline(slices.DeleteFunc(ns, func(n plan.Notification) bool { return n.Event.Type.Kind == event.PresenceChanged })), presences
			}
			without, _ := channels(c.before + c.after)
			with, presences := channels(c.before + lunch + c.after)
			if with != without || presences != c.presences {
				t.Errorf("%s, want %s; channels\n%s\nwant\n%s", presences, c.presences, with, without)
			}
		})
	}
	for _, behind := range []string{"logged-out", "break", "lunch", "ready-outbound"} { // the agent acts before that
		for _, again := range []string{"ready", "lunch"} {
			for _, stays := range []string{"5m", "10s..3m", "1s"} {
				sc, err := scenario.Parse("x.yaml", []byte("name: x\nstory: X.\nagents: {alice: {}, bob: {no-answer: "+stays+", after-no-answer: "+behind+"}}\nsteps:\n  - presence: {agent: bob, to: ready}\n"+
					missed+"  - presence: {agent: bob, to: "+again+"}\n  - ring: {agent: alice, for: 2s}\n  - talk: 30s\n  - hangup: customer\n"))
				if err != nil {
					continue // it is that already, or logged out: the check is stricter than it need be
				}
				for seed := range uint64(10) {
					ns := all(planned(t, sc, plan.Options{Seed: seed}))
					judge(t, ns, false)
				}
			}
		}
	}
	_, err := scenario.Parse("x.yaml", []byte("name: x\nstory: X.\nsteps:\n"+call+"  - ring: {agent: bob, for: 2s}\n  - transfer: {agent: alice, ring: 4s}\n"+
		"  - presence: {agent: bob, to: logged-out}\n  - talk: 5m\n  - presence: {agent: bob, to: lunch}\n  - hangup: customer\nagents: {alice: {}, bob: {wrap: 3m}}\n"))
	if err == nil || !strings.Contains(err.Error(), "bob is logged out, and who logs in") {
		t.Errorf("lunch directly behind logged out: got %v", err)
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
