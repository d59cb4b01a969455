package plan

import "sync/atomic"

// conversation is one that is alive, in whatever form. Pointers would cost the garbage collector
// time with a hundred thousand of them. Without a play it is kept as bytes, or asleep: what it was
// is planned again, up to where it is, when its turn comes.
type conversation struct {
	born  int64
	ref   uint64 // where it is kept as bytes; 0: nowhere
	slot  int32  // of its play; 0: none
	given uint32 // notifications so far, where it can be planned again
	stamp uint32 // only a turn with it counts, and a place in the queue for agents
}

// living is the conversations of a walk that are alive. The first of them are kept as plays,
// more as bytes, and a million of them asleep.
type living struct {
	plan    *Plan
	stats   *Activity
	past    *past // what is kept for later; nil: nothing
	clock   births
	begun   uint64 // the next conversation
	alive   int
	idle    int   // conversations in a row that came to nothing and took no time
	last    int64 // the moment up to which stats are kept
	more    bool  // others of the conversation follow the notification given last
	heap    turns
	convs   []conversation
	vacant  []int32 // convs that have ended
	waits   []wait  // of convs without a play; only with a pool
	plays   []*play // by slot, from 1
	free    []int32 // slots for the next conversations
	awake   int     // convs with a play
	coupled bool    // they decide on one another, so that none can be planned again by itself
	cold    cold    // many of the others
	texts   texts
	stopped *atomic.Bool // somebody ended the walk, or it takes too much memory
	memory  *memory
}

func (l *living) follows() bool { return l.more }

// closes is false where no burst is cut short.
func (l *living) closes() bool { return false }

// arrives reports whether the next conversation begins before anything else happens.
func (l *living) arrives() bool {
	return !l.stopped.Load() && l.begun < l.plan.count && (len(l.heap) == 0 || l.clock.at(l.begun) <= l.heap[0].at)
}

// mayBegin reports whether a conversation whose beginning is not known beforehand may begin at
// a moment: that is not too late, and something comes of them.
func (l *living) mayBegin(at int64) bool {
	const most = 100_000 // in a row that neither send anything nor take time
	return l.begun < l.plan.count && at < l.plan.lastBirth() && l.idle < most
}

// began counts a conversation.
func (l *living) began(at int64) {
	if l.stats.Conversations++; l.stats.Conversations%looks == 0 {
		l.look(at)
	}
	if l.past != nil {
		l.past.births = append(l.past.births, at)
	}
}

// live counts a conversation as alive, and makes room for the agents of all those.
func (l *living) live() {
	if l.alive++; l.alive > l.stats.PeakLive {
		l.stats.PeakLive = l.alive
		l.texts.expect(uint64(l.alive) * l.plan.casts[0].stride)
	}
}

// observe lets the time go on to a moment.
func (l *living) observe(at int64) {
	if at > l.last {
		l.stats.live(at-l.last, l.alive)
		l.last = at
	}
}

// How many living conversations are kept as plays, and how many more as bytes, where they can be
// planned again; see docs/decisions/0014. A million that begin at the same moment cost 64 bytes each beyond that,
// and time.
const (
	defaultAwake = 1_000
	defaultCold  = 500_000
)

// enter takes in the conversation that begins next. Its first turn is where something happens.
func (l *living) enter(index uint64, born int64) turn {
	k := int32(len(l.convs))
	if n := len(l.vacant); n > 0 {
		k, l.vacant = l.vacant[n-1], l.vacant[:n-1]
	} else {
		l.convs = append(l.convs, conversation{})
		if l.plan.opts.Pool != nil {
			l.waits = append(l.waits, wait{})
		}
	}
	c := &l.convs[k]
	*c = conversation{born: born, stamp: c.stamp}
	return turn{at: born, index: index, conv: k, mark: c.mark(false)}
}

// forget ends a conversation, with all of its turns and places.
func (l *living) forget(t *turn) {
	l.sleep(t)
	l.convs[t.conv].stamp++
	l.vacant = append(l.vacant, t.conv)
}

// of is the play of a turn, or nil.
func (l *living) of(t *turn) *play {
	slot := l.convs[t.conv].slot
	if slot == 0 {
		return nil
	}
	return l.plays[slot-1]
}

// awakened is the play of a turn, made again if need be.
func (l *living) awakened(t *turn) *play {
	if pl := l.of(t); pl != nil {
		return pl
	}
	return l.wake(t)
}

// fresh is a play for a conversation.
func (l *living) fresh() *play {
	l.awake++
	if n := len(l.free); n > 0 {
		slot := l.free[n-1]
		l.free = l.free[:n-1]
		return l.plays[slot-1]
	}
	l.plays = append(l.plays, &play{texts: &l.texts, slot: int32(len(l.plays)) + 1})
	return l.plays[len(l.plays)-1]
}

// wake makes a play of a conversation, as far as it is. With a pool, one that has just begun has
// planned nothing yet.
func (l *living) wake(t *turn) *play {
	pl, c := l.fresh(), &l.convs[t.conv]
	c.slot = pl.slot
	pl.conv = t.conv
	pl.begin(l.plan, t.index, c.born)
	switch {
	case c.ref != 0:
		l.cold.take(c.ref, pl)
		c.ref = 0
		if l.waits != nil {
			pl.wait = l.waits[t.conv]
		}
	case l.waits == nil:
		pl.prepare()
		for range c.given {
			pl.drop()
			pl.prepare()
		}
	}
	return pl
}

// sleep gives the play of a conversation to another one.
func (l *living) sleep(t *turn) {
	c := &l.convs[t.conv]
	l.free = append(l.free, c.slot)
	c.slot = 0
	l.awake--
}

// relax puts a conversation away if too many are kept as plays: as bytes, or asleep if too many are
// bytes and it can be planned again.
func (l *living) relax(t *turn) {
	if l.awake <= l.plan.awake {
		return
	}
	if c := &l.convs[t.conv]; l.coupled || c.given > 0 && l.cold.kept < l.plan.cold {
		pl := l.of(t)
		c.ref = l.cold.put(pl)
		if l.waits != nil {
			l.waits[t.conv] = pl.wait
		}
	}
	l.sleep(t)
}

// waitOf is what a conversation asks of the pool, in whatever form it is.
func (l *living) waitOf(conv int32) *wait {
	if slot := l.convs[conv].slot; slot > 0 {
		return &l.plays[slot-1].wait
	}
	return &l.waits[conv]
}
