package plan

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"
)

// past is what a walk that cannot be known beforehand decided: when each conversation began,
// and how its waits for agents ended. That takes 8 bytes a conversation and 24 bytes for
// each time that an agent was wanted.
type past struct {
	births []int64
	given  []uint32 // notifications of each conversation before the end of the plan's time; nil if that is its own
	fates  []fate   // in the order of the conversations, then of the time
	length time.Duration
	first  uint64 // conversations that are to be known; the walk may end behind them
	over   uint64 // of these, the ones that have come to their end
}

// mostFirst is how many conversations are known without a walk through all of the plan, which
// may take as long as planning the whole run did.
const mostFirst = 1024

// source is a walk without its faults.
type source interface {
	next(n *Notification) bool
	follows() bool // others of the conversation follow the notification given last
	closes() bool  // these come after the plan's time, as far as that is known; only of a rate of events
	look(at int64) // at the memory
}

// source begins a walk, which ends soon after somebody stopped it.
func (p *Plan) source(stats *Activity, shard Shard, keep *past, stopped *atomic.Bool, m *memory) source {
	if p.until != endless {
		end := &ending{until: p.until, source: p.unending(stats, shard, keep, stopped, m)}
		if !p.opts.Events.IsZero() {
			end.past = keep
		}
		return end
	}
	return p.unending(stats, shard, keep, stopped, m)
}

// unending begins a walk in which all conversations go on to their ends.
func (p *Plan) unending(stats *Activity, shard Shard, keep *past, stopped *atomic.Bool, m *memory) source {
	l := living{plan: p, stats: stats, past: keep, clock: births{plan: p}, stopped: stopped, memory: m}
	switch {
	case !p.opts.Events.IsZero():
		s := &slots{merge: merge{living: l, step: 1}, from: p.opening}
		s.slot = s.first(p.opening)
		return s
	case p.coupled():
		return newSimulation(l)
	}
	l.begun = shard.Index
	return &merge{living: l, step: max(1, shard.Of)}
}

// totals is how many conversations a coupled plan has, and when its last notification is due.
type totals struct {
	conversations uint64
	length        time.Duration
}

// counted walks a coupled plan once to count. Nothing of it is kept, since there may be very many.
func (p *Plan) counted() totals {
	if known := p.totals.Load(); known != nil {
		return *known
	}
	w, t := &Walk{plan: p, activity: &Activity{}}, totals{}
	src := p.source(w.activity, Shard{}, nil, &w.stopped, p.limit())
	for n := new(Notification); src.next(n); {
		t.length = max(t.length, n.Due)
	}
	t.conversations = w.activity.Conversations
	p.totals.Store(&t)
	return t
}

// remembered walks a coupled plan once, and keeps what it decided. Two who ask at the same time
// may both walk, to the same end.
func (p *Plan) remembered() *past { return p.once(&p.past, unknown) }

// once walks unless that was done before.
func (p *Plan) once(kept *atomic.Pointer[past], first uint64) *past {
	known := kept.Load()
	if known == nil {
		known = p.remember(first)
		kept.Store(known)
	}
	return known
}

// known is what was decided up to the end of a conversation, or more.
func (p *Plan) known(story uint64) *past {
	if p.past.Load() != nil || story >= mostFirst {
		return p.remembered()
	}
	return p.once(&p.early, mostFirst)
}

// remember walks until what the first conversations decide is known.
func (p *Plan) remember(first uint64) *past {
	keep := &past{first: first}
	src := p.source(&Activity{}, Shard{}, keep, &atomic.Bool{}, p.limit())
	if p.opts.Events.IsZero() { // how a wait ends shows after the end of the plan's time
		src = p.unending(&Activity{}, Shard{}, keep, &atomic.Bool{}, p.limit())
	}
	for n := new(Notification); src.next(n) && !keep.enough(p.opts.Pool != nil || p.until != endless); {
		keep.length = max(keep.length, n.Due)
	}
	slices.SortStableFunc(keep.fates, func(a, b fate) int { return cmp.Compare(a.story, b.story) })
	return keep
}

// enough reports whether the first conversations are known. Who asks a pool may ask again until
// the story is over, and so may what comes of it be cut off.
func (k *past) enough(whole bool) bool {
	return uint64(len(k.births)) >= k.first && (!whole || k.over >= k.first)
}

// of is when a conversation began, and how its waits ended; nothing, if it never began.
func (k *past) of(story uint64) (born int64, fates []fate) {
	if story >= uint64(len(k.births)) {
		return 0, nil
	}
	from := func(story uint64) int {
		at, _ := slices.BinarySearchFunc(k.fates, story, func(f fate, s uint64) int { return cmp.Compare(f.story, s) })
		return at
	}
	return k.births[story], k.fates[from(story):from(story+1)]
}

// again begins a conversation as it began in a walk.
func (pl *play) again(p *Plan, story uint64) {
	if !p.coupled() {
		pl.begin(p, story, p.beginning(story))
		return
	}
	born, fates := p.known(story).of(story)
	pl.begin(p, story, born)
	pl.fates = fates
}
