package plan_test

import (
	"strings"
	"testing"

	"github.com/ringback/ringback/plan"
)

// A transfer to a queue waits for an agent of the pool: until one is free, or the patience ends. The
// first agent leaves at once, and may be the one who comes.
func TestATransferToAQueueWaitsForThePool(t *testing.T) {
	sc := parse(t, "name: s\nstory: s.\nagents: {alice: {wrap: 10s}, bob: {wrap: 0s}}\nsteps:\n  - call: customer\n  - ring: {agent: alice, for: 1s}\n  - talk: 5s\n"+
		"  - transfer: {queue: 3s, agent: bob, ring: 2s}\n  - talk: 4s\n  - hangup: customer\n")
	const began = "0 customer alerted\n0 customer connected\n0 alice alerted\n1 alice connected\n6 alice disconnected\n6 alice wrapstarted\n"
	for _, c := range []struct {
		agents         int
		patience, want string
	}{
		{1, "", began + "16 alice ended\n16 bob alerted\n18 bob connected\n22 customer disconnected\n22 customer ended\n22 bob disconnected\n22 bob wrapstarted\n22 bob ended"},
		{1, "2s", began + "8 customer disconnected\n8 customer ended\n16 alice ended"},
		{2, "2s", began + "6 bob alerted\n8 bob connected\n12 customer disconnected\n12 customer ended\n12 bob disconnected\n12 bob wrapstarted\n12 bob ended\n16 alice ended"},
	} {
		pool := &plan.Pool{Count: c.agents}
		if c.patience != "" {
			pool.Patience = spanOf(t, c.patience)
		}
		p := planned(t, sc, plan.Options{Pool: pool})
		ns := all(p)
		if got := timeline(ns); got != c.want {
			t.Errorf("%d agents, patience %q: got\n%s\nwant\n%s", c.agents, c.patience, got, c.want)
		}
		lawful(t, p, ns)
		judge(t, ns, true)
		w := p.Walk()
		for range w.Notifications() {
		}
		if f := w.Activity(); f.Offered != f.Answered+f.Abandoned {
			t.Errorf("%d agents, patience %q: %d offers, %d answered, %d abandoned", c.agents, c.patience, f.Offered, f.Answered, f.Abandoned)
		}
	}
}

// Who consults in a call between agents, through a queue or not, talks to whom comes, and nobody else
// hears of it; whoever waits for nobody has only waited.
func TestAConsultationInACallBetweenAgents(t *testing.T) {
	const internal = "  - internal: {from: alice, agent-ring: 1s, to: bob, ring: 1s}\n"
	const began = "0 alice alerted\n1 alice connected\n1 bob alerted\n2 bob connected\n2 bob held\n"
	for _, c := range []struct{ consult, want string }{
		{"{queue: 3s}", "5 bob retrieved\n"},
		{"{queue: 3s, agent: carol, ring: 2s, talk: 4s}", "5 carol alerted\n7 carol connected\n11 carol disconnected\n11 carol wrapstarted\n11 bob retrieved\n11 carol ended\n"},
		{"{queue: 3s, agent: carol, ring: 2s, then: reject, unexpected: 1s}", "5 carol alerted\n7 carol connectionfailed\n7 bob retrieved\n8 carol ended\n"},
		{"{number: supplier, ring: 2s, talk: 4s}", "2 supplier alerted\n4 supplier connected\n8 supplier disconnected\n8 supplier ended\n8 bob retrieved\n"},
	} {
		p := planned(t, story(t, internal+"  - consult: "+c.consult+"\n  - talk: 3s\n  - hangup: bob\n"), plan.Options{})
		ns := all(p)
		if got := timeline(ns); !strings.HasPrefix(got+"\n", began+c.want) {
			t.Errorf("%s: got\n%s\nwant it to begin with\n%s", c.consult, got, began+c.want)
		}
		lawful(t, p, ns)
		judge(t, ns, false)
	}
}

// After-work counts for the limits of at-once: what it leaves room for begins meanwhile, and anything
// else waits until it is over.
func TestAfterWorkCountsForWhatGoesOnAtOnce(t *testing.T) {
	for _, c := range []struct {
		limits, first, second string
		alerted               string // when the second one is offered: the first one's wrap lasts from 1 to 11
	}{
		{"", "chat", "chat", "11"},
		{", at-once: {chat: 1}", "chat", "chat", "11"},
		{", at-once: {chat: 2}", "chat", "chat", "1"},
		{", at-once: {chat: 2}", "chat", "email", "11"},
		{", at-once: {email: 2}", "chat", "email", "11"}, // chats are not among what goes on side by side
		{", at-once: {chat: 1, email: 1}", "chat", "email", "1"},
		{", at-once: {chat: 1, email: 1}", "email", "case", "11"},
		{", at-once: {chat: 1}", "call", "chat", "1"},
		{", at-once: {chat: 3}", "call", "case", "11"},
		{", at-once: {chat: 3}", "chat", "call", "11"},
		{", at-once: {chat: 3}", "call", "call", "11"},
	} {
		ends := func(medium, who string) string {
			if medium == "email" || medium == "case" {
				return "  - finish: 10s\n"
			}
			return "  - hangup: " + who + "\n"
		}
		sc := parse(t, "name: s\nstory: s.\nagents: {alice: {wrap: 10s"+c.limits+"}}\nsteps:\n  - "+c.first+": ann\n  - ring: {agent: alice, for: 1s}\n"+ends(c.first, "ann")+
			"  - "+c.second+": ben\n  - ring: {agent: alice, for: 1s}\n"+ends(c.second, "ben"))
		p := planned(t, sc, plan.Options{})
		ns := all(p)
		var alerted []string
		for line := range strings.SplitSeq(timeline(ns), "\n") {
			if at, what, _ := strings.Cut(line, " "); what == "alice alerted" {
				alerted = append(alerted, at)
			}
		}
		if got := strings.Join(alerted, ", "); got != "0, "+c.alerted {
			t.Errorf("%s, then %s, with the limits %q: alice is alerted at %s, want at 0, %s", c.first, c.second, c.limits, got, c.alerted)
		}
		lawful(t, p, ns)
		judge(t, ns, false)
	}
}

// An agent of the pool stays in the presence in which a story has left the agent. Who is needed again
// becomes ready first, and a presence that has not changed raises no event.
func TestPresencesInAPoolOutliveAConversation(t *testing.T) {
	for _, c := range []struct{ name, before, after, want string }{
		{"left at lunch", "", "  - presence: {agent: alice, to: lunch}\n", "1 alice Lunch, 10 alice Ready, 11 alice Lunch, 20 alice Ready, 21 alice Lunch"},
		{"who comes back", "", "  - presence: {agent: alice, to: lunch}\n  - wait: 3s\n  - presence: {agent: alice, to: ready}\n", "1 alice Lunch, 4 alice Ready, 11 alice Lunch, 14 alice Ready, 21 alice Lunch, 24 alice Ready"},
		{"who is ready in any case", "  - presence: {agent: alice, to: ready}\n", "", "0 alice Ready"},
		{"who comes back at the beginning", "  - presence: {agent: alice, to: ready}\n", "  - presence: {agent: alice, to: away}\n", "0 alice Ready, 1 alice Away, 10 alice Ready, 11 alice Away, 20 alice Ready, 21 alice Away"},
		{"who is never told of", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc := story(t, c.before+"  - call: customer\n  - ring: {agent: alice, for: 1s}\n  - hangup: customer\n"+c.after)
			o := plan.Options{Count: 3, Calls: rate(t, "6/m"), Pool: &plan.Pool{Count: 1}}
			p := planned(t, sc, o)
			ns := all(p)
			if got := presencesOf(ns); got != c.want {
				t.Errorf("got  %s\nwant %s\n%s", got, c.want, timeline(ns))
			}
			lawful(t, p, ns)
			judge(t, ns, false)
			remembers(t, p, ns)
			sharded(t, sc, o, ns)
		})
	}
}
