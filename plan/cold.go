package plan

import (
	"encoding/binary"
	"math/bits"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/story"
)

// cold keeps conversations as bytes, in slabs without pointers: a hundred thousand of them cost
// the garbage collector nothing.
type cold struct {
	sizes [96]size // of records, see classOf
	kept  int      // records
	bytes int64    // of all slabs
	buf   []byte
}

// size is the records of one size.
type size struct {
	slabs [][]byte
	free  []uint32
	used  uint32
}

const slab = 1 << 16 // bytes, unless a record is larger

// put keeps a play and says where: never 0.
func (c *cold) put(pl *play) (ref uint64) {
	c.buf = pl.pack(c.buf[:0])
	class := classOf(len(c.buf))
	s, slabs := &c.sizes[class], len(c.sizes[class].slabs)
	var at uint32
	if n := len(s.free); n > 0 {
		at, s.free = s.free[n-1], s.free[:n-1]
	} else {
		at = s.used
		s.used++
	}
	copy(s.record(class, at), c.buf)
	c.bytes += int64(len(s.slabs)-slabs) * int64(max(slab, lengthOf(class)))
	c.kept++
	return uint64(class)<<32 | uint64(at) | 1<<63
}

// classOf is the number of the size that a record of some bytes has. The sizes are 32, 40, 48,
// 56, 64, 80, 96, 112, 128 and so on: four from each power of two to the next.
func classOf(bytes int) int {
	if bytes <= 32 {
		return 0
	}
	power := bits.Len(uint(bytes-1)) - 6 // it is above 32<<power
	return 4*power + (bytes-32<<power+8<<power-1)>>(power+3)
}

// lengthOf is how many bytes a record of a class has.
func lengthOf(class int) int { return (32 + 8*(class%4)) << (class / 4) }

// take turns a play into what was put at ref, which is free again.
func (c *cold) take(ref uint64, pl *play) {
	class, at := int(ref>>32&0xff), uint32(ref)
	s := &c.sizes[class]
	pl.unpack(s.record(class, at))
	s.free = append(s.free, at)
	c.kept--
}

func (s *size) record(class int, at uint32) []byte {
	length := lengthOf(class)
	each := max(1, slab/length)
	k := int(at) / each
	for k >= len(s.slabs) {
		s.slabs = append(s.slabs, make([]byte, each*length))
	}
	from := int(at) % each * length
	return s.slabs[k][from : from+length]
}

// pack appends all of a play that begin cannot make again.
func (pl *play) pack(dst []byte) []byte {
	add := func(values ...int64) {
		for _, v := range values {
			dst = story.AppendInt(dst, v)
		}
	}
	silence := int64(0)
	if pl.silent {
		silence = 1
	}
	add(pl.clock-pl.born, pl.now-pl.born, int64(pl.at), int64(pl.turn), int64(len(pl.wraps)), int64(len(pl.pending)), int64(len(pl.channels)), silence)
	for _, n := range pl.rounds {
		add(int64(n))
	}
	for _, n := range pl.changes {
		add(int64(n))
	}
	for _, at := range pl.free {
		add(at - pl.born)
	}
	for i := range pl.wraps {
		w := &pl.wraps[i]
		add(w.at-pl.born, int64(w.ordinal), int64(w.op))
	}
	for i := range pl.pending {
		e := &pl.pending[i]
		add(e.due-pl.born, e.due-e.at, int64(e.channel), int64(e.op), int64(e.nth), int64(e.conv), int64(e.inter),
			int64(e.kind), int64(e.version)<<8|int64(e.change))
	}
	if pl.cast.roles != nil {
		dst = pl.casting.pack(dst)
	}
	for i := range pl.channels {
		id := &pl.channels[i]
		add(int64(id.conversation), int64(id.interaction), int64(id.party), int64(id.role)<<32|int64(id.events))
	}
	return pl.state.Pack(dst)
}

// unpack makes a play that has just begun what was packed.
func (pl *play) unpack(src []byte) {
	next := func() int64 {
		v, rest := story.Int(src)
		src = rest
		return v
	}
	pl.clock, pl.now = pl.born+next(), pl.born+next()
	pl.at, pl.turn = int(next()), uint64(next())
	wraps, pending, channels, silence := next(), next(), next(), next()
	pl.silent = silence > 0
	for i := range pl.rounds {
		pl.rounds[i] = int(next())
	}
	for i := range pl.changes {
		pl.changes[i] = uint32(next())
	}
	for i := range pl.free {
		pl.free[i] = pl.born + next()
	}
	for range wraps {
		pl.wraps = append(pl.wraps, wrapEnd{at: pl.born + next(), ordinal: int(next()), op: int32(next())})
	}
	for range pending {
		e := entry{due: pl.born + next()}
		e.at = e.due - next()
		e.channel, e.op, e.nth, e.conv, e.inter = int32(next()), int32(next()), uint32(next()), int32(next()), int32(next())
		e.kind = event.Kind(next())
		v := next()
		e.version, e.change = event.Version(v>>8), uint8(v)
		pl.pending = append(pl.pending, e)
	}
	if pl.cast.roles != nil {
		src = pl.casting.unpack(src)
		for party, agent := range pl.played {
			if agent >= 0 {
				pl.users[party] = event.User{}
			}
		}
	}
	for range channels {
		id := ident{conversation: int32(next()), interaction: int32(next()), party: int32(next())}
		v := next()
		id.role, id.events = event.Role(v>>32), uint32(v)
		pl.channels = append(pl.channels, id)
	}
	pl.state.Unpack(pl.cast.prog, &pl.cast.rules, src)
}

// pack appends who plays whom. What the pool wants to reach is kept elsewhere.
func (c *casting) pack(dst []byte) []byte {
	gaveUp := int64(0)
	if c.gaveUp {
		gaveUp = 1
	}
	dst = story.AppendInt(dst, int64(c.asking)<<1|gaveUp)
	for party, agent := range c.played {
		bound := int64(0)
		if c.bound[party] >= 0 {
			bound = 1
		}
		dst = story.AppendInt(dst, int64(agent)<<1|bound)
	}
	return dst
}

// atMost is how many bytes pack adds in a plan.
func (c *casting) atMost(p *Plan) int {
	if p.opts.Pool == nil {
		return 0
	}
	return binary.MaxVarintLen32 * (1 + len(c.played))
}

// unpack makes c what pack appended to src, and gives the rest.
func (c *casting) unpack(src []byte) (rest []byte) {
	v, src := story.Int(src)
	c.asking, c.gaveUp = int(v>>1), v&1 != 0
	for party := range c.played {
		v, src = story.Int(src)
		if c.played[party] = int32(v >> 1); v&1 != 0 {
			c.bound[party] = c.played[party]
			c.held++
		}
	}
	return src
}
