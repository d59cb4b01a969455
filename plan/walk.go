package plan

import (
	"cmp"
	"iter"
	"slices"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/scenario/fault"
)

// Walk is one walk through a plan, and what has happened in it. It is for one goroutine at a
// time.
type Walk struct {
	plan     *Plan
	shard    Shard // the part that is given away
	activity *Activity
	stopped  atomic.Bool
	memory   *memory
	most     int64 // bytes; 0: those of the plan
}

// Limit bounds the memory that the walk takes for what is alive in it, in bytes. It is called before Notifications.
func (w *Walk) Limit(bytes int64) { w.most = bytes }

// Stop ends the walk soon, also while it works towards its next notification: where a million
// conversations begin at the same moment, that takes a while. It may be called from anywhere.
func (w *Walk) Stop() { w.stopped.Store(true) }

// Err is why the walk ended before its end: a *memoryError, or errStopped; nil if it did not, or if Stop ended it. It is for the goroutine
// that walks, or for others when that has ended.
func (w *Walk) Err() error {
	switch {
	case w.memory != nil && w.memory.err != nil:
		return w.memory.err
	case w.plan.stopped():
		return errStopped
	}
	return nil
}

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
		w.memory = p.limit()
		w.memory.most = cmp.Or(w.most, w.memory.most)
		src := p.source(w.activity, shard, nil, &w.stopped, w.memory)
		yield = w.givenAway(yield)
		last := counter{yield: yield}
		var faults *injector
		if p.faulty() {
			if p.opts.Unordered {
				yield = last.add
			}
			faults = newInjector(p, yield)
		}
		seq := uint64(0)
		give := func(n *Notification, more bool) bool {
			n.Seq = seq
			seq++
			if faults == nil {
				return yield(*n)
			}
			return faults.release(n.Due) && faults.inject(*n, more)
		}
		var together *bursts
		if p.opts.Unordered {
			together = newBursts(p, src, give)
			give = together.add
		}
		w.memory.held = func() int64 { return faults.size() + together.size() }
		n := new(Notification) // one for all: whatever keeps it keeps a copy
		for given := uint64(1); src.next(n); {
			if given++; given%looks == 0 {
				src.look(int64(n.At))
			}
			w.activity.note(n)
			if !give(n, src.follows()) {
				return
			}
		}
		if p.cutsBursts() && w.Err() == nil && !w.stopped.Load() && !together.flush() {
			return
		}
		if faults != nil && w.Err() == nil && faults.release(1<<63-1) {
			last.flush()
		}
	}
}

// givenAway leaves out what belongs to other shards, and what faults have moved behind the end of the plan's time.
func (w *Walk) givenAway(yield func(Notification) bool) func(Notification) bool {
	all, seq, own, until := yield, uint64(0), w.shard, w.plan.until
	if own.Of > 1 {
		yield = func(n Notification) bool {
			if n.Story%own.Of != own.Index {
				return true
			}
			n.Seq = seq
			seq++
			return all(n)
		}
	}
	if until == endless || !w.plan.faulty() && !w.plan.opts.Unordered {
		return yield
	}
	some := yield
	return func(n Notification) bool { return int64(n.Due) >= until || some(n) }
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

// Activity is what has happened in a walk so far, in the time of the plan. Without a pool of
// agents only what is about conversations counts.
type Activity struct {
	Conversations uint64 // that have begun
	Offered       uint64 // times that a conversation asked the pool for an agent
	Answered      uint64 // of these, that one was found
	Queued        uint64 // of these, that took time, whatever came of it
	Abandoned     uint64 // of these, that nobody was found and the outside party gave up
	Interruptions uint64 // channel.interrupted events of agents, one version counted

	Wait     *hdrhistogram.Histogram // of all that is offered, until it is answered or abandoned, in ms; nil without a pool
	Answer   *hdrhistogram.Histogram // of what is answered alone, in ms; nil without a pool
	Agents   int                     // in the pool; 0 without one
	Busy     time.Duration           // of agents in use, added up; after-work counts
	Span     time.Duration           // observed, from the plan's start
	LiveTime float64                 // of living conversations, added up, in seconds

	Whole bool // it is that of the whole plan, also in a walk through a part of it

	PeakLive, PeakQueued, PeakBusy int // at any moment: conversations, those that wait for an agent, agents in use
}

// Occupancy is the share of their time that the pool's agents were in use, 0 to 1; 0
// without a pool or before any time has passed.
func (f *Activity) Occupancy() float64 {
	return f.MeanBusy() / float64(max(1, f.Agents)) // which are 0 together
}

// MeanBusy is how many agents were in use on average.
func (f *Activity) MeanBusy() float64 { return f.mean(f.Busy.Seconds()) }

// MeanLive is how many conversations were alive on average.
func (f *Activity) MeanLive() float64 { return f.mean(f.LiveTime) }

func (f *Activity) mean(seconds float64) float64 {
	if f.Span <= 0 {
		return 0
	}
	return seconds / f.Span.Seconds()
}

// ServiceLevel is the share of what was offered and is no longer waiting that was answered
// within a time, 0 to 1; 1 if there is nothing.
func (f *Activity) ServiceLevel(within time.Duration) float64 {
	if f.Answer == nil || f.Answered+f.Abandoned == 0 {
		return 1
	}
	answered := int64(0)
	for _, bar := range f.Answer.Distribution() {
		if bar.From <= within.Milliseconds() {
			answered += bar.Count
		}
	}
	return float64(answered) / float64(f.Answered+f.Abandoned)
}

// live counts conversations that were alive for a time.
func (f *Activity) live(ns int64, conversations int) {
	f.Span += time.Duration(ns)
	f.LiveTime += float64(ns) / 1e9 * float64(conversations)
}

// note counts what a notification tells.
func (f *Activity) note(n *Notification) {
	if n.Event.Type.Kind == event.Interrupted && n.Left != n.Phase && n.Event.Channel.Party.Role == event.Agent {
		f.Interruptions++
	}
}
