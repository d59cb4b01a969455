package story

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ringback/ringback/event"
)

// This file has the refusals about an interaction that is going on.

func (s *State) forbidsWait(word string, cur *interaction) *Refusal {
	isCall := cur.medium() == "call"
	agents := s.count(cur.ordinal, present)
	held := s.blockOver(cur.ordinal) != nil
	switch {
	case word == "queue" && agents > 0:
		return problem("queue: an agent is connected already (%s)", state(cur)).hint(`use "talk" or "work" while an agent is connected, "wait" at any time`)
	case word == "queue" && s.count(cur.ordinal, talksOutside) > 1:
		return s.nobody(word, cur)
	case word == "queue":
		return nil
	case word == "talk" && !isCall:
		return problem("talk: this is %s (line %d)", cur.article(), cur.begun.Pos.Line).hint(`use "work" for time on other work than calls`)
	case word == "work" && isCall:
		return problem("work: this is a call (line %d)", cur.begun.Pos.Line).hint(`use "talk" for time on a call`)
	case agents == 0 && s.talkers(cur.ordinal) < 2:
		return s.nobody(word, cur)
	case word == "talk" && !held && s.talkers(cur.ordinal) < 2:
		return problem("talk: %s is alone on this call (line %d)", s.customer(cur), cur.begun.Pos.Line).
			hint(`use "wait", or ring somebody first`)
	case word == "talk" && held && s.talkers(cur.ordinal) < 2:
		return problem("talk: the call is on hold since line %d, and the agent is alone", s.blockOver(cur.ordinal).step.Pos.Line).
			hint(`use "wait", or ring a colleague first`)
	}
	return nil
}

func (s *State) forbidsBlock(op *Op, cur *interaction) *Refusal {
	word := op.Step.Word
	isCall, calls := cur.medium() == "call", op.Code == Hold || op.Code == HandOver // calls somebody in
	if b := s.blockOver(cur.ordinal); b != nil && b.code == Hold {
		return problem("%s: the call is on hold since line %d already", word, b.step.Pos.Line)
	}
	switch {
	case op.Code == Hold && !isCall && word == "hold":
		return problem("hold: only calls go on hold; this is %s (line %d)", cur.article(), cur.begun.Pos.Line).
			hint("park it")
	case calls && !s.rules.May(word, cur.medium()):
		return s.forbidsMedium(word, cur)
	case !isCall && calls && op.Step.Name != "":
		return problem("%s: only calls can be dialled further; this is %s (line %d)", word, cur.article(), cur.begun.Pos.Line).
			hint("name a colleague, for example \"%s: {agent: bob, ring: 5s}\"", word)
	case (op.Code == AwaitInterrupt || op.Code == InterruptBegin) && isCall:
		return problem("interrupt: only other work is interrupted; this is a call (line %d)", cur.begun.Pos.Line).
			hint("put the call on hold, or park it")
	case op.Code == MeanwhileBegin: // even while it waits
		return nil
	case s.count(cur.ordinal, present) == 0:
		return s.nobody(word, cur)
	case calls && s.count(cur.ordinal, func(c *Channel) bool { return talks(c) && s.isOther(cur, c) }) == 0:
		return problem("%s: %s is alone on this call (line %d)", word, s.customer(cur), cur.begun.Pos.Line).hint("ring somebody first")
	case op.Code == Hold && word == "hold":
		return s.forbidsHolding(op, cur)
	case op.Code == HandOver && op.Step.Agent == s.prog.Parties[s.firstAgent(cur.ordinal).Party].Name:
		return problem("transfer: %s cannot transfer the %s to %s", op.Step.Agent, cur.medium(), op.Step.Agent).
			hint("name a colleague, or a queue")
	case calls && s.count(cur.ordinal, talksOutside) > 1:
		return s.forbidsSeveral(word, cur, `let one of them go first, for example "hangup: %s"`)
	case op.Code == AwaitInterrupt && !brings(s.prog.Parties[s.firstAgent(cur.ordinal).Party].Name, op.Step.Steps):
		return problem("interrupt: nothing in these steps takes the agent away").
			hint(`ring the agent for another interaction in there; a break of the agent's own choice is "park: 2m"`)
	}
	return nil
}

// forbidsMedium says what the workspace does not do with a medium.
func (s *State) forbidsMedium(word string, i *interaction) *Refusal {
	at := fmt.Sprintf("this is %s (line %d)", i.article(), i.begun.Pos.Line)
	switch {
	case word == "conference":
		return problem("conference: only calls become conferences; %s", at).hint(`a colleague may be asked: "consult: {agent: bob, ring: 5s, talk: 30s}"`)
	case s.rules.Workspace == "calls-only":
		return problem("%s: in this workspace agents only consult about and transfer calls; %s", word, at).
			hint(`"assume: {workspace: any}" in the file allows it`)
	}
	return problem("%s: in ContactPad agents consult about chats, but do not transfer them; %s", word, at).
		hint(`ask the colleague: "consult: {agent: bob, ring: 5s, talk: 30s}"; or "assume: {workspace: any}" in the file allows it, as earlier versions did`)
}

// brings reports whether steps bring an agent into another interaction, on any path.
func brings(agent string, steps []Step) bool {
	return slices.ContainsFunc(steps, func(s Step) bool {
		return s.Agent == agent && s.Word != "presence" || s.Name == agent && s.Word == "internal" || brings(agent, s.Steps) ||
			slices.ContainsFunc(s.Branches, func(b Branch) bool { return brings(agent, b.Steps) })
	})
}

// forbidsBlockEnd refuses to come back while something that began meanwhile goes on.
func (s *State) forbidsBlockEnd(op *Op) *Refusal {
	b := s.blocks[len(s.blocks)-1]
	cur := s.current()
	if cur == nil || cur.ordinal <= b.interaction {
		return nil
	}
	return problem("%s: the %s of line %d is still going on when the steps end", op.Step.Word, cur.medium(), cur.begun.Pos.Line).
		hint("end it inside the steps, for example with hangup or finish")
}

func (s *State) forbidsLeave(op *Op, cur *interaction) *Refusal {
	name := s.prog.Parties[op.Party].Name
	c := s.find(cur.ordinal, op.Party)
	switch {
	case s.prog.Parties[op.Party].Agent == nil && op.Step.Word == "leave":
		return problem("leave: %q is an outside party", name).hint("hangup: %s", name)
	case c == nil:
		return problem("leave: %s takes no part in this %s", name, cur.medium())
	case c.joined:
		return nil
	case c.Role == event.Agent && cur.internal() && s.count(cur.ordinal, talks) < 3:
		return problem("leave: %s would leave a single party behind (%s)", name, state(cur)).
			hint(`"hangup: %s" ends the call, or bring in a colleague first`, name)
	case c.Role == event.Agent && s.count(cur.ordinal, present) < 2 && s.count(cur.ordinal, talksOutside) < 2:
		return problem("leave: %s is the only agent on this %s", name, cur.medium()).
			hint(`end it with "finish: 10s", or bring in a colleague first`)
	}
	return nil
}

func (s *State) forbidsEnd(op *Op, cur *interaction) *Refusal {
	word := op.Step.Word
	switch cur = s.endedBy(op, cur); word {
	case "hangup":
		party := s.prog.Parties[op.Party]
		c := s.find(cur.ordinal, op.Party)
		switch {
		case party.Agent != nil && (!cur.internal() || c == nil || !present(c)):
			return problem("hangup: %s is an agent", party.Name).hint(`"finish: 10s" lets the agent end it, with 10 s of wrap`)
		case written(cur.medium()):
			return problem("hangup: nobody hangs up %s (line %d)", cur.article(), cur.begun.Pos.Line).
				hint(`"finish: 10s" lets the agent end it, with 10 s of wrap; "abandon" withdraws it before an agent has it`)
		case c == nil:
			return problem("hangup: %s takes no part in this %s (line %d)", party.Name, cur.medium(), cur.begun.Pos.Line)
		case !cur.answered:
			p := s.nobody(word, cur)
			p.Hint = `somebody who gives up before an answer: "abandon"`
			return p
		}
	case "finish":
		if s.count(cur.ordinal, present) == 0 {
			return s.nobody(word, cur)
		}
		return s.forbidsAway(word, cur)
	case "abandon":
		if cur.answered {
			return problem("abandon: the %s was answered already", cur.medium()).hint("%q ends it", "hangup: "+s.customer(cur))
		}
	}
	return nil
}

func (s *State) customer(i *interaction) string {
	if c := s.first(func(c *Channel) bool {
		return c.Interaction == i.ordinal && (isOutside(c) || i.internal() && present(c))
	}); c != nil {
		return s.prog.Parties[c.Party].Name
	}
	return "customer"
}

func (s *State) forbidsWrap(word string) *Refusal {
	if word == "finish" || s.excused || s.first(unsettled) != nil { // finish: by an agent without wrap
		return nil
	}
	return problem("%s: no agent has just left a conversation", word).
		hint("it belongs directly behind hangup, finish, leave or a transfer in which the agent stays until somebody answers; agents with \"wrap: none\" have none")
}

// forbidsSend refuses placeholders that have nothing to stand for yet.
func (s *State) forbidsSend(op *Op) *Refusal {
	for _, h := range op.Step.Send.Placeholders {
		party := slices.IndexFunc(s.prog.Parties, func(p Party) bool { return p.Name == h.Party })
		switch {
		case h.Party == "" && strings.HasSuffix(h.Name, "Id") && s.conversations == 0:
			return problem("send: there is no conversation yet for {{%s}}", h.Name)
		case h.Party == "":
		case party < 0:
			return problem("send: nobody here is called %q", h.Party)
		case h.Name == "channelId" && s.parties[party].lastChannel == 0:
			return problem("send: %s has no channel yet", h.Party)
		case h.Name != "channelId" && s.prog.Parties[party].Agent == nil:
			return problem("send: %s is an outside party and has no %s", h.Party, h.Name)
		}
	}
	return nil
}
