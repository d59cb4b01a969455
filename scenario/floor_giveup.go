package scenario

import "github.com/ringback/ringback/internal/lifecycle"

// GiveUp tells what happens when op, which needs an agent, waits for one in vain. What it is
// about ends as if the outside party had abandoned it, whoever takes part already; a call
// that is still to be dialled never begins. Then the story goes on where the innermost hold,
// park or interruption around that ends: block is the operation that began it, by step and
// code. It is false if there is none, and the story is over.
func (f *Floor) GiveUp(op *Op, to Move) (step *Step, code Code, block bool) {
	if cur := f.current(); cur != nil && (op.Code == Alert || op.Code == Join || f.blockOver(cur.ordinal) == nil) && op.Code != Dial {
		ended := cur.ordinal
		f.end(cur, op.Step, to)
		for n := len(f.blocks); n > 0 && f.blocks[n-1].interaction == ended; n-- {
			f.blocks = f.blocks[:n-1]
		}
		f.interruptOrResume(to)
		f.prune()
	}
	if n := len(f.blocks); n > 0 {
		return f.blocks[n-1].step, f.blocks[n-1].code, true
	}
	return nil, 0, false
}

// Close ends all that goes on, from the innermost interaction outwards, in a story that
// cannot go on as it is written since somebody gave up.
func (f *Floor) Close(op *Op, to Move) {
	f.blocks = f.blocks[:0]
	for f.current() != nil {
		f.end(f.current(), op.Step, to)
	}
	f.prune()
}

// Engaged tells whether an agent has a channel that has not ended.
func (f *Floor) Engaged(party int) bool {
	for i := range f.channels {
		if c := &f.channels[i]; c.Party == party && c.Phase != lifecycle.Ended {
			return true
		}
	}
	return false
}
