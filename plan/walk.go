package plan

import (
	"iter"
	"slices"
	"sync/atomic"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/scenario/fault"
)

// Walk is one walk through a plan, and what has happened in it. It is for one goroutine at a
// time.
type Walk struct {
	plan     *Plan
	shard    Shard // the part that is given away
	activity *Activity
	stopped  atomic.Bool
}

// Stop ends the walk soon, also while it works towards its next notification: where a million
// conversations begin at the same moment, that takes a while. It may be called from anywhere.
func (w *Walk) Stop() { w.stopped.Store(true) }

// Walk prepares a walk.
func (p *Plan) Walk() *Walk { return &Walk{plan: p, shard: p.opts.Shard, activity: &Activity{}} }

// Notifications walks the plan in the order of the planned sending; what is due at the same
// moment comes in the order of the conversations, unless it had to wait for a slot. Its memory
// grows with the conversations that are alive at the same time, not with their number. Walking
// again begins anew.
func (w *Walk) Notifications() iter.Seq[Notification] {
	return func(yield func(Notification) bool) {
		p, shard := w.plan, w.shard
		if p.whole() {
			shard = Shard{}
		}
		w.activity = &Activity{Whole: shard.Of <= 1}
		src := p.source(w.activity, shard, nil)
		src.until(&w.stopped)
		if own := w.shard; own.Of > 1 {
			all, seq := yield, uint64(0)
			yield = func(n Notification) bool {
				if n.Story%own.Of != own.Index {
					return true
				}
				n.Seq = seq
				seq++
				return all(n)
			}
		}
		if p.faulty() {
			p.withFaults(src, w.activity, yield)
			return
		}
		for seq := uint64(0); ; seq++ {
			n, ok := src.next()
			if !ok {
				return
			}
			n.Seq = seq
			w.activity.note(&n)
			if !yield(n) {
				return
			}
		}
	}
}

// Activity is what has happened so far. In a part of a plan it is the part's, unless the
// conversations decide on one another or faults count notifications: then it is that of the
// whole plan. It is for the goroutine that walks, or for others when that has ended.
func (w *Walk) Activity() Activity {
	f := *w.activity
	if f.Wait != nil {
		f.Wait, f.Answer = hdrhistogram.Import(f.Wait.Export()), hdrhistogram.Import(f.Answer.Export())
	}
	return f
}

// whole reports whether a part of the plan needs a walk through all of it: conversations that
// decide on one another, and faults that count.
func (p *Plan) whole() bool {
	return p.coupled() || p.Commits(fault.RotateKey) ||
		slices.ContainsFunc(p.faultRules(), func(r ruleState) bool { return r.Every > 0 || r.Count > 0 })
}
