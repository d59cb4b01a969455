package story

import (
	"slices"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/lifecycle"
)

// Apply does one operation, reporting every move of a channel to to. Operations that
// steer the program or send something by themselves move nothing. The refusal is not nil
// where the story forbids the operation; then nothing has moved.
func (s *State) Apply(op *Op, to Move) *Refusal {
	if op.Party == Asker {
		of := *op
		of.Party = s.current().asker - 1
		op = &of
	}
	if p := s.forbids(op); p != nil {
		return p
	}
	s.do(op, to)
	s.follow(to)
	return nil
}

func (s *State) do(op *Op, to Move) {
	cur := s.current()
	switch op.Code {
	case Begin:
		i := s.begin(op.Step)
		s.move(s.add(i, op.Party, event.External, to), lifecycle.Answer, to)
	case Dial:
		s.offline(op.Party)
		if c := s.add(s.begin(op.Step), op.Party, event.Agent, to); s.atOnce(op) {
			s.move(c, lifecycle.Answer, to)
		}
	case Call:
		s.add(cur, op.Party, event.External, to)
	case Alert:
		cur.since = nil
		if c := s.add(cur, op.Party, event.Agent, to); op.Step.Word == "callback" && s.atOnce(op) {
			s.move(c, lifecycle.Answer, to)
		}
	case Answer:
		cur.answered = true
		if c := s.find(cur.ordinal, op.Party); c.Phase == lifecycle.Alerting {
			s.move(c, lifecycle.Answer, to)
		}
	case Fail:
		s.fail(s.find(cur.ordinal, op.Party), op, to)
	case Withdraw:
		s.endChannel(s.find(cur.ordinal, op.Party), to)
	case DialFail:
		s.fail(s.find(cur.ordinal, op.Party), op, to)
		s.excuse(cur, op, to)
		s.end(cur, op.Step, to)
	case Join:
		if c := s.add(cur, op.Party, event.Monitor, to); op.Step.monitorsAtOnce() {
			s.move(c, lifecycle.Answer, to)
		}
	case ToVoicemail:
		cur.answered = true
		s.move(s.add(cur, op.Party, event.Voicemail, to), lifecycle.Answer, to)
	case Requeue:
		s.requeue(op)
	case Coach:
		s.find(cur.ordinal, op.Party).coaches = true
	case JoinIn:
		s.joinIn(cur, op.Party, to)
	case Leave:
		s.release(s.find(cur.ordinal, op.Party), to)
	case LeaveFirst, HandOver:
		s.leaveFirst(op, cur, to)
	case End:
		s.hangup(op, s.endedBy(op, cur), to)
	case SetPresence:
		s.setPresence(op.Party, op.Presence)
	case WrapUp:
		s.wrapUp()
	case Wait:
		cur.wait(op)
	default:
		s.doBlock(op, cur, to)
	}
}

// wrapUp lets a wrap step speak for those who have just left.
func (s *State) wrapUp() {
	for i := range s.channels {
		if c := &s.channels[i]; unsettled(c) {
			c.Scheduled, c.spoken = true, true
		}
	}
}

// requeue lets whoever has just left wait to be called back, behind those who wait already.
func (s *State) requeue(op *Op) {
	at := len(s.interactions)
	for at > 0 && s.interactions[at-1].waits() {
		at--
	}
	s.interactions = slices.Insert(s.interactions, at, interaction{ordinal: s.interactionsMade,
		conversation: s.ended.conversation, begun: op.Step, asker: op.Party + 1})
	s.interactionsMade++
}

// excuse lets an agent whose call has reached nobody leave without wrap, by assumption.
func (s *State) excuse(cur *interaction, op *Op, to Move) {
	if c := s.firstAgent(cur.ordinal); s.rules.DialUnwrapped && c != nil && op.Step.Word != "internal" {
		s.excused = !s.prog.Parties[c.Party].Agent.NoWrap
		s.move(c, lifecycle.LeaveUnwrapped, to)
	}
}

// joinIn lets a supervisor take part. By the assumption joined-role the monitor's channel goes
// on, or an agent's follows it in the same instant.
func (s *State) joinIn(cur *interaction, party int, to Move) {
	c := s.find(cur.ordinal, party)
	if p := &s.parties[party]; s.rules.JoinedAgent {
		intended := p.intended
		p.intended = 0 // the supervisor goes on
		s.release(c, to)
		c = s.add(cur, party, event.Agent, to)
		p.intended = intended
		s.move(c, lifecycle.Answer, to)
	}
	c.joined = true
}

// leaveFirst lets the first agent leave. Nobody may be left who has taken over.
func (s *State) leaveFirst(op *Op, cur *interaction, to Move) {
	s.release(s.firstAgent(cur.ordinal), to)
	if op.Code == HandOver && s.count(cur.ordinal, present) == 0 {
		cur.answered, cur.asker = false, 0
	}
}

// hangup ends an interaction, or the part of one outside party alone, because an agent and somebody
// else are left.
func (s *State) hangup(op *Op, cur *interaction, to Move) {
	agents, outside := s.count(cur.ordinal, present), s.count(cur.ordinal, talksOutside)
	if op.Step.Word == "hangup" && s.prog.Parties[op.Party].Agent == nil &&
		(outside > 1 && agents > 0 || cur.internal() && agents > 1) {
		s.release(s.find(cur.ordinal, op.Party), to)
		return
	}
	s.end(cur, op.Step, to)
}

// atOnce reports whether the agent of a dial step is connected at once, as the assumption
// agent-leg may say of those who answer.
func (s *State) atOnce(op *Op) bool {
	return s.rules.AgentAtOnce && (op.Step.Word == "internal" || !op.Step.misses())
}

// Skips reports whether the time of an operation does not pass, because the agent whose phone
// would ring is connected already.
func (s *State) Skips(op *Op) bool { return op.Span == &op.Step.AgentRing && s.atOnce(op) }

// doBlock begins and ends holds, parks and interruptions.
func (s *State) doBlock(op *Op, cur *interaction, to Move) {
	switch op.Code {
	case Hold, ParkBegin, InterruptBegin, AwaitInterrupt, MeanwhileBegin:
		s.blocks = append(s.blocks, block{op.Code, op.Step, cur.ordinal, s.holds(op, cur)})
	}
	switch op.Code {
	case Hold:
		s.hold(cur.ordinal, to)
	case Alternate:
		s.blockOver(cur.ordinal).held = op.Party
		s.each(cur.ordinal, in(lifecycle.Held), func(c *Channel) {
			if !s.onHold(c) {
				s.move(c, lifecycle.Retrieve, to)
			}
		})
		s.hold(cur.ordinal, to)
	case ParkBegin:
		s.each(cur.ordinal, connected, func(c *Channel) { s.move(c, lifecycle.Park, to) })
	case InterruptBegin:
		last := len(s.blocks) - 1
		s.interruptedWith(s.blocks[last], s.blocks[:last], s.firstAgent(cur.ordinal).Party, func(ordinal int) {
			s.each(ordinal, connected, func(c *Channel) { s.move(c, lifecycle.Interrupt, to) })
		})
	case Retrieve:
		s.back(lifecycle.Held, lifecycle.Retrieve, to)
	case ParkEnd:
		s.back(lifecycle.Parked, lifecycle.Unpark, to)
	case InterruptEnd, MeanwhileEnd:
		s.back(lifecycle.Interrupted, lifecycle.Resume, to)
	}
}

// back ends the innermost block. If its interaction has ended meanwhile, nothing moves.
func (s *State) back(away lifecycle.Phase, verb lifecycle.Verb, to Move) {
	b := s.blocks[len(s.blocks)-1]
	s.blocks = s.blocks[:len(s.blocks)-1]
	again := func(ordinal int) { s.each(ordinal, in(away), func(c *Channel) { s.move(c, verb, to) }) }
	switch agent := s.firstAgent(b.interaction); {
	case b.code == MeanwhileBegin:
	case away == lifecycle.Interrupted && agent != nil:
		s.interruptedWith(b, s.blocks, agent.Party, again)
	default:
		again(b.interaction)
	}
}

// holds is the party whom an operation puts on hold, or nobody.
func (s *State) holds(op *Op, cur *interaction) int {
	switch {
	case op.Code != Hold || cur.medium() != "call": // not even by the transfer of other work
		return nobody
	case op.Step.Word == "hold" && op.Step.Name != "":
		return op.Party
	}
	if c := s.first(func(c *Channel) bool { return c.Interaction == cur.ordinal && s.isOther(cur, c) && talks(c) }); c != nil {
		return c.Party
	}
	return nobody
}

// isOther reports whether a channel is on the other side of an interaction: that of an outside
// party, or where there is none, of an agent but the first.
func (s *State) isOther(i *interaction, c *Channel) bool {
	return isOutside(c) || i.internal() && present(c) && c != s.firstAgent(i.ordinal)
}

// hold puts those channels on hold that are to be.
func (s *State) hold(ordinal int, to Move) {
	s.each(ordinal, connected, func(c *Channel) {
		if s.onHold(c) {
			s.move(c, lifecycle.Hold, to)
		}
	})
}

// onHold reports whether a channel is to be held while its interaction's hold lasts. Where an
// outside party is on hold, the assumption held-channel says whose channel that is.
func (s *State) onHold(c *Channel) bool {
	b := s.blockOver(c.Interaction)
	held := s.find(c.Interaction, b.held)
	switch {
	case held == nil:
		return false
	case !isOutside(held):
		return c == held
	}
	return c == held && s.rules.HoldCustomer || s.rules.HoldAgent && c == s.firstAgent(c.Interaction)
}

// begin opens an interaction.
func (s *State) begin(step *Step) *interaction {
	conversation := s.conversations
	switch cur := s.current(); {
	case !step.Same:
		s.conversations++
	case cur != nil: // the one that waits meanwhile
		conversation = cur.conversation
	default:
		conversation = s.ended.conversation
	}
	s.interactions = append(s.interactions, interaction{ordinal: s.interactionsMade, conversation: conversation, begun: step})
	s.interactionsMade++
	return s.current()
}

// fail lets the connection of a channel fail. Unless that lasts no time, its end is scheduled
// before the move.
func (s *State) fail(c *Channel, op *Op, to Move) {
	c.Scheduled = !s.Lasting(op).IsZero()
	if a := s.prog.Parties[c.Party].Agent; a != nil {
		s.parties[c.Party].noAnswer = !a.NoAnswer.IsZero() || a.AfterNoAnswer != ""
	}
	s.move(c, lifecycle.Fail, to)
	if !c.Scheduled {
		s.move(c, lifecycle.Close, to)
	}
}

// Lasting is how long a channel lasts whose connection fails by op.
func (s *State) Lasting(op *Op) *Span {
	if op.Step.Unexpected != nil {
		return op.Step.Unexpected
	}
	return &s.rules.Unexpected
}

// release lets one channel leave. By the assumption hangup-while-away it comes back
// first, in the same instant, or goes directly.
func (s *State) release(c *Channel, to Move) {
	if verb, away := lifecycle.Back(c.Phase); away && !s.rules.HangupDirect {
		s.move(c, verb, to)
	}
	if c.Role == event.Agent && (c.joined || s.prog.Parties[c.Party].Agent.NoWrap) {
		s.move(c, lifecycle.LeaveUnwrapped, to)
		return
	}
	s.move(c, lifecycle.Leave, to)
}

// end ends an interaction: outside parties first, then the others.
func (s *State) end(i *interaction, step *Step, to Move) {
	i.over = step
	ended := *i
	s.each(i.ordinal, isOutside, func(c *Channel) { s.endChannel(c, to) })
	s.each(i.ordinal, func(c *Channel) bool { return !isOutside(c) }, func(c *Channel) { s.endChannel(c, to) })
	s.interactions = slices.DeleteFunc(s.interactions, func(x interaction) bool { return x.ordinal == ended.ordinal })
	s.ended = ended
}

func (s *State) endChannel(c *Channel, to Move) {
	switch {
	case c.Phase == lifecycle.Wrap || c.Phase == lifecycle.Unexpected || c.Phase == lifecycle.Ended:
	case c.Phase == lifecycle.Alerting && s.rules.AbandonFails: // nobody missed it, so nothing lasts
		s.move(c, lifecycle.Fail, to)
		s.move(c, lifecycle.Close, to)
	case c.Phase == lifecycle.Alerting:
		s.move(c, lifecycle.GiveUp, to)
	default:
		s.release(c, to)
	}
}

// follow lets happen what follows from the moves so far: ended channels are forgotten, and
// an interaction is interrupted as soon as its agent takes the one that it waits for, and
// resumed when that is over. What counts as taking and over are the assumptions
// interrupt-at and resume-at.
func (s *State) follow(to Move) {
	defer s.prune()
	for k, b := range s.blocks {
		agent := s.firstAgent(b.interaction)
		if b.code != AwaitInterrupt || agent == nil {
			continue
		}
		from, verb := connected, lifecycle.Interrupt
		if !s.elsewhere(agent) {
			from, verb = in(lifecycle.Interrupted), lifecycle.Resume
		}
		s.interruptedWith(b, s.blocks[:k], agent.Party, func(ordinal int) {
			s.each(ordinal, from, func(c *Channel) { s.move(c, verb, to) })
		})
	}
}

func (s *State) elsewhere(agent *Channel) bool {
	return s.first(func(c *Channel) bool {
		if c.Party != agent.Party || c.Interaction <= agent.Interaction {
			return false
		}
		switch c.Phase {
		case lifecycle.Ended, lifecycle.Unexpected:
			return false
		case lifecycle.Alerting:
			return s.rules.InterruptAtAlert
		case lifecycle.Wrap:
			return !s.rules.ResumeAtDisconnect
		}
		return true
	}) != nil
}

// GiveUp ends the wait of op for an agent who did not come. The interaction ends as if the
// outside party had abandoned it, even if others take part already; a call that is still to
// be dialled never begins. The story continues at an operation: where the innermost hold, park
// or interruption around the interaction ends, or else behind the last one.
func (s *State) GiveUp(op *Op, to Move) (at int) {
	if cur := s.current(); cur != nil && (op.Code == Alert || op.Code == Join || s.blockOver(cur.ordinal) == nil) && op.Code != Dial {
		ended := cur.ordinal
		s.end(cur, op.Step, to)
		for n := len(s.blocks); n > 0 && s.blocks[n-1].interaction == ended; n-- {
			s.blocks = s.blocks[:n-1]
		}
		s.follow(to)
	}
	ops := s.prog.ops
	if n := len(s.blocks); n > 0 {
		b := s.blocks[n-1]
		begun := slices.IndexFunc(ops, func(o Op) bool { return o.Step == b.step && o.Code == b.code })
		return ops[begun].To - 1
	}
	return len(ops)
}

// Close ends all interactions, from the innermost outwards, in a story that cannot continue
// as written because an outside party gave up.
func (s *State) Close(op *Op, to Move) {
	s.blocks = s.blocks[:0]
	for s.current() != nil {
		s.end(s.current(), op.Step, to)
	}
	s.prune()
}

// Engaged reports whether an agent has a channel that has not ended, or is in No Answer.
func (s *State) Engaged(party int) bool {
	return s.parties[party].noAnswer || s.handles(party) != nil
}
