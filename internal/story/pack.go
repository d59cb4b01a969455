package story

import (
	"encoding/binary"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/lifecycle"
)

// Many conversations that are alive at once are kept as bytes: those cost the garbage
// collector nothing.

// Pack appends the situation to dst, for Unpack with the same program.
func (s *State) Pack(dst []byte) []byte {
	add := func(values ...int) {
		for _, v := range values {
			dst = binary.AppendVarint(dst, int64(v))
		}
	}
	add(s.conversations, s.interactionsMade, s.channelsMade, len(s.channels), len(s.interactions), len(s.blocks))
	for i := range s.channels {
		c := &s.channels[i]
		add(c.Ordinal, c.Interaction, c.Conversation, c.Party, int(c.Role), int(c.Phase), int(oneIf(c.Scheduled)|oneIf(c.spoken)<<1))
	}
	for i := range s.interactions {
		dst = s.interactions[i].pack(dst)
	}
	for i := range s.blocks {
		b := &s.blocks[i]
		add(int(b.code), b.step.first, b.interaction, int(oneIf(b.waiting)))
	}
	for i := range s.parties {
		add(s.parties[i].presence, s.parties[i].lastChannel)
	}
	return s.ended.pack(dst)
}

// Unpack makes s what was packed, and gives the rest of src.
func (s *State) Unpack(p *Program, r Rules, src []byte) (rest []byte) {
	s.Reset(p, r)
	next := func() int {
		v, n := binary.Varint(src)
		src = src[n:]
		return int(v)
	}
	s.conversations, s.interactionsMade, s.channelsMade = next(), next(), next()
	channels, interactions, blocks := next(), next(), next()
	for range channels {
		c := Channel{Ordinal: next(), Interaction: next(), Conversation: next(), Party: next(), Role: event.Role(next()), Phase: lifecycle.Phase(next())}
		flags := next()
		c.Scheduled, c.spoken = flags&1 != 0, flags&2 != 0
		s.channels = append(s.channels, c)
	}
	for range interactions {
		var i interaction
		src = i.unpack(p, src)
		s.interactions = append(s.interactions, i)
	}
	for range blocks {
		b := block{code: Code(next()), step: p.step(next()), interaction: next()}
		b.waiting = next() != 0
		s.blocks = append(s.blocks, b)
	}
	for i := range s.parties {
		s.parties[i] = partyState{presence: next(), lastChannel: next()}
	}
	return s.ended.unpack(p, src)
}

func (i *interaction) pack(dst []byte) []byte {
	for _, v := range [...]int{i.ordinal, i.conversation, int(oneIf(i.answered)), i.begun.number(), i.since.number(), i.over.number()} {
		dst = binary.AppendVarint(dst, int64(v))
	}
	return dst
}

func (i *interaction) unpack(p *Program, src []byte) (rest []byte) {
	var v [6]int
	for k := range v {
		x, n := binary.Varint(src)
		v[k], src = int(x), src[n:]
	}
	*i = interaction{ordinal: v[0], conversation: v[1], answered: v[2] != 0, begun: p.step(v[3]), since: p.step(v[4]), over: p.step(v[5])}
	if i.begun != nil {
		i.medium = i.begun.Word
	}
	if i.medium == "dial" {
		i.medium = "call"
	}
	return src
}

// number is the place of the first operation of a step in its program, from 1; 0 for none.
func (s *Step) number() int {
	if s == nil {
		return 0
	}
	return s.first
}

// step is the step with a number.
func (p *Program) step(number int) *Step {
	if number == 0 {
		return nil
	}
	return p.Ops[number-1].Step
}
