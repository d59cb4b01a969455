package plan_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// author writes random scenarios. It knows how calls usually go and mostly keeps to it;
// now and then it writes whatever comes to mind.
type author struct {
	*rand.Rand
	lines []string
	begun int
	depth int
	folly float64 // how often a step is put where it may not belong
}

// scenario is a whole file.
func (a *author) scenario() string {
	a.line(0, "name: random")
	a.line(0, "story: Written at random.")
	if a.luck(0.4) {
		several := a.one("", "", ", at-once: {chat: 2}", ", at-once: {chat: 3, email: 2, case: 1}")
		a.line(0, "agents:")
		for i, name := range agentNames {
			a.line(1, name+": "+a.one("{wrap: 0s"+several+"}", "{wrap: none"+several+"}", "{no-answer: "+a.time()+"}", "{wrap: 2s, no-answer: 3s, after-no-answer: "+a.one("away", "ready", "lunch")+several+"}", "{wrap: "+a.time()+several+"}", fmt.Sprintf("{agentId: \"0%d\", wrap: 3s%s}", i, several)))
		}
	}
	if a.luck(0.2) {
		a.line(0, "assume: {workspace: "+a.one("any", "calls-only")+"}")
	}
	a.line(0, "steps:")
	for range 1 + a.IntN(3) {
		a.slip(1)
		a.wrapped(1, a.interaction)
	}
	return strings.Join(a.lines, "\n") + "\n"
}

var agentNames = []string{"alice", "bob", "carol", "dave"}

func (a *author) luck(p float64) bool { return a.Float64() < p }

func (a *author) one(of ...string) string { return of[a.IntN(len(of))] }

func (a *author) agent() string { return a.one(agentNames...) }

func (a *author) line(indent int, text string) {
	a.lines = append(a.lines, strings.Repeat("    ", indent)+text)
}

func (a *author) step(indent int, format string, args ...any) {
	a.line(indent, "- "+fmt.Sprintf(format, args...))
}

func (a *author) time() string {
	return a.one("0s", "1s", "1ms", "250ms", "2s..9s", "0s..1s", "{exponential: {mean: 3s}, max: 1m}",
		"{lognormal: {median: 2s, sigma: 0.5}}", "{choice: [0s, 1s, 4s]}", "{normal: {mean: 2s, sd: 3s}}", "{gamma: {shape: 0.7, scale: 2s}}")
}

// wrapped writes steps as they are, or within a choose, a repeat or a chance.
func (a *author) wrapped(indent int, steps func(int)) {
	switch {
	case a.luck(0.85):
		steps(indent)
	case a.luck(0.5):
		a.step(indent, "choose:")
		for range 1 + a.IntN(3) {
			a.line(indent+1, fmt.Sprintf("- weight: %d", 1+a.IntN(9)))
			a.line(indent+1, "  steps:")
			steps(indent + 2)
		}
	default:
		a.step(indent, "repeat:")
		a.line(indent+1, "times: "+a.one("1", "2", "0..2", "1..3"))
		a.line(indent+1, "steps:")
		steps(indent + 2)
	}
}

// interaction is one from its beginning to its end.
func (a *author) interaction(indent int) {
	a.begun++
	agent, party := a.agent(), fmt.Sprintf("party%d", a.begun)
	medium := a.one("call", "call", "call", "email", "chat", "case")
	if a.luck(0.1) {
		fails := a.one("", "", "", ", fails: busy", ", fails: rejected", ", fails: no-answer", ", then: no-answer", ", then: reject", ", then: reject, fails: busy", ", fails: busy, unexpected: "+a.time(), ", then: reject, unexpected: 4s")
		rings := a.one("", ", agent-ring: "+a.time())
		a.step(indent, "dial: {agent: %s%s, to: %s, ring: %s%s}", agent, rings, party, a.time(), fails)
		if strings.Contains(fails, "fails") && a.luck(0.5) {
			a.step(indent, "wrap: %s", a.time())
		}
		if fails == "" || a.luck(0.02) {
			a.step(indent, "talk: %s", a.time())
			a.end(indent, party)
		}
		return
	}
	switch {
	case a.luck(0.06):
		a.internal(indent, agent)
		return
	case a.luck(0.08):
		a.callback(indent, agent, party)
		return
	}
	if a.luck(0.05) { // whatever follows must suit both
		other := a.one("call", "email", "chat", "case")
		a.step(indent, "choose: [{weight: 1, steps: [{%s: %s}]}, {weight: 1, steps: [{%s: %s}]}]", medium, party, other, party)
		a.step(indent, "{wait: 1s, chance: 50%%}")
	} else {
		a.step(indent, "%s: %s", medium, party)
	}
	if strings.Contains(a.lines[len(a.lines)-1], "- "+medium) && a.begun > 1 && a.luck(0.2) {
		a.line(indent, "  conversation: same")
	}
	if a.luck(0.3) {
		a.step(indent, "queue: %s", a.time())
	}
	switch {
	case a.luck(0.06):
		a.step(indent, "abandon")
		return
	case medium == "call" && a.luck(0.06):
		a.step(indent, "voicemail: %s", a.time())
		a.step(indent, "hangup: %s", party)
		return
	case a.luck(0.06):
		a.step(indent, "ring: {agent: %s, for: %s, then: abandon}", agent, a.time())
		return
	}
	for a.luck(0.2) {
		a.step(indent, "ring: {agent: %s, for: %s, then: %s%s}", a.agent(), a.time(), a.one("no-answer", "reject"), a.one("", ", unexpected: "+a.time()))
	}
	a.step(indent, "ring: {agent: %s, for: %s}", agent, a.time())
	for range a.IntN(4) {
		a.slip(indent)
		a.middle(indent, medium, agent, party)
	}
	a.end(indent, party)
}

// callback is a call whose party asks to be called back, which may take several agents, or never happen.
func (a *author) callback(indent int, agent, party string) {
	a.step(indent, "call: {from: %s, callback: true%s}", party, a.one("", ", after: "+a.time()))
	if a.luck(0.2) {
		a.interaction(indent) // of somebody else, before it
	}
	if a.luck(0.5) {
		a.step(indent, "queue: %s", a.time())
	}
	for a.luck(0.4) {
		a.step(indent, "callback: {agent: %s, agent-ring: %s, then: %s%s}", a.agent(), a.time(), a.one("no-answer", "reject"), a.one("", ", unexpected: "+a.time()))
	}
	fails := a.one("", "", "", ", fails: busy", ", fails: no-answer")
	switch {
	case a.luck(0.2):
		if a.luck(0.5) {
			a.step(indent, "abandon")
		}
		return
	default:
		a.step(indent, "callback: {agent: %s%s%s%s}", agent, a.one("", ", agent-ring: "+a.time()), a.one("", ", ring: "+a.time()), fails)
	}
	if fails != "" {
		return
	}
	for range a.IntN(3) {
		a.middle(indent, "call", agent, party)
	}
	a.end(indent, party)
}

// internal is a call from an agent to another one.
func (a *author) internal(indent int, agent string) {
	other := agentNames[(a.IntN(3)+1+index(agent))%4]
	then := a.one("", "", "", ", then: no-answer", ", then: reject")
	a.step(indent, "internal: {from: %s%s, to: %s, ring: %s%s}", agent, a.one("", ", agent-ring: "+a.time()), other, a.time(), then)
	if then != "" {
		return
	}
	for range a.IntN(3) {
		a.middle(indent, "call", agent, other)
	}
	a.end(indent, a.one(agent, other))
}

// middle is something that may happen while an agent is connected.
func (a *author) middle(indent int, medium, agent, party string) {
	pass := map[string]string{"call": "talk"}[medium]
	if pass == "" {
		pass = "work"
	}
	other := agentNames[(a.IntN(3)+1+index(agent))%4]
	what := a.IntN(14)
	if medium != "call" && what > 4 && what != 9 && what != 7 && what != 10 && what < 12 && !a.luck(a.folly) {
		what = 3 // only calls become more than consultations
	}
	if medium == "chat" && (what == 7 || what == 10) && !a.luck(0.2) {
		what = 4
	}
	switch what {
	case 13:
		a.meanwhile(indent, medium, agent, party)
	case 0, 1:
		a.step(indent, "%s: %s", pass, a.time())
	case 2:
		a.step(indent, "{%s: %s, chance: %d%%}", pass, a.time(), a.IntN(101))
	case 3:
		a.away(indent, medium, agent)
	case 4:
		if who := a.whom(other, medium); strings.Contains(who, "ring") {
			a.step(indent, "consult: {%s, talk: %s%s}", who, a.time(), a.one("", "", ", then: reject", ", then: reject, unexpected: "+a.time()))
		} else {
			a.step(indent, "consult: {%s}", who)
		}
	case 5:
		if a.luck(0.3) {
			a.begun++
			a.step(indent, "conference: {number: party%d, ring: %s}", a.begun, a.time())
			a.step(indent, "%s", a.one("talk: 1s", "hold: {who: "+party+", for: 2s}", "leave: "+agent))
			a.step(indent, "hangup: %s", a.one(party, fmt.Sprintf("party%d", a.begun)))
			return
		}
		a.step(indent, "conference: {%s}", a.whom(other, medium))
		a.step(indent, "leave: %s", a.one(agent, other))
	case 6:
		then := a.one("", "", "", ", then: no-answer", ", then: reject")
		a.step(indent, "monitor: {agent: %s%s%s}", other, a.one("", ", ring: "+a.time()), then)
		if then != "" {
			return
		}
		for _, word := range []string{"coach", "join"} {
			if a.luck(0.4) {
				a.step(indent, "{%s: %s, chance: %d%%}", word, other, 10*a.IntN(11))
			}
		}
		if a.luck(0.5) {
			a.step(indent, "leave: %s", other)
		}
	case 7, 10:
		a.transfer(indent, medium, other, party)
	case 8, 11:
		a.alternate(indent, agent, other, party)
	case 9:
		a.step(indent, "repeat: {times: 0..2, steps: [{%s: %s}]}", pass, a.time())
	case 12:
		a.step(indent, "{presence: {agent: %s, to: %s}, chance: 50%%}", a.one(agent, other), a.one("ready", "away", "lunch", "ready-offline", "logged-out"))
	}
}

// transfer is of any kind; who has taken over does not matter to what follows.
func (a *author) transfer(indent int, medium, other, party string) {
	who := a.whom(other, medium)
	fails := a.one("", "", ", then: no-answer", ", then: reject", ", then: reject, unexpected: "+a.time())
	switch ring := strings.Contains(who, "ring"); {
	case !ring:
		a.step(indent, "transfer: {%s%s}", who, a.one("", ", kind: unassured-cold"))
		a.step(indent, "ring: {agent: %s, for: %s}", other, a.time())
	case a.luck(0.4):
		a.step(indent, "transfer: {%s, talk: %s, kind: warm%s}", who, a.time(), fails)
	case a.luck(0.5):
		a.step(indent, "transfer: {%s, kind: assured-cold%s}", who, fails)
	default:
		a.step(indent, "transfer: {%s, kind: unassured-cold%s}", who, fails)
		if fails != "" {
			a.step(indent, "%s", a.one("abandon", "ring: {agent: "+other+", for: 1s}", "queue: 2s", "hangup: "+party))
		}
	}
}

// whom says who is called in: a colleague, an outside party or a queue.
func (a *author) whom(other, medium string) string {
	kind := a.IntN(8)
	if kind < 2 && medium != "call" && !a.luck(a.folly) {
		kind = 2
	}
	switch kind {
	case 0, 1:
		a.begun++
		return fmt.Sprintf("number: party%d, ring: %s", a.begun, a.time())
	case 2:
		return fmt.Sprintf("queue: %s, agent: %s, ring: %s", a.time(), other, a.time())
	case 3:
		return "queue: " + a.time()
	}
	return fmt.Sprintf("agent: %s, ring: %s", other, a.time())
}

// alternate is a hold with a colleague, in which those on hold change; or one of a conference.
func (a *author) alternate(indent int, agent, other, party string) {
	if a.luck(0.3) {
		a.step(indent, "conference: {agent: %s, ring: %s}", other, a.time())
		a.step(indent, "hold: {who: %s, for: %s}", a.one(agent, other, party), a.time())
	} else {
		a.step(indent, "hold:")
		if a.luck(0.3) {
			a.lines[len(a.lines)-1] += fmt.Sprintf(" {who: %s, steps: [{ring: {agent: %s, for: %s}}, {alternate: %s}]}", party, other, a.time(), other)
			a.step(indent, "leave: %s", other)
			return
		}
		a.step(indent+1, "ring: {agent: %s, for: %s}", other, a.time())
		for range 1 + a.IntN(3) {
			a.step(indent+1, "alternate: %s", a.one(agent, other, other, party))
			a.step(indent+1, "{talk: %s, chance: %d%%}", a.time(), a.IntN(101))
		}
	}
	a.step(indent, "leave: %s", a.one(agent, other, other))
}

func index(agent string) int {
	for i, name := range agentNames {
		if name == agent {
			return i
		}
	}
	return 0
}

// meanwhile lets others begin beside an interaction, for the same agent or another one; its party may
// leave before theirs do.
func (a *author) meanwhile(indent int, medium, agent, party string) {
	if a.depth == 2 {
		return
	}
	a.depth++
	defer func() { a.depth-- }()
	a.step(indent, "meanwhile:")
	if medium == "call" || a.luck(0.3) {
		a.interaction(indent + 1)
		return
	}
	a.begun++
	word, other := a.one("chat", "chat", "email", "case"), fmt.Sprintf("party%d", a.begun)
	a.step(indent+1, "%s: %s", word, other)
	a.step(indent+1, "ring: {agent: %s, for: %s}", agent, a.time())
	for range a.IntN(3) {
		a.middle(indent+1, word, agent, other)
	}
	if a.luck(0.2) {
		a.step(indent+1, "hangup: %s", party)
		a.step(indent+1, "work: %s", a.time())
	}
	a.end(indent+1, other)
}

// away is a hold, park or interruption, perhaps with interactions of its own.
func (a *author) away(indent int, medium, agent string) {
	word := a.one("park", "interrupt")
	if medium == "call" {
		word = a.one("park", "hold")
	}
	if a.depth == 2 || a.luck(0.5) {
		a.step(indent, "%s: %s", word, a.time())
		return
	}
	a.depth++
	a.step(indent, "%s:", word)
	if word == "interrupt" {
		a.begun++
		a.step(indent+1, "call: party%d", a.begun)
		a.step(indent+1, "ring: {agent: %s, for: %s}", agent, a.time())
		caller := fmt.Sprintf("party%d", a.begun)
		a.middle(indent+1, "call", agent, caller)
		a.end(indent+1, caller)
	} else {
		a.interaction(indent + 1)
	}
	a.depth--
}

func (a *author) end(indent int, party string) {
	if a.luck(0.3) {
		a.step(indent, "finish: %s", a.time())
		return
	}
	a.step(indent, "hangup: %s", party)
	if a.luck(0.5) {
		a.step(indent, "wrap: %s", a.time())
	}
}

// slip now and then writes a step without a look at what goes on.
func (a *author) slip(indent int) {
	if !a.luck(a.folly) {
		return
	}
	a.step(indent, "%s", a.one("wait: "+a.time(), "talk: 1s", "work: 1s", "queue: 1s", "hold: 1s", "park: 1s", "interrupt: 1s",
		"abandon", "wrap: 1s", "leave: "+a.agent(), "hangup: party1", "voicemail: 2s", "finish: 1s",
		"call: stranger", "monitor: {agent: "+a.agent()+"}", "coach: "+a.agent(), "join: "+a.agent(), "callback: {agent: "+a.agent()+"}",
		"presence: {agent: "+a.agent()+", to: "+a.one("ready", "away", "break", "logged-out")+"}",
		"ring: {agent: "+a.agent()+", for: 1s}", "alternate: "+a.agent(), "hold: {who: "+a.agent()+", for: 1s}",

		`send: {id: "{{id}}", of: "{{conversationId}}"}`, `send: "{{time}} {{agentId alice}}"`))
}
