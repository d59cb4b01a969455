package interop

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// storywriter writes random stories in all words of the language. It knows what a contact centre
// does, and nothing of the checker: who talks to whom is followed here once more.
type storywriter struct {
	*rand.Rand
	lines   []string
	parties int
	absent  map[string]bool // agents whom an offer or a presence step has made not ready
}

// write is a whole file.
func (w *storywriter) write(name string) string {
	w.lines, w.parties, w.absent = nil, 0, map[string]bool{}
	w.line(0, "name: "+name)
	w.line(0, "story: Written at random.")
	w.line(0, "agents:")
	w.line(1, "alice: {wrap: 2s, at-once: {chat: 3, email: 2, case: 2}}")
	w.line(1, "bob: {wrap: 1s..3s}")
	w.line(1, "carol: {wrap: 3s, no-answer: 20s}")
	w.line(1, "dave: {after-no-answer: "+w.one("away", "lunch", "logged-out")+"}")
	w.line(1, "sam: {wrap: none}")
	w.line(0, "steps:")
	for range 1 + w.IntN(3) {
		w.interaction(1)
		if w.IntN(3) == 0 {
			w.step(1, "wait: %s", w.time())
		}
	}
	return strings.Join(w.lines, "\n") + "\n"
}

func (w *storywriter) line(indent int, text string) {
	w.lines = append(w.lines, strings.Repeat("  ", indent)+text)
}

func (w *storywriter) step(indent int, format string, args ...any) {
	w.line(indent, "- "+fmt.Sprintf(format, args...))
}

func (w *storywriter) one(of ...string) string { return of[w.IntN(len(of))] }

// time is one second at least, so that what follows happens in another moment.
func (w *storywriter) time() string {
	return w.one("1s", "2s", "7s", "2s..9s", "{exponential: {mean: 20s}, min: 1s, max: 2m}", "{lognormal: {median: 4s, sigma: 0.5}, min: 1s}", "{choice: [1s, 4s]}")
}

func (w *storywriter) party() string {
	w.parties++
	return fmt.Sprintf("party%d", w.parties)
}

// two are two agents who are ready.
func (w *storywriter) two() (a, b string) {
	all := []string{"alice", "bob", "carol"}
	w.Shuffle(3, func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[0], all[1]
}

// interaction is one from its beginning to its end.
func (w *storywriter) interaction(indent int) {
	a, b := w.two()
	party := w.party()
	switch w.IntN(9) {
	case 0:
		w.step(indent, "dial: {agent: %s, agent-ring: %s, to: %s, ring: %s%s}", a, w.time(), party, w.time(), w.one(", then: no-answer", ", then: reject, unexpected: 3s", ", fails: busy", ", fails: rejected, unexpected: 1s..4s"))
		return
	case 1:
		w.step(indent, "dial: {agent: %s%s, to: %s, ring: %s}", a, w.one("", ", agent-ring: "+w.time()), party, w.time())
	case 2:
		w.step(indent, "call: {from: %s, callback: true%s}", party, w.one("", ", after: "+w.time()))
		w.step(indent, "queue: %s", w.time())
		if w.IntN(2) == 0 {
			w.step(indent, "callback: {agent: %s, agent-ring: %s, then: %s}", b, w.time(), w.one("no-answer", "reject"))
		}
		fails := w.one("", "", ", fails: busy", ", fails: no-answer, unexpected: 2s")
		if w.step(indent, "callback: {agent: %s%s, ring: %s%s}", a, w.one("", ", agent-ring: "+w.time()), w.time(), fails); fails != "" {
			return
		}
	case 3:
		w.internal(indent, a, b)
		return
	case 4, 5:
		w.other(indent, party)
		return
	default:
		w.step(indent, "call: %s", party)
		if !w.offer(indent, a, party) {
			return
		}
	}
	w.call(indent, a, b, party)
}

// offer rings until an agent answers, or ends the call before.
func (w *storywriter) offer(indent int, agent, party string) (answered bool) {
	w.step(indent, "queue: %s", w.time())
	switch w.IntN(8) {
	case 0:
		w.step(indent, "abandon")
		return false
	case 1:
		w.step(indent, "voicemail: %s", w.time())
		w.step(indent, "hangup: %s", party)
		return false
	case 2:
		w.step(indent, "ring: {agent: %s, for: %s, then: abandon}", agent, w.time())
		return false
	case 3:
		w.step(indent, "ring: {agent: carol, for: %s, then: %s%s}", w.time(), w.one("no-answer", "reject"), w.one("", ", unexpected: "+w.time()))
	case 4:
		if !w.absent["dave"] {
			w.step(indent, "ring: {agent: dave, for: %s, then: no-answer}", w.time())
			w.absent["dave"] = true
		}
	}
	w.step(indent, "ring: {agent: %s, for: %s}", agent, w.time())
	return true
}

// call is what happens in a call of an agent with a party, up to its end.
func (w *storywriter) call(indent int, a, b, party string) {
	back := "" // an agent who intends to go to lunch
	for range w.IntN(4) {
		switch w.IntN(12) {
		case 0:
			w.step(indent, "%s", w.one("talk: ", "hold: ", "park: ")+w.time())
		case 1:
			w.step(indent, "hold: {who: %s, for: %s}", party, w.time())
		case 2:
			w.step(indent, "consult: {agent: %s, ring: %s%s}", b, w.time(), w.one(", talk: "+w.time(), ", then: no-answer", ", then: reject, unexpected: 2s"))
		case 3:
			w.step(indent, "consult: {%s}", w.one("queue: "+w.time(), "queue: 2s, agent: "+b+", ring: 3s, talk: 4s", "number: "+w.party()+", ring: 2s, talk: 9s", "number: "+w.party()+", ring: 2s, then: reject"))
		case 4:
			other := w.party()
			w.step(indent, "conference: {number: %s, ring: %s}", other, w.time())
			w.step(indent, "talk: %s", w.time())
			w.step(indent, "hold: {who: %s, for: %s}", w.one(party, other), w.time())
			w.step(indent, "hangup: %s", other)
		case 5:
			w.step(indent, "conference: {agent: %s, ring: %s}", b, w.time())
			w.step(indent, "hold: {who: %s, for: %s}", w.one(party, a, b), w.time())
			w.leave(indent, b)
		case 6:
			w.step(indent, "hold: [{ring: {agent: %s, for: 2s}}, {talk: 5s}, {repeat: {times: 1..2, steps: [{alternate: %s}, {talk: 3s}, {alternate: %s}, {talk: 2s}]}}]", b, b, party)
			w.step(indent, "talk: %s", w.time())
			w.leave(indent, b)
		case 7:
			w.monitor(indent)
		case 8:
			if back == "" {
				w.step(indent, "presence: {agent: %s, to: %s}", a, w.one("lunch", "away", "ready-offline"))
				back = a
			}
		case 9:
			w.transfer(indent, b)
			a, b = b, a
			if back == b { // who is going to lunch, and is not rung any more
				w.step(indent, "talk: 3m")
				w.step(indent, "presence: {agent: %s, to: ready}", b)
				back = ""
			}
		case 10:
			other := w.party()
			w.step(indent, "transfer: {number: %s, ring: %s%s}", other, w.time(), w.one("", ", talk: 4s", ", kind: assured-cold", ", kind: unassured-cold"))
			w.step(indent, "talk: %s", w.time())
			w.step(indent, "hangup: %s", w.one(party, other))
			w.ready(indent, back)
			return
		case 11:
			w.step(indent, "choose: [{weight: 1, steps: [{talk: 3s}]}, {weight: 2, steps: [{hold: 4s}]}]")
			w.step(indent, "{talk: 2s, chance: 50%%}")
		}
	}
	if w.IntN(2) == 0 {
		w.step(indent, "finish: %s", w.time())
	} else {
		w.step(indent, "hangup: %s", party)
		w.step(indent, "wrap: %s", w.time())
	}
	w.ready(indent, back)
}

// leave lets an agent leave, with after-work.
func (w *storywriter) leave(indent int, agent string) {
	w.step(indent, "leave: %s", agent)
	w.step(indent, "wrap: %s", w.time())
}

// ready lets an agent come back who has gone to lunch behind a call.
func (w *storywriter) ready(indent int, agent string) {
	if agent != "" {
		w.step(indent, "wait: 5m")
		w.step(indent, "presence: {agent: %s, to: ready}", agent)
	}
}

func (w *storywriter) monitor(indent int) {
	then := w.one("", "", ", then: no-answer")
	w.step(indent, "monitor: {agent: sam, ring: %s%s}", w.time(), then)
	w.step(indent, "talk: %s", w.time())
	if then != "" {
		return
	}
	for _, word := range []string{"coach", "join"} {
		if w.IntN(2) == 0 {
			w.step(indent, "%s: sam", word)
			w.step(indent, "talk: %s", w.time())
		}
	}
	w.step(indent, "leave: sam")
}

// transfer hands over to another agent in one of its kinds, through a queue or not.
func (w *storywriter) transfer(indent int, to string) {
	wraps := true // who leaves before anybody answers wraps up at once
	switch w.IntN(3) {
	case 0:
		w.step(indent, "transfer: {agent: %s, ring: %s%s}", to, w.time(), w.one("", ", talk: 6s", ", kind: assured-cold"))
	case 1:
		w.step(indent, "transfer: {agent: %s, ring: %s, kind: unassured-cold}", to, w.time())
		wraps = false
	case 2:
		kind := w.one("", ", kind: assured-cold")
		w.step(indent, "transfer: {queue: %s, agent: %s, ring: %s%s}", w.time(), to, w.time(), kind)
		wraps = kind != ""
	}
	if wraps {
		w.step(indent, "wrap: %s", w.time())
	}
}

// internal is a call from one agent to another.
func (w *storywriter) internal(indent int, a, b string) {
	then := w.one("", "", ", then: no-answer", ", then: reject, unexpected: 2s")
	w.step(indent, "internal: {from: %s, agent-ring: %s, to: %s, ring: %s%s}", a, w.time(), b, w.time(), then)
	if then != "" {
		return
	}
	for range w.IntN(3) {
		switch w.IntN(3) {
		case 0:
			w.step(indent, "%s", w.one("talk: ", "hold: ")+w.time())
		case 1:
			w.step(indent, "consult: {%s}", w.one("number: "+w.party()+", ring: 2s, talk: 3s", "queue: 4s", "agent: sam, ring: 2s, talk: 3s"))
		case 2:
			w.monitor(indent)
		}
	}
	w.step(indent, "hangup: %s", w.one(a, b))
	w.step(indent, "wrap: %s", w.time())
}

// other is work other than calls, several at once or interrupted by a call.
func (w *storywriter) other(indent int, party string) {
	medium := w.one("email", "chat", "case")
	w.step(indent, "%s: %s", medium, party)
	w.step(indent, "queue: %s", w.time())
	w.step(indent, "ring: {agent: alice, for: %s}", w.time())
	w.step(indent, "work: %s", w.time())
	for range w.IntN(3) {
		other := w.party()
		switch w.IntN(4) {
		case 0:
			w.step(indent, "%s", w.one("park: ", "interrupt: ", "work: ")+w.time())
		case 1:
			w.step(indent, "meanwhile:")
			w.step(indent+2, "%s: %s", w.one("chat", "email", "case"), other)
			w.step(indent+2, "ring: {agent: alice, for: %s}", w.time())
			w.step(indent+2, "work: %s", w.time())
			w.step(indent+2, "hangup: %s", other)
			w.step(indent+2, "wrap: %s", w.time())
		case 2:
			w.step(indent, "interrupt:")
			w.step(indent+2, "call: %s", other)
			w.step(indent+2, "ring: {agent: alice, for: %s}", w.time())
			w.step(indent+2, "talk: %s", w.time())
			w.step(indent+2, "hangup: %s", other)
			w.step(indent+2, "wrap: %s", w.time())
		case 3:
			w.step(indent, "consult: {agent: bob, ring: 2s, talk: 3s}")
		}
		w.step(indent, "work: %s", w.time())
	}
	w.step(indent, "finish: %s", w.time())
}
