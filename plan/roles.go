package plan

import (
	"math"

	"github.com/ringback/ringback/internal/story"
	"github.com/ringback/ringback/scenario"
)

// roles says what a story wants from a pool of agents: who of its parties comes from there,
// and how long each of them is needed. It is nil without a pool.
type roles struct {
	pooled []bool     // by party: interactions are offered to them, or they dial
	lacks  [][]int    // by operation: the pooled parties without whom it cannot happen
	needed [][]uint64 // by operation: a set of the parties that it or a later one mentions
}

func newRoles(prog *story.Program) *roles {
	ops := story.Ops(prog)
	n := len(ops)
	r := &roles{pooled: make([]bool, len(prog.Parties)), lacks: make([][]int, n), needed: make([][]uint64, n+1)}
	for i := range ops {
		if op := &ops[i]; op.Code == story.Alert || op.Code == story.Dial {
			r.pooled[op.Party] = true
		}
	}
	for i := range r.needed {
		r.needed[i] = make([]uint64, (len(prog.Parties)+63)/64)
	}
	for i := range ops {
		op := &ops[i]
		for _, party := range mentioned(prog, op) {
			if !r.pooled[party] {
				continue
			}
			r.needed[i][party/64] |= 1 << (party % 64)
			switch op.Code {
			case story.Alert, story.Dial, story.Join, story.SetPresence, story.SendBody:
				r.lacks[i] = append(r.lacks[i], party)
			}
		}
	}
	for changed := true; changed; { // once for each level of loops
		changed = false
		for i := n - 1; i >= 0; i-- {
			changed = r.inherit(ops, i) || changed
		}
	}
	return r
}

// mentioned lists the parties whom an operation needs to be somebody.
func mentioned(prog *story.Program, op *story.Op) (parties []int) {
	switch op.Code {
	case story.Alert, story.Answer, story.Fail, story.Dial, story.Join, story.Leave, story.SetPresence:
		return []int{op.Party}
	case story.SendBody:
		op.Step.Send.Expand(func(h scenario.Placeholder) string {
			for i := range prog.Parties {
				if prog.Parties[i].Name == h.Party {
					parties = append(parties, i)
				}
			}
			return ""
		})
	}
	return parties
}

// inherit adds what the operations that may follow need, and reports whether that is new.
func (r *roles) inherit(ops []story.Op, i int) (changed bool) {
	add := func(next int) {
		for w, set := range r.needed[next] {
			if more := r.needed[i][w] | set; more != r.needed[i][w] {
				r.needed[i][w], changed = more, true
			}
		}
	}
	op := &ops[i]
	switch op.Code {
	case story.Choose:
		for _, w := range op.Ways {
			add(w.To)
		}
	case story.Jump:
		add(op.To)
	case story.LoopBegin, story.LoopEnd:
		add(op.To)
		add(i + 1)
	default:
		add(i + 1)
	}
	return changed
}

// fate is the result of asking the pool for an agent.
type fate struct {
	story uint64
	at    int64 // when it was decided
	agent int32 // who was found; -1: nobody, and the outside party gave up
}

// casting is who plays whom in a conversation that takes its agents from a pool.
type casting struct {
	bound  []int32 // the agent of each party; -1: none yet, or none any more
	held   int     // how many agents that is
	asking int     // the party for whom an agent is wanted now; -1: none
	since  int64   // when that was asked
	until  int64   // when it is decided: known for a fate, else the end of the patience
	agent  int32   // who is found then; -1: nobody
	fates  []fate  // that are known beforehand; nil: the simulation decides
	gaveUp bool    // somebody did, so the story is on a path that no checker has seen

	queued bool   // the simulation has it in its queue
	stuck  int    // agents that it holds while it can only wait
	stamp  uint32 // of its turn that counts
	silent bool   // it has sent nothing so far
}

// recast gives the parties of a new play nobody yet.
func (c *casting) recast(parties int) {
	*c = casting{bound: c.bound[:0], asking: -1, stamp: c.stamp + 1, silent: true}
	for range parties {
		c.bound = append(c.bound, -1)
	}
}

// asks reports whether an operation cannot happen before an agent is found; then it asks for one.
func (pl *play) asks(at int) bool {
	for _, party := range pl.cast.roles.lacks[at] {
		if pl.bound[party] >= 0 {
			continue
		}
		pl.asking, pl.since, pl.until, pl.agent = party, pl.now, math.MaxInt64, -1
		if len(pl.fates) > 0 {
			pl.until, pl.agent = pl.fates[0].at, pl.fates[0].agent
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
	pl.bound[party] = pl.agent
	pl.users[party] = pl.plan.agents[pl.agent]
	pl.held++
}

// patience is how long the outside party of an offer waits for an agent. Nobody else has any,
// but a story ends.
func (pl *play) patience() int64 {
	end := max(pl.born+int64(scenario.MaxStory), pl.now)
	span := pl.plan.opts.Pool.Patience
	if pl.cast.ops[pl.at].Code != story.Alert || span == nil {
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

// freed takes an agent from a party who needs none any more, and gives the agent back, or -1.
func (pl *play) freed(over bool) (agent int32) {
	for party, agent := range pl.bound {
		if agent >= 0 && (over || pl.cast.roles.needed[pl.at][party/64]&(1<<(party%64)) == 0 && !pl.state.Engaged(party)) {
			pl.bound[party] = -1
			pl.held--
			return agent
		}
	}
	return -1
}

// queues passes the time of a queue step, unless the pool decides how long the party queues.
func (pl *play) queues(op *story.Op) {
	if ops := pl.cast.ops; pl.cast.roles != nil && pl.at < len(ops) && op.Step.Word == "queue" {
		if next := &ops[pl.at]; next.Code == story.Alert && pl.bound[next.Party] < 0 {
			return
		}
	}
	pl.pass(op)
}
