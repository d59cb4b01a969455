package scenario

import (
	"encoding/binary"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/lifecycle"
)

// Many conversations that are alive at once are kept as bytes: those cost the garbage
// collector nothing.

// Pack appends the situation to dst, for Unpack with the same program.
func (f *Floor) Pack(dst []byte) []byte {
	add := func(values ...int) {
		for _, v := range values {
			dst = binary.AppendVarint(dst, int64(v))
		}
	}
	add(f.conversations, f.interactionsMade, f.channelsMade, len(f.channels), len(f.interactions), len(f.blocks))
	for i := range f.channels {
		c := &f.channels[i]
		add(c.Ordinal, c.Interaction, c.Conversation, c.Party, int(c.Role), int(c.Phase), int(oneIf(c.Scheduled)|oneIf(c.spoken)<<1))
	}
	for i := range f.interactions {
		dst = f.interactions[i].pack(dst)
	}
	for i := range f.blocks {
		b := &f.blocks[i]
		add(int(b.code), b.step.first, b.interaction, int(oneIf(b.armed)))
	}
	for i := range f.parties {
		add(f.parties[i].presence, f.parties[i].lastChannel)
	}
	return f.ended.pack(dst)
}

// Unpack makes f what was packed, and gives the rest of src.
func (f *Floor) Unpack(p *Program, r Rules, src []byte) (rest []byte) {
	f.Reset(p, r)
	next := func() int {
		v, n := binary.Varint(src)
		src = src[n:]
		return int(v)
	}
	f.conversations, f.interactionsMade, f.channelsMade = next(), next(), next()
	channels, interactions, blocks := next(), next(), next()
	for range channels {
		c := Channel{Ordinal: next(), Interaction: next(), Conversation: next(), Party: next(), Role: event.Role(next()), Phase: lifecycle.Phase(next())}
		flags := next()
		c.Scheduled, c.spoken = flags&1 != 0, flags&2 != 0
		f.channels = append(f.channels, c)
	}
	for range interactions {
		var i interaction
		src = i.unpack(p, src)
		f.interactions = append(f.interactions, i)
	}
	for range blocks {
		b := block{code: Code(next()), step: p.step(next()), interaction: next()}
		b.armed = next() != 0
		f.blocks = append(f.blocks, b)
	}
	for i := range f.parties {
		f.parties[i] = partyState{presence: next(), lastChannel: next()}
	}
	return f.ended.unpack(p, src)
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
