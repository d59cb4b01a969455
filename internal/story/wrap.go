package story

import "github.com/ringback/ringback/internal/lifecycle"

// Agents who leave go to wrap. A wrap step directly behind says how long; without one the
// agent's own wrap counts, or there is none, and the story continues meanwhile.

// Settles reports whether an operation ends the chance for a wrap step to speak for those
// who just left.
func (op *Op) Settles() bool {
	switch op.Code {
	case Choose, Jump, LoopBegin, LoopEnd, WrapUp:
		return false
	case Retrieve:
		return op.Step.Word == "hold" // in consult, transfer and conference it comes with the leaving
	}
	return true
}

// Settle decides for the agents who have left since: those with a wrap of their own are
// given to schedule, which plans its end; the others have ended.
func (s *State) Settle(to Move, schedule func(*Channel)) {
	moved := false
	s.excused = false
	for i := range s.channels {
		c := &s.channels[i]
		if !unsettled(c) {
			continue
		}
		if s.prog.Parties[c.Party].Agent.Wrap.IsZero() {
			s.move(c, lifecycle.Finish, to)
			moved = true
			continue
		}
		c.Scheduled = true
		schedule(c)
	}
	if moved {
		s.follow(to)
	}
}

// Wrapping calls do for each channel whose wrap is over when it was planned to be.
func (s *State) Wrapping(do func(*Channel)) {
	for i := range s.channels {
		if c := &s.channels[i]; c.Scheduled {
			c.spoken = false
			do(c)
		}
	}
}

// Wraps reports whether the latest wrap step ends the wrap of any agent.
func (s *State) Wraps() bool {
	return s.first(func(c *Channel) bool { return c.spoken }) != nil
}

// FinishWrap ends the wrap of one channel, or one whose connection failed.
func (s *State) FinishWrap(ordinal int, to Move) {
	c := s.first(func(c *Channel) bool { return c.Ordinal == ordinal })
	switch {
	case c == nil:
	case c.Phase == lifecycle.Wrap:
		s.move(c, lifecycle.Finish, to)
	case c.Phase == lifecycle.Unexpected:
		s.move(c, lifecycle.Close, to)
	}
	s.follow(to)
}

// An agent who missed an offer may be kept from work for longer than the channel lasts. Where
// ordinals of channels are asked for, such an agent has one above all of those.
const missed = 1 << 30

// NoAnswer is that ordinal of a party who has missed an offer, and whether it has.
func (s *State) NoAnswer(party int) (ordinal int, is bool) {
	return missed + party, s.parties[party].noAnswer
}

// Returned is the party that an ordinal from NoAnswer means, and whether it means one.
func Returned(ordinal int) (party int, is bool) { return ordinal - missed, ordinal >= missed }

// Return ends No Answer, behind which the presence may be another one.
func (s *State) Return(party int) {
	p := &s.parties[party]
	if !p.noAnswer {
		return
	}
	next := s.returning(party)
	if p.noAnswer = false; next != p.presence {
		s.setPresence(party, next)
	}
}

// returning is the presence of a party, or the one that comes by itself behind its No Answer. A check ends that at once, and a
// play in its time, so both ask for this one.
func (s *State) returning(party int) (presence int) {
	p := &s.parties[party]
	presence = presenceOf(s.prog.Parties[party].Agent.AfterNoAnswer)
	if !p.noAnswer || presence == 0 || presence == max(p.presence, ready) || p.intended != 0 { // work was offered, so the agent was ready
		return p.presence
	}
	return presence
}

// Awaits finds a channel whose wrap, or whose failure, must be over before op can happen,
// because its agent is needed: a busy agent is waited for. It is -1 if there is none.
func (s *State) Awaits(op *Op) (ordinal int) {
	switch op.Code {
	case Alert:
		return s.inWay(op)
	case Dial, Join:
		return s.wrapOf(op.Party)
	case InterruptEnd:
		if s.rules.ResumeAtDisconnect {
			return -1
		}
	case Retrieve:
		if op.Step.Word != "hold" {
			return -1
		}
	case ParkEnd:
	default:
		return -1
	}
	b := s.blocks[len(s.blocks)-1]
	if c := s.first(func(c *Channel) bool { return c.Interaction == b.interaction && present(c) && s.wrapOf(c.Party) >= 0 }); c != nil {
		return s.wrapOf(c.Party)
	}
	return -1
}

func (s *State) wrapOf(party int) (ordinal int) {
	if c := s.first(func(c *Channel) bool { return c.Party == party && c.Scheduled }); c != nil {
		return c.Ordinal
	}
	if ordinal, is := s.NoAnswer(party); is {
		return ordinal
	}
	return -1
}
