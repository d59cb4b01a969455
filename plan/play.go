package plan

import (
	"slices"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/internal/story"
	"github.com/ringback/ringback/scenario"
)

// play is one conversation while it is alive: the program of its scenario, how far it is,
// and what it has planned but not yet given away. All moments are nanoseconds after the
// plan's start.
type play struct {
	plan   *Plan
	cast   *cast
	index  uint64
	key    seeded.Key // of the choices; set by rename
	ids    seeded.Key // of the identifiers, which are others with every start
	events seeded.Key // of the choices about events
	state  story.State
	born   int64 // when it began
	clock  int64 // the latest moment at which something happened

	at     int   // the next operation
	op     int32 // the one that is being done; -1: none
	now    int64 // when it happens
	rounds []int // left, of each repeat step
	turn   uint64
	wraps  []wrapEnd

	pending  []entry // by due, then by order of planning
	channels []ident // by ordinal
	users    []event.User
	changes  []uint32 // presence changes of each party
	free     []int64  // when each party may change its presence or be rung: behind the latest change

	lag, occurred, sent memo // of the latest moments for which they were drawn

	texts *texts // of the walk
	slot  int32  // among its plays
	conv  int32  // and of the conversation among those that are alive

	casting
}

// memo is what was drawn for a moment. Much happens at the same one.
type memo struct{ at, drawn int64 }

// wrapEnd is the planned end of an agent's after-work, of a failed channel, or of No Answer.
type wrapEnd struct {
	at      int64
	ordinal int
	op      int32 // the step that speaks for it; -1: none
}

// begin starts the i-th conversation of a plan, reusing the memory of an earlier one.
func (pl *play) begin(p *Plan, i uint64, born int64) {
	c := p.casts[p.ScenarioOf(i)]
	*pl = play{plan: p, cast: c, index: i, born: born, now: born, clock: born, op: -1,
		casting: pl.casting, texts: pl.texts, slot: pl.slot, conv: pl.conv, state: pl.state, rounds: pl.rounds[:0], wraps: pl.wraps[:0], pending: pl.pending[:0],
		channels: pl.channels[:0], users: pl.users[:0], changes: pl.changes[:0], free: pl.free[:0]}
	pl.rename(seeded.From(p.opts.Seed).With(namePlay).With(i))
	pl.ids = pl.key.With(nameStart).With(uint64(p.opts.Start.UnixNano()))
	pl.state.Reset(c.prog, &c.rules)
	for range story.Loops(c.prog) {
		pl.rounds = append(pl.rounds, 0)
	}
	for party := range c.prog.Parties {
		pl.users = append(pl.users, c.fixed[party])
		pl.changes, pl.free = append(pl.changes, 0), append(pl.free, born)
	}
	pl.recast(len(c.prog.Parties))
}

// never is no moment of a plan.
const never = -1

// rename lets the choices be made under another name.
func (pl *play) rename(key seeded.Key) {
	pl.key, pl.events = key, key.With(nameEvent)
	pl.lag.at, pl.occurred.at, pl.sent.at = never, never, never
}

// due is when the next notification of a prepared play is sent.
func (pl *play) due() int64 { return pl.pending[0].due }

// drop forgets the next notification, which has been given away.
func (pl *play) drop() {
	pl.pending = append(pl.pending[:0], pl.pending[1:]...)
}

// prepare goes on until it is certain which notification is next: none that is planned
// later can be due earlier, since nothing is sent before it happened. It is false if
// there is none.
func (pl *play) prepare() bool {
	for {
		wake, more := pl.wake()
		switch {
		case len(pl.pending) > 0 && (!more || pl.due() <= wake):
			return true
		case !more:
			return false
		}
		pl.step(wake)
	}
}

// wake is the moment at which something happens next.
func (pl *play) wake() (at int64, more bool) {
	at, more = pl.now, pl.at < len(pl.cast.ops)
	if !more {
		pl.settle() // for agents who left in the very last step
	} else if pl.asking >= 0 {
		at = pl.until
	}
	for _, w := range pl.wraps {
		if !more || w.at < at {
			at, more = w.at, true
		}
	}
	return at, more
}

// step does what happens at the moment wake: the end of a wrap, or the next operation.
func (pl *play) step(wake int64) {
	pl.clock = max(pl.clock, wake)
	for i, w := range pl.wraps {
		if w.at == wake { // before an operation of the same moment, which may wait for it
			pl.wraps = append(pl.wraps[:i], pl.wraps[i+1:]...)
			pl.op = w.op
			pl.finish(w.ordinal, wake)
			pl.op = -1
			return
		}
	}
	if pl.asking >= 0 {
		pl.answered(wake)
		return
	}
	op := &pl.cast.ops[pl.at]
	if op.Settles() {
		pl.settle()
	}
	if ordinal := pl.state.Awaits(op); ordinal >= 0 {
		for _, w := range pl.wraps {
			if w.ordinal == ordinal {
				pl.now = w.at
				return
			}
		}
	}
	if pl.cast.roles != nil && pl.asks(pl.at) {
		return
	}
	pl.at++
	pl.op = int32(pl.at - 1)
	pl.do(op)
	pl.op = -1
}

// finish ends a wrap, a failed channel or an agent's No Answer.
func (pl *play) finish(ordinal int, at int64) {
	if party, returned := story.Returned(ordinal); returned {
		pl.state.Return(party)
		pl.planPresence(at, party)
		return
	}
	pl.state.FinishWrap(ordinal, pl.mover(at))
}

// aMoment is between two things that an agent does, if one is a change of presence: channels tell
// milliseconds only, so by data.timestamp an alerted in that millisecond would be before the change.
const aMoment = int64(time.Millisecond)

// planPresence plans the event of a party whose presence has just changed, if it has.
func (pl *play) planPresence(at int64, party int) {
	if presence := pl.state.News(party); presence > 0 {
		at = max(at, pl.free[party])
		pl.free[party] = at + aMoment
		pl.plan1(&entry{at: at, channel: int32(party), nth: pl.changes[party], kind: event.PresenceChanged, change: uint8(presence), op: pl.op})
		pl.changes[party]++
	}
}

func (pl *play) settle() {
	pl.state.Settle(pl.mover(pl.now), func(c *story.Channel) {
		src := pl.key.With(nameWrap).With(uint64(c.Ordinal)).Source()
		pl.wraps = append(pl.wraps, wrapEnd{pl.now + int64(story.Draw(&pl.cast.prog.Parties[c.Party].Agent.Wrap, &src)), c.Ordinal, -1})
	})
}

// do does one operation.
func (pl *play) do(op *story.Op) {
	switch op.Code {
	case story.Choose:
		src := pl.draw()
		at := src.Float()
		for _, w := range op.Ways {
			if pl.at = w.To; at < w.UpTo {
				return
			}
		}
		return
	case story.Jump:
		pl.at = op.To
		return
	case story.LoopBegin:
		src, t := pl.draw(), op.Step.Times
		if pl.rounds[op.Loop] = t.Min + int(src.Below(uint64(t.Max-t.Min+1))); pl.rounds[op.Loop] == 0 {
			pl.at = op.To
		}
		return
	case story.LoopEnd:
		pl.turn++
		if pl.rounds[op.Loop]--; pl.rounds[op.Loop] > 0 {
			pl.at = op.To
		}
		return
	}
	if p := pl.state.Apply(op, pl.mover(pl.now)); p != nil {
		if pl.gaveUp {
			pl.stray()
			return
		}
		panic("plan: the checker let this pass: " + p.Text)
	}
	switch op.Code {
	case story.Wait:
		pl.queues(op)
	case story.WrapUp:
		if pl.state.Wraps() { // an agent without wrap keeps nobody waiting
			pl.pass(op)
			pl.state.Wrapping(pl.planWrapEnd)
		}
	case story.SetPresence:
		pl.planPresence(pl.now, op.Party)
	case story.SendBody:
		pl.planSend(op)
	}
}

// planWrapEnd ends the wrap of those for whom a wrap step speaks, when that step is over.
func (pl *play) planWrapEnd(c *story.Channel) {
	if !slices.ContainsFunc(pl.wraps, func(w wrapEnd) bool { return w.ordinal == c.Ordinal }) {
		pl.wraps = append(pl.wraps, wrapEnd{pl.now, c.Ordinal, pl.op})
	}
}

// pass lets the time of an operation pass. A story whose random times add up to more than
// scenario.MaxStory goes on without time.
func (pl *play) pass(op *story.Op) {
	src := pl.draw()
	end := pl.born + int64(scenario.MaxStory)
	pl.now = min(pl.now+int64(story.Draw(op.Span, &src)), max(end, pl.now))
}
