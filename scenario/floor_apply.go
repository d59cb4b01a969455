package scenario

import (
	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/lifecycle"
)

// Apply does one operation, reporting every move of a channel to to. Operations that
// steer the program or send something by themselves move nothing. The problem is not nil
// where the story forbids the operation; then nothing has moved.
func (f *Floor) Apply(op *Op, to Move) *Problem {
	if p := f.forbids(op); p != nil {
		return p
	}
	f.do(op, to)
	f.interruptOrResume(to)
	f.prune()
	return nil
}

// Problem is why an operation is not possible.
type Problem struct {
	Text, Hint string
	cause      cause
}

func (f *Floor) do(op *Op, to Move) {
	cur := f.current()
	switch op.Code {
	case Begin:
		i := f.begin(op.Step.Word, op.Step)
		f.move(f.add(i, op.Party, event.External, to), lifecycle.Answer, to)
	case Dial:
		i := f.begin("call", op.Step)
		f.move(f.add(i, op.Party, event.Agent, to), lifecycle.Answer, to)
		f.add(i, op.Other, event.External, to)
	case Alert:
		cur.since = nil
		f.add(cur, op.Party, event.Agent, to)
	case Answer:
		cur.answered = true
		f.move(f.find(cur.ordinal, op.Party), lifecycle.Answer, to)
	case Fail:
		f.fail(f.find(cur.ordinal, op.Party), to)
	case DialFail:
		f.fail(f.find(cur.ordinal, op.Party), to)
		f.end(cur, op.Step, to)
	case Join, ToVoicemail:
		role := event.Monitor
		if op.Code == ToVoicemail {
			role, cur.answered = event.Voicemail, true
		}
		f.move(f.add(cur, op.Party, role, to), lifecycle.Answer, to)
	case Leave:
		f.release(f.find(cur.ordinal, op.Party), to)
	case LeaveFirst:
		f.release(f.firstAgent(cur.ordinal), to)
	case End:
		f.end(cur, op.Step, to)
	case SetPresence:
		f.parties[op.Party].presence = op.Presence
	case WrapUp:
		for i := range f.channels {
			if c := &f.channels[i]; c.Phase == lifecycle.Wrap && !c.Scheduled {
				c.Scheduled, c.spoken = true, true
			}
		}
	case Wait:
		if op.Step.Word == "queue" {
			cur.since = op.Step
		}
	default:
		f.doBlock(op, cur, to)
	}
}

// doBlock begins and ends holds, parks and interruptions.
func (f *Floor) doBlock(op *Op, cur *interaction, to Move) {
	switch op.Code {
	case Hold:
		f.blocks = append(f.blocks, block{code: Hold, step: op.Step, interaction: cur.ordinal})
		f.hold(cur, to)
	case ParkBegin:
		f.blocks = append(f.blocks, block{code: ParkBegin, step: op.Step, interaction: cur.ordinal})
		f.each(cur.ordinal, connected, func(c *Channel) { f.move(c, lifecycle.Park, to) })
	case InterruptBegin:
		f.blocks = append(f.blocks, block{code: InterruptBegin, step: op.Step, interaction: cur.ordinal})
		f.each(cur.ordinal, connected, func(c *Channel) { f.move(c, lifecycle.Interrupt, to) })
	case ArmInterrupt:
		f.blocks = append(f.blocks, block{code: ArmInterrupt, step: op.Step, interaction: cur.ordinal, armed: true})
	case Retrieve:
		f.back(lifecycle.Held, lifecycle.Retrieve, to)
	case ParkEnd:
		f.back(lifecycle.Parked, lifecycle.Unpark, to)
	case InterruptEnd:
		f.back(lifecycle.Interrupted, lifecycle.Resume, to)
	}
}

// back ends the innermost block. If its interaction has ended meanwhile, nothing moves.
func (f *Floor) back(away lifecycle.Phase, verb lifecycle.Verb, to Move) {
	b := f.blocks[len(f.blocks)-1]
	f.blocks = f.blocks[:len(f.blocks)-1]
	f.each(b.interaction, in(away), func(c *Channel) { f.move(c, verb, to) })
}

// hold puts the channels on hold that the assumption held-channel names.
func (f *Floor) hold(cur *interaction, to Move) {
	if cur.medium != "call" { // the transfer of other work
		return
	}
	agent := f.firstAgent(cur.ordinal)
	f.each(cur.ordinal, connected, func(c *Channel) {
		if isOutside(c) && f.rules.HoldCustomer || c == agent && f.rules.HoldAgent {
			f.move(c, lifecycle.Hold, to)
		}
	})
}

func (f *Floor) firstAgent(ordinal int) *Channel {
	for i := range f.channels {
		if c := &f.channels[i]; c.Interaction == ordinal && present(c) {
			return c
		}
	}
	return nil
}

// begin opens an interaction. Its word is the medium.
func (f *Floor) begin(medium string, s *Step) *interaction {
	conversation := f.conversations
	switch cur := f.current(); {
	case !s.Same:
		f.conversations++
	case cur != nil: // the one that waits meanwhile
		conversation = cur.conversation
	default:
		conversation = f.ended.conversation
	}
	f.interactions = append(f.interactions, interaction{ordinal: f.interactionsMade,
		conversation: conversation, medium: medium, begun: s})
	f.interactionsMade++
	return f.current()
}

func (f *Floor) fail(c *Channel, to Move) {
	f.move(c, lifecycle.Fail, to)
	f.move(c, lifecycle.Close, to)
}

// release lets one channel leave. By the assumption hangup-while-away it comes back
// first, in the same instant, or goes directly.
func (f *Floor) release(c *Channel, to Move) {
	if verb, away := lifecycle.Back(c.Phase); away && !f.rules.HangupDirect {
		f.move(c, verb, to)
	}
	if c.Role == event.Agent && f.prog.Parties[c.Party].Agent.NoWrap {
		f.move(c, lifecycle.LeaveUnwrapped, to)
		return
	}
	f.move(c, lifecycle.Leave, to)
}

// end ends an interaction: outside parties first, then the others.
func (f *Floor) end(i *interaction, s *Step, to Move) {
	i.over = s
	ended := *i
	f.each(i.ordinal, isOutside, func(c *Channel) { f.endChannel(c, to) })
	f.each(i.ordinal, func(c *Channel) bool { return !isOutside(c) }, func(c *Channel) { f.endChannel(c, to) })
	f.interactions = f.interactions[:len(f.interactions)-1]
	f.ended = ended
}

func (f *Floor) endChannel(c *Channel, to Move) {
	switch {
	case c.Phase == lifecycle.Wrap || c.Phase == lifecycle.Ended:
	case c.Phase == lifecycle.Alerting && f.rules.AbandonFails:
		f.fail(c, to)
	case c.Phase == lifecycle.Alerting:
		f.move(c, lifecycle.GiveUp, to)
	default:
		f.release(c, to)
	}
}

// interruptOrResume lets armed interruptions happen: as soon as the agent of the
// interaction takes another one, and back when that is over. What counts as taking and
// over are the assumptions interrupt-at and resume-at.
func (f *Floor) interruptOrResume(to Move) {
	for _, b := range f.blocks {
		agent := f.firstAgent(b.interaction)
		if !b.armed || agent == nil {
			continue
		}
		if f.elsewhere(agent) {
			f.each(b.interaction, connected, func(c *Channel) { f.move(c, lifecycle.Interrupt, to) })
		} else {
			f.each(b.interaction, in(lifecycle.Interrupted), func(c *Channel) { f.move(c, lifecycle.Resume, to) })
		}
	}
}

func (f *Floor) elsewhere(agent *Channel) bool {
	for i := range f.channels {
		c := &f.channels[i]
		if c.Party != agent.Party || c.Interaction <= agent.Interaction {
			continue
		}
		switch c.Phase {
		case lifecycle.Ended, lifecycle.Unexpected:
		case lifecycle.Alerting:
			if f.rules.InterruptAtAlert {
				return true
			}
		case lifecycle.Wrap:
			if !f.rules.ResumeAtDisconnect {
				return true
			}
		default:
			return true
		}
	}
	return false
}
