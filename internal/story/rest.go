package story

import "time"

// Inactivity is how long an agent may do nothing before the contact centre logs the agent out of
// ContactPad. The presence stays and work is still offered, so no event is due.
const Inactivity = 12 * time.Hour

// Rest is a step that needs an agent who has done nothing for longer than Inactivity.
type Rest struct {
	Step  *Step
	Agent string
	Time  time.Duration // at least
}

// unknown is that nothing is known of an agent yet, or that the agent is logged out.
const unknown = -1

// resting is how long each party of a path has done nothing, in milliseconds; nil where the story is
// too short for that to matter.
func (c *checker) resting() []int64 {
	if !c.long {
		return nil
	}
	all := make([]int64, len(c.prog.Parties))
	for i := range all {
		all[i] = unknown
	}
	return all
}

// rests notes an operation that needs an agent who has rested for too long.
func (c *checker) rests(p *path, op *Op) {
	switch op.Code {
	case Alert, Dial, Join, SetPresence:
	default:
		return
	}
	party := op.Party
	if party < 0 || p.rest == nil || p.rest[party] <= Inactivity.Milliseconds() {
		return
	}
	for _, r := range c.rested {
		if r.Step == op.Step {
			return
		}
	}
	c.rested = append(c.rested, Rest{op.Step, c.prog.Parties[party].Name, time.Duration(p.rest[party]) * time.Millisecond})
}

// pass lets the time of an operation pass for those who do nothing.
func (c *checker) pass(p *path, op *Op) {
	for party := range p.rest {
		rest := &p.rest[party]
		presence := p.state.parties[party].presence
		switch {
		case c.prog.Parties[party].Agent == nil:
		case presence > 0 && presences[presence-1].Category == loggedOut:
			*rest = unknown
		case p.state.handles(party) != nil, op.Code == SetPresence && op.Party == party:
			*rest = 0
		case op.Code == Wait && *rest != unknown:
			*rest += op.Span.Min().Milliseconds()
		}
	}
}
