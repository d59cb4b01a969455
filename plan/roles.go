package plan

import (
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
	case story.Alert, story.Answer, story.Fail, story.Dial, story.Join, story.Leave, story.SetPresence, story.Coach, story.JoinIn:
		if op.Party == story.Asker {
			return nil
		}
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
