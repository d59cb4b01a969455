package story

import (
	"encoding/binary"
	"reflect"
	"slices"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/lifecycle"
)

// Many conversations that are alive at once are kept as bytes: those cost the garbage
// collector nothing.

// Sizes of what a situation has many of, in bytes.
var (
	sizeOfChannel     = int(reflect.TypeFor[Channel]().Size())
	sizeOfInteraction = int(reflect.TypeFor[interaction]().Size())
	sizeOfBlock       = int(reflect.TypeFor[block]().Size())
	sizeOfParty       = int(reflect.TypeFor[partyState]().Size())
)

// Size is how much memory a situation takes beside itself, in bytes.
func (s *State) Size() int {
	return cap(s.channels)*sizeOfChannel + cap(s.interactions)*sizeOfInteraction + cap(s.blocks)*sizeOfBlock + cap(s.parties)*sizeOfParty
}

// Pack appends the situation to dst, for Unpack with the same program.
func (s *State) Pack(dst []byte) []byte {
	s.walk(func(v int) int {
		dst = AppendInt(dst, int64(v))
		return v
	})
	return dst
}

// Unpack makes s what was packed, and gives the rest of src.
func (s *State) Unpack(p *Program, r *Rules, src []byte) (rest []byte) {
	s.Reset(p, r)
	s.walk(func(int) int {
		v, rest := Int(src)
		src = rest
		return int(v)
	})
	return src
}

// AppendInt appends v to dst as a varint. Most values are a byte.
func AppendInt(dst []byte, v int64) []byte {
	if -64 <= v && v < 64 {
		return append(dst, byte(v<<1^v>>63))
	}
	return binary.AppendVarint(dst, v)
}

// Int reads what AppendInt appended, and gives the rest of src.
func Int(src []byte) (v int64, rest []byte) {
	if b := src[0]; b < 0x80 {
		return int64(b>>1) ^ -int64(b&1), src[1:]
	}
	v, n := binary.Varint(src)
	return v, src[n:]
}

// walk replaces every value of the situation by what pass gives for it: the same one while it
// is packed, the one that was packed while it is unpacked.
func (s *State) walk(pass func(int) int) {
	s.conversations, s.interactionsMade, s.channelsMade = pass(s.conversations), pass(s.interactionsMade), pass(s.channelsMade)
	s.channels = resized(s.channels, pass(len(s.channels)))
	s.interactions = resized(s.interactions, pass(len(s.interactions)))
	s.blocks = resized(s.blocks, pass(len(s.blocks)))
	for i := range s.channels {
		c := &s.channels[i]
		c.Ordinal, c.Interaction, c.Conversation, c.Party = pass(c.Ordinal), pass(c.Interaction), pass(c.Conversation), pass(c.Party)
		c.Role, c.Phase = event.Role(pass(int(c.Role))), lifecycle.Phase(pass(int(c.Phase)))
		c.medium = media[pass(slices.Index(media, c.medium))]
		flags := pass(int(oneIf(c.Scheduled) | oneIf(c.spoken)<<1 | oneIf(c.coaches)<<2 | oneIf(c.joined)<<3))
		c.Scheduled, c.spoken, c.coaches, c.joined = flags&1 != 0, flags&2 != 0, flags&4 != 0, flags&8 != 0
	}
	for i := range s.interactions {
		s.interactions[i].walk(s.prog, pass)
	}
	for i := range s.blocks {
		b := &s.blocks[i]
		b.code, b.step, b.interaction, b.held = Code(pass(int(b.code))), b.step.walk(s.prog, pass), pass(b.interaction), pass(b.held)
	}
	for i := range s.parties {
		p := &s.parties[i]
		p.presence, p.intended, p.shown = pass(p.presence), pass(p.intended), pass(p.shown)
		p.lastChannel, p.noAnswer = pass(p.lastChannel), pass(int(oneIf(p.noAnswer))) != 0
	}
	s.ended.walk(s.prog, pass)
	s.excused = pass(int(oneIf(s.excused))) != 0
}

func (i *interaction) walk(p *Program, pass func(int) int) {
	i.ordinal, i.conversation, i.answered = pass(i.ordinal), pass(i.conversation), pass(int(oneIf(i.answered))) != 0
	i.asker = pass(i.asker)
	i.begun, i.since, i.over = i.begun.walk(p, pass), i.since.walk(p, pass), i.over.walk(p, pass)
}

// walk passes the place of the first operation of a step in its program, from 1; 0 for none.
func (s *Step) walk(p *Program, pass func(int) int) *Step {
	number := 0
	if s != nil {
		number = s.first
	}
	if number = pass(number); number == 0 {
		return nil
	}
	return p.ops[number-1].Step
}

// media are the words that interactions begin with, for what becomes of them by numbers.
var media = []string{"", "call", "email", "chat", "case"}

// resized is s with another length; walk sets whatever is new.
func resized[T any](s []T, length int) []T { return slices.Grow(s, length-len(s))[:length] }
