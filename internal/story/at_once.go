package story

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/lifecycle"
)

// AtOnce is how many interactions of each medium an agent works on side by side; none by default.
// There is one call at a time, and it interrupts the others.
type AtOnce struct {
	Email int
	Chat  int
	Case  int
}

// of is the limit for a medium: 0 where an agent does nothing else beside it.
func (a AtOnce) of(medium string) int {
	switch medium {
	case "email":
		return a.Email
	case "chat":
		return a.Chat
	case "case":
		return a.Case
	}
	return 0
}

func (s *State) limits(party int) AtOnce { return s.prog.Parties[party].Agent.AtOnce }

// raised is how a file gives an agent at least such limits, beside those that the agent has.
func (s *State) raised(party int, least map[string]int) string {
	var limits []string
	for _, medium := range []string{"email", "chat", "case"} {
		if n := max(s.limits(party).of(medium), least[medium]); n > 0 {
			limits = append(limits, fmt.Sprintf("%s: %d", medium, n))
		}
	}
	return fmt.Sprintf("agents: {%s: {at-once: {%s}}}", s.prog.Parties[party].Name, strings.Join(limits, ", "))
}

// obstacle is the channel that keeps an agent from an interaction of a medium, or nil. It reports
// whether that is because as many go on as the agent's limit allows.
func (s *State) obstacle(party int, medium string) (c *Channel, full bool) {
	limits := s.limits(party)
	limit, count := limits.of(medium), 0
	for i := range s.channels {
		c := &s.channels[i]
		switch {
		case c.Party != party || !s.occupies(c):
			continue
		case limit == 0 || !s.isBeside(c) || limits.of(c.medium) == 0:
			return c, false
		case c.medium == medium:
			count++
		}
		if count >= limit {
			return c, true
		}
	}
	return nil, false
}

// isBeside reports whether an agent may work on something else beside a channel.
func (s *State) isBeside(c *Channel) bool {
	b := s.blockOver(c.Interaction)
	return c.Role == event.Agent && !c.joined && b != nil && b.code == MeanwhileBegin
}

// inWay is a wrap that must be over before an agent is offered op, or a failed channel; -1 if
// there is none. An agent who works on several things at once does so while wrapping up as well.
func (s *State) inWay(op *Op) (ordinal int) {
	medium := "call"
	if cur := s.current(); cur != nil && op.Code == Alert {
		medium = cur.medium()
	}
	limits := s.limits(op.Party)
	limit := limits.of(medium)
	if p := &s.parties[op.Party]; limit == 0 || p.noAnswer || p.intended != 0 { // the presence must have changed
		return s.wrapOf(op.Party)
	}
	count := s.doing(op.Party, medium)
	c := s.first(func(c *Channel) bool {
		if c.Party != op.Party || !c.Scheduled {
			return false
		}
		switch {
		case c.Phase != lifecycle.Wrap:
			return true
		case c.medium == medium:
			return count >= limit
		}
		return c.medium != "call" && limits.of(c.medium) == 0
	})
	if c == nil {
		return -1
	}
	return c.Ordinal
}

// doing counts what an agent does of a medium, after-work included.
func (s *State) doing(party int, medium string) (n int) {
	for i := range s.channels {
		if c := &s.channels[i]; c.Party == party && c.medium == medium && (c.Phase == lifecycle.Wrap || s.occupies(c)) {
			n++
		}
	}
	return n
}

// interruptedWith calls do for the interaction of an interruption, and for all that its agent does
// beside that: they are interrupted together. The interruption is not among the blocks below it.
func (s *State) interruptedWith(b block, below []block, party int, do func(ordinal int)) {
	for j := len(below) - 1; j >= 0 && below[j].code != AwaitInterrupt && below[j].code != InterruptBegin; j-- {
		if below[j].code == MeanwhileBegin && s.takesPart(below[j].interaction, party) {
			do(below[j].interaction)
		}
	}
	do(b.interaction)
}

// takesPart reports whether an agent is one of other work than a call.
func (s *State) takesPart(ordinal, party int) bool {
	c := s.find(ordinal, party)
	return c != nil && present(c) && c.medium != "call"
}

// isInterrupted reports whether what an agent does on a channel stops while the steps of an
// interruption happen.
func (s *State) isInterrupted(c *Channel) bool {
	own := slices.IndexFunc(s.blocks, func(b block) bool { return b.interaction == c.Interaction })
	return slices.ContainsFunc(s.blocks[own+1:], func(b block) bool {
		return (b.code == AwaitInterrupt || b.code == InterruptBegin) && s.takesPart(b.interaction, c.Party)
	})
}

// endedBy is the interaction that an operation ends: the current one, or one that goes on meanwhile
// whose outside party hangs up.
func (s *State) endedBy(op *Op, cur *interaction) *interaction {
	if op.Step.Word != "hangup" || s.find(cur.ordinal, op.Party) != nil {
		return cur
	}
	for i := range s.interactions {
		x := &s.interactions[i]
		if b := s.blockOver(x.ordinal); b != nil && b.code == MeanwhileBegin && s.find(x.ordinal, op.Party) != nil {
			return x
		}
	}
	return cur
}
