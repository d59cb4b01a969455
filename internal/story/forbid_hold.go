package story

import (
	"strings"

	"github.com/ringback/ringback/event"
)

// This file has the refusals about who is put on hold.

// forbidsHolding refuses to put somebody on hold: the outside party if the step names nobody.
func (s *State) forbidsHolding(op *Op, cur *interaction) *Refusal {
	word := op.Step.Word
	if op.Step.Name == "" {
		return s.forbidsSeveral(word, cur, `say who: "hold: {who: %s, for: 30s}"`)
	}
	name := s.prog.Parties[op.Party].Name
	switch c := s.find(cur.ordinal, op.Party); {
	case c == nil:
		return problem("%s: %s takes no part in this %s (line %d)", word, name, cur.medium(), cur.begun.Pos.Line)
	case c.joined:
		return problem("%s: %s has joined as a supervisor; only agents and outside parties go on hold", word, name)
	case c.Role != event.External && c.Role != event.Agent:
		return problem("%s: %s has the role %s; only agents and outside parties go on hold", word, name, c.Role)
	case present(c) && s.count(cur.ordinal, present) < 2:
		return problem("%s: %s is the only agent on this %s", word, name, cur.medium()).
			hint("name who is put on hold, such as %s", s.customer(cur))
	}
	return nil
}

// forbidsSeveral refuses to hold the outside party where there are several: one channel is held
// at a time.
func (s *State) forbidsSeveral(word string, cur *interaction, hint string) *Refusal {
	other := func(c *Channel) bool { return talks(c) && s.isOther(cur, c) }
	if s.count(cur.ordinal, other) < 2 {
		return nil
	}
	var names []string
	s.each(cur.ordinal, other, func(c *Channel) { names = append(names, s.prog.Parties[c.Party].Name) })
	return problem("%s: %s are on this call; one of them is held or handed over at a time", word, strings.Join(names, " and ")).hint(hint, names[0])
}

// outsiders lists the outside parties who take part.
func (s *State) outsiders(i *interaction) (names []string) {
	s.each(i.ordinal, talksOutside, func(c *Channel) { names = append(names, s.prog.Parties[c.Party].Name) })
	return names
}

func (s *State) forbidsAlternate(op *Op, cur *interaction) *Refusal {
	b := s.blockOver(cur.ordinal)
	if b == nil {
		return problem("alternate: nobody is on hold (%s)", state(cur)).
			hint(`it belongs into the steps of a hold, for example "hold: [{ring: {agent: bob, for: 5s}}, {alternate: bob}]"`)
	}
	held := s.find(cur.ordinal, b.held)
	switch name := s.prog.Parties[op.Party].Name; {
	case held == nil:
		return problem("alternate: nobody is on hold any more since line %d", b.step.Pos.Line).hint("end the hold first")
	case held.Party == op.Party:
		return problem("alternate: %s is on hold already; name who goes on hold instead", name)
	}
	return s.forbidsHolding(op, cur)
}

// holdsOutside reports whether the party that a hold puts on hold is an outside one, or in a call
// between agents any, who is still there.
func (s *State) holdsOutside(b *block) bool {
	c := s.find(b.interaction, b.held)
	return c != nil && (isOutside(c) || s.interaction(b.interaction).internal())
}
