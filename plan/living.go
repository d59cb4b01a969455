package plan

import "sync/atomic"

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
	plays   []*play // by slot, from 1
	free    []int32 // slots for the next conversations
	awake   int     // turns with a play
	cold    cold    // many of the others
	texts   texts
	stopped *atomic.Bool // somebody ended the walk, or it takes too much memory
	memory  *memory
}

func (l *living) follows() bool { return l.more }

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

// How many living conversations are kept as plays, and how many more as bytes; see
// docs/decisions/0014. A million that begin at the same moment cost 64 bytes each beyond that,
// and time.
const (
	defaultAwake = 1_000
	defaultCold  = 500_000
)

// of is the play of a turn, or nil.
func (l *living) of(t *turn) *play {
	if t.slot == 0 {
		return nil
	}
	return l.plays[t.slot-1]
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

// wake makes a play of a conversation, as far as it is.
func (l *living) wake(t *turn) *play {
	pl := l.fresh()
	t.slot = pl.slot
	pl.begin(l.plan, t.index, t.born)
	if t.ref != 0 {
		l.cold.take(t.ref, pl)
		t.ref = 0
		return pl
	}
	pl.prepare()
	for range t.given {
		pl.drop()
		pl.prepare()
	}
	return pl
}

// sleep gives the play of a conversation to another one.
func (l *living) sleep(t *turn) {
	l.free = append(l.free, t.slot)
	t.slot = 0
	l.awake--
}

// relax puts a conversation away if too many are kept as plays: as bytes, or asleep.
func (l *living) relax(t *turn) {
	if l.awake <= l.plan.awake {
		return
	}
	if t.given > 0 && l.cold.kept < l.plan.cold {
		t.ref = l.cold.put(l.of(t))
	}
	l.sleep(t)
}
