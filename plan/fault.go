package plan

import (
	"container/heap"
	"iter"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/fault"
	"github.com/ringback/ringback/internal/seeded"
	"github.com/ringback/ringback/scenario"
)

// How faults move notifications in time.
const (
	copyWithin  = 2 * time.Second // a duplicate comes at most so much later
	passWithin  = 2 * time.Minute // a reordered notification waits at most so long for the next one
	lostAtLeast = 5 * time.Second // a lost first attempt is followed by the first retry of the ladder
)

// defaultDelay is how long delay delays unless its rule says otherwise.
func defaultDelay() scenario.Span { return scenario.Uniform(time.Second, 30*time.Second) }

// bending puts faults into the notifications of a plan. What is moved to later waits in a
// heap; what comes out is in the order of sending again.
type bending struct {
	plan    *Plan
	rules   []bendingRule
	queue   laterQueue
	passing map[uint64]*later // reordered or lost ones, by conversation
	keys    uint32            // rotations so far
	seq     uint64
	yield   func(Notification) bool
}

// bendingRule is a rule and how often it was asked and has fired.
type bendingRule struct {
	scenario.FaultRule
	cast         *cast // whose notifications it is about; nil: all
	index        uint64
	asked, fired int
}

// bent walks the plan with its faults.
func (p *Plan) bent() iter.Seq[Notification] {
	return func(yield func(Notification) bool) {
		b := &bending{plan: p, passing: map[uint64]*later{}, yield: yield}
		for _, c := range p.casts {
			for _, r := range c.faults {
				b.rules = append(b.rules, bendingRule{FaultRule: r, cast: c, index: uint64(len(b.rules))})
			}
		}
		for _, r := range p.opts.Faults {
			b.rules = append(b.rules, bendingRule{FaultRule: r, index: uint64(len(b.rules))})
		}
		m := merge{plan: p}
		for n, ok := m.next(); ok; n, ok = m.next() {
			if !b.release(n.Due) || !b.bend(n) {
				return
			}
		}
		b.release(1<<63 - 1)
	}
}

// release gives away what waits and is due before a moment.
func (b *bending) release(before time.Duration) bool {
	for len(b.queue) > 0 && b.queue[0].note.Due < before {
		l := heap.Pop(&b.queue).(*later)
		if b.passing[l.note.Story] == l {
			delete(b.passing, l.note.Story)
		}
		if !b.give(l.note) {
			return false
		}
	}
	return true
}

func (b *bending) give(n Notification) bool {
	n.Seq = b.seq
	b.seq++
	return b.yield(n)
}

// bend decides what happens to a notification whose turn it is.
func (b *bending) bend(n Notification) bool {
	n.Keys = b.keys
	rule := b.choose(&n)
	if !b.commit(n, rule) {
		return false
	}
	if rule == nil || !moves(rule.Kind) {
		b.pass(&n)
	}
	return true
}

// moves tells whether a fault keeps a notification from being sent in its turn.
func moves(k fault.Kind) bool {
	return k == fault.Delay || k == fault.Reorder || k == fault.LateRetry || k == fault.Drop
}

// pass lets the notification of the same conversation that waits for this one follow it.
func (b *bending) pass(n *Notification) {
	l := b.passing[n.Story]
	if l == nil || l.note.Seq == n.Seq {
		return
	}
	delete(b.passing, n.Story)
	l.note.Due = n.Due
	if l.note.Fault == fault.LateRetry {
		l.note.Due = max(n.Due, l.due+lostAtLeast)
	}
	heap.Fix(&b.queue, l.index)
}

// choose finds the fault that a notification gets: that of its step, or of the first rule
// that fires.
func (b *bending) choose(n *Notification) *scenario.FaultRule {
	waits := b.passing[n.Story] != nil // one at a time waits to be passed
	if n.Fault != fault.None && !(waits && passes(n.Fault)) {
		return &scenario.FaultRule{Kind: n.Fault}
	}
	for i := range b.rules {
		r := &b.rules[i]
		if r.cast != nil && r.cast != b.plan.castOf(n.Story) || r.Of != "" && !event.Match(r.Of, n.Type()) {
			continue
		}
		if r.Count > 0 && r.fired >= r.Count || waits && passes(r.Kind) {
			continue
		}
		r.asked++
		if r.fires(b.key(n, r.index)) {
			r.fired++
			return &r.FaultRule
		}
	}
	return nil
}

func passes(k fault.Kind) bool { return k == fault.Reorder || k == fault.LateRetry }

func (r *bendingRule) fires(key seeded.Key) bool {
	switch {
	case r.Every > 0:
		return r.asked%r.Every == 0
	case r.Rate > 0:
		src := key.Source()
		return src.Float() < r.Rate
	}
	return true
}

// key names what is drawn for a notification under a rule. Neither the start nor the
// identifiers that depend on it are part of the name: another day has the same faults.
func (b *bending) key(n *Notification, rule uint64) seeded.Key {
	what := uint64(n.Event.Type.Kind)<<8 | uint64(n.Event.Type.Version)
	return seeded.From(b.plan.opts.Seed).With(nameFault).With(rule).With(n.Story).With(uint64(n.At)).With(what).WithText(n.Name)
}

// commit gives away a notification with its fault.
func (b *bending) commit(n Notification, r *scenario.FaultRule) bool {
	if r == nil {
		return b.give(n)
	}
	src := b.key(&n, 1<<32).Source()
	n.Fault, n.Want = r.Kind, r.Kind.Row().Want
	if r.Kind.Row().Extra {
		extra := n
		n.Fault, n.Want, extra.Extra = fault.None, fault.Accept, true
		return b.commitExtra(n, extra, &src)
	}
	switch r.Kind {
	case fault.Delay:
		by := r.By
		if by.IsZero() {
			by = defaultDelay()
		}
		n.Due += by.Draw(&src)
		b.wait(n)
		return true
	case fault.Reorder, fault.LateRetry:
		l := &later{note: n, due: n.Due}
		l.note.Due += passWithin
		b.passing[n.Story] = l
		heap.Push(&b.queue, l)
		return true
	case fault.RotateKey:
		b.keys++
		n.Keys = b.keys
	case fault.UnknownMember:
		addMembers(&n)
	}
	return b.give(n)
}

// commitExtra gives away a notification and, beside it, a copy that something is wrong
// with. Forgeries come first, as an attacker's would: a consumer that takes one for true
// has no second chance.
func (b *bending) commitExtra(n, extra Notification, src *seeded.Source) bool {
	id := event.ID(b.key(&n, 2<<32).KSUID(b.plan.opts.Start.Add(n.Due)))
	switch extra.Fault {
	case fault.Duplicate:
		extra.Due += time.Duration(src.Below(uint64(copyWithin)))
		b.wait(extra)
		return b.give(n)
	case fault.TamperedBody:
		tamper(&extra)
	case fault.MalformedJSON:
		breakJSON(&extra)
	case fault.UnknownType:
		renameType(&extra, id)
	case fault.MissingMember:
		dropData(&extra, id)
	}
	return b.give(extra) && b.give(n)
}

func (b *bending) wait(n Notification) { heap.Push(&b.queue, &later{note: n}) }

// later is a notification that waits.
type later struct {
	note  Notification
	due   time.Duration // before it was moved
	index int
}

// laterQueue is a heap by due, then by the order of the plan.
type laterQueue []*later

func (q laterQueue) Len() int { return len(q) }

func (q laterQueue) Less(i, j int) bool {
	if a, b := q[i].note.Due, q[j].note.Due; a != b {
		return a < b
	}
	return q[i].note.Seq < q[j].note.Seq
}

func (q laterQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

func (q *laterQueue) Push(x any) {
	l := x.(*later)
	l.index = len(*q)
	*q = append(*q, l)
}

func (q *laterQueue) Pop() any {
	old := *q
	l := old[len(old)-1]
	*q = old[:len(old)-1]
	return l
}
