package plan

import (
	"math"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/story"
	"github.com/ringback/ringback/scenario"
)

// fate is the result of asking the pool for an agent.
type fate struct {
	story uint64
	at    int64 // when it was decided
	agent int32 // who was found; -1: nobody, and the outside party gave up
	left  uint8 // the presence that was told of the agent last, by number; 0: none
}

// casting is who plays whom in a conversation that takes its agents from a pool.
type casting struct {
	bound  []int32 // the agent of each party; -1: none yet, or none any more
	played []int32 // the same, but whoever is no more needed stays
	held   int     // how many agents are bound
	asking int     // the party for whom an agent is wanted now; -1: none
	fates  []fate  // that are known beforehand; nil: the simulation decides
	gaveUp bool    // somebody did, so the story is on a path that no checker has seen
	silent bool    // it has sent nothing so far
	wait
}

// wait is what a conversation asks of the pool, and what comes of it. The pool reaches it also
// while the conversation is kept as bytes.
type wait struct {
	since  int64 // when an agent was asked for
	until  int64 // when it is decided: known for a fate, else the end of the patience
	agent  int32 // who is found then; -1: nobody
	stuck  int32 // agents that it holds while it can only wait
	left   uint8 // the presence that was told of the agent last, by number; 0: none
	queued bool  // the simulation has it in its queue
}

// recast gives the parties of a new play nobody yet.
func (c *casting) recast(parties int) {
	*c = casting{bound: c.bound[:0], played: c.played[:0], asking: -1, silent: true}
	for range parties {
		c.bound, c.played = append(c.bound, -1), append(c.played, -1)
	}
}

// asks reports whether an operation cannot happen before an agent is found; then it asks for one.
func (pl *play) asks(at int) bool {
	for _, party := range pl.cast.roles.lacks[at] {
		if pl.bound[party] >= 0 {
			continue
		}
		pl.asking, pl.since, pl.until, pl.agent = party, pl.now, math.MaxInt64, -1
		pl.left = 0
		if len(pl.fates) > 0 {
			pl.until, pl.agent, pl.left = pl.fates[0].at, pl.fates[0].agent, pl.fates[0].left
			pl.fates = pl.fates[1:]
		}
		return true
	}
	return false
}

// answered continues the play with the pool's answer.
func (pl *play) answered(at int64) {
	party := pl.asking
	pl.asking, pl.now = -1, at
	if pl.agent < 0 {
		pl.giveUp()
		return
	}
	pl.bound[party], pl.played[party] = pl.agent, pl.agent
	pl.users[party] = event.User{} // made when it is first asked for
	pl.held++
	pl.state.Come(party, int(pl.left), pl.cast.ops[pl.at].Code != story.SetPresence)
	pl.planPresence(at, party)
}

// patience is how long the outside party of an offer waits for an agent. Nobody else has any,
// but a story ends.
func (pl *play) patience() int64 {
	end := max(pl.born+int64(scenario.MaxStory), pl.now)
	span := pl.plan.opts.Pool.Patience
	if pl.cast.ops[pl.at].Code != story.Alert || pl.cast.ops[pl.at].Step.Word == "callback" || span == nil || pl.state.Unhurried() {
		return end
	}
	src := pl.key.With(namePatience).With(uint64(pl.at)).With(pl.turn).Source()
	return min(pl.now+int64(story.Draw(span, &src)), end)
}

// giveUp lets the outside party leave. The story continues behind the block around the
// interaction, or is over.
func (pl *play) giveUp() {
	pl.gaveUp = true
	pl.at = pl.state.GiveUp(&pl.cast.ops[pl.at], pl.mover(pl.now))
}

// stray ends a story that cannot go on as it is written since somebody gave up: a later step
// may rest on what was left out.
func (pl *play) stray() {
	pl.state.Close(&pl.cast.ops[pl.at-1], pl.mover(pl.now))
	pl.at = len(pl.cast.ops)
}

// freed takes an agent from a party who needs none any more, and gives the agent back, or -1, with
// the presence that was told of the agent last, and when the agent may go on.
func (pl *play) freed(over bool) (agent int32, left uint8, free int64) {
	for party, agent := range pl.bound {
		if agent >= 0 && (over || pl.cast.roles.needed[pl.at][party/64]&(1<<(party%64)) == 0 && !pl.state.Engaged(party)) {
			pl.bound[party] = -1
			pl.held--
			return agent, uint8(pl.state.Left(party)), pl.free[party]
		}
	}
	return -1, 0, 0
}

// queues passes the time of a step, unless the pool decides how long the party queues.
func (pl *play) queues(op *story.Op) {
	if pl.state.Skips(op) {
		return
	}
	if ops := pl.cast.ops; pl.cast.roles != nil && pl.at < len(ops) && op.Queues() {
		if next := &ops[pl.at]; next.Code == story.Alert && pl.bound[next.Party] < 0 {
			return
		}
	}
	pl.pass(op)
}
