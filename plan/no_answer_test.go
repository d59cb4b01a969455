package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/plan"
)

// An agent who missed an offer is not offered anything until No Answer is over, which is when the
// channel ends, or when the agent's own time is; then the presence may be another one.
func TestAnAgentInNoAnswerIsOfferedNothing(t *testing.T) {
	const missed = "  - call: customer\n  - ring: {agent: alice, for: 1s, then: no-answer, unexpected: 3s}\n"
	const again = "  - ring: {agent: alice, for: 1s}\n  - finish: 0s\n"
	for _, c := range []struct{ name, steps, want string }{
		{"the channel lasts", missed + again, "1 connectionfailed, 4 ended, 4 alerted, 5 connected"},
		{"the agent takes longer", missed + again + "agents: {alice: {no-answer: 9s}}\n", "1 connectionfailed, 4 ended, 10 alerted, 11 connected"},
		{"the agent takes less", missed + again + "agents: {alice: {no-answer: 1s}}\n", "1 connectionfailed, 4 ended, 4 alerted, 5 connected"},
		{"ready is what the agent was", missed + again + "agents: {alice: {after-no-answer: ready}}\n", "1 connectionfailed, 4 ended, 4 alerted, 5 connected"},
		{"another presence", missed + "  - wait: 9s\n  - presence: {agent: alice, to: ready}\n" + again + "agents: {alice: {no-answer: 6s, after-no-answer: logged-out}}\n",
			"1 connectionfailed, 4 ended, 7 Logged Out, 10 Ready, 10.001 alerted, 11.001 connected"},
		{"nothing lasts", strings.Replace(missed, "3s", "0s", 1) + again, "1 connectionfailed, 1 ended, 1 alerted, 2 connected"},
		{"a presence waits, too", missed + "  - presence: {agent: alice, to: away}\n  - abandon\n", "1 connectionfailed, 4 ended, 4 Away"},
		{"the customer is gone", missed + "  - abandon\n", "1 connectionfailed, 4 ended"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := planned(t, story(t, c.steps), plan.Options{})
			ns := all(p)
			var got []string
			for i := range ns {
				if ns[i].Name == "alice" {
					what := strings.TrimPrefix(strings.Fields(timeline(ns[i : i+1]))[2], "alice ")
					if what == "presencechanged" {
						what = ns[i].Event.Presence.Description
					}
					got = append(got, strings.Fields(timeline(ns[i : i+1]))[0]+" "+what)
				}
			}
			if all := strings.Join(got, ", "); !strings.HasPrefix(strings.TrimPrefix(all, "0 alerted, "), c.want) {
				t.Errorf("got  %s\nwant %s", all, c.want)
			}
			lawful(t, p, ns)
			judge(t, ns, false)
		})
	}
}

// A pool does not give an agent who is in No Answer to another conversation.
func TestAnAgentOfAPoolInNoAnswerIsNotDrawn(t *testing.T) {
	missed := "  - call: customer\n  - ring: {agent: alice, for: 1s, then: no-answer, unexpected: 3s}\n  - abandon\n"
	for agents, want := range map[string]string{"": "0 4 8", "agents: {alice: {no-answer: 6s}}\n": "0 7 14"} {
		p := planned(t, story(t, missed+agents), plan.Options{Count: 3, Calls: rate(t, "1000/s"), Pool: &plan.Pool{Count: 1}})
		_, _, at := alerts(all(p))
		var got []string
		for _, moment := range at {
			got = append(got, strings.TrimSuffix(moment.Truncate(1e9).String(), "s"))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%sthe agent is rung at %v, want %s", agents, at, want)
		}
	}
}

// Whoever drives a conversation is told when a channel that did not connect ends by itself.
func TestALiveConversationTellsWhatLapses(t *testing.T) {
	w := newWalk(t, plan.LiveOptions{Seed: 1, Start: dawn, Agents: liveAgents(), Assume: set(t, "unexpected-time=2s..4s")})
	for _, c := range []struct{ step, party string }{
		{"ring alice", ""}, {"reject", "alice"}, {"ring bob", "alice"}, {"reject", "alice"}, {"finish alice", "bob"}, {"finish bob", ""}, {"hangup", ""},
	} {
		w.steps(t, c.step)
		at, party, waits := w.Lapse()
		if party != c.party || waits != (c.party != "") {
			t.Errorf("behind %s: %s lapses, want %q", c.step, party, c.party)
		}
		if after := at.Sub(dawn); c.step == "reject" && party == "alice" && (after < 4*time.Second || after > 6*time.Second) {
			t.Errorf("behind %s it lapses after %s, want 2s to 4s behind the second step", c.step, after)
		}
	}
}

// By assumption, a call by hand that reaches nobody has no after-work.
func TestALiveCallInVainMayHaveNoWrap(t *testing.T) {
	w := newWalk(t, plan.LiveOptions{Seed: 1, Start: dawn, Agents: liveAgents(), Dial: "alice", Assume: set(t, "failed-dial-wrap=none", "unexpected-time=0s")})
	w.steps(t, "answer alice", "reject customer")
	if got, want := allOf(w.ns[3:]), "customer connectionfailed, customer ended, alice disconnected, alice ended"; got != want || !w.Over() {
		t.Errorf("got  %s, over: %v\nwant %s", got, w.Over(), want)
	}
}
