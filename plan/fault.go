package plan

import (
	"slices"
	"time"

	"github.com/ringback/ringback/event"
	"github.com/ringback/ringback/internal/policy"
	"github.com/ringback/ringback/internal/story"
	"github.com/ringback/ringback/scenario"
	"github.com/ringback/ringback/scenario/fault"
)

// copyWithin bounds how much later a duplicate comes.
const copyWithin = 2 * time.Second

// injector puts faults into the notifications of a plan. Notifications that move to a known
// moment wait in a heap; those that the next one of their conversation is to pass wait for it.
// The result is in the order of sending again.
type injector struct {
	plan    *Plan
	rules   []ruleState
	queue   turns
	waiting map[uint64]Notification // those in the queue, by their place in the plan
	passing map[uint64]Notification // at most one of a conversation
	keys    uint32                  // rotations so far
	seq     uint64                  // of the notification that is yielded next
	yield   func(Notification) bool
}

// size is how much memory those take that wait.
func (b *injector) size() int64 {
	if b == nil {
		return 0
	}
	return int64(len(b.waiting)+len(b.passing)) * int64(sizeOfNotification+2*sizeOfMembers)
}

// ruleState is a rule and how often it was asked and has fired.
type ruleState struct {
	scenario.FaultRule
	cast         *cast  // whose notifications it is about; nil: all
	name         uint64 // of its random choices
	asked, fired int
}

func newInjector(p *Plan, yield func(Notification) bool) *injector {
	return &injector{plan: p, rules: p.faultRules(), waiting: map[uint64]Notification{}, passing: map[uint64]Notification{}, yield: yield}
}

// faultRules lists the rules in the order in which they are asked. A rule is named by its
// kind and its place among those of its kind, so that one more rule of another kind leaves
// its choices as they were.
func (p *Plan) faultRules() []ruleState {
	var all []ruleState
	add := func(rules []scenario.FaultRule, c *cast, name uint64) {
		var seen [256]uint64
		for _, r := range rules {
			all = append(all, ruleState{FaultRule: r, cast: c, name: name<<32 | uint64(r.Kind)<<16 | seen[r.Kind]})
			seen[r.Kind]++
		}
	}
	for _, c := range p.casts {
		add(c.faults, c, 1)
	}
	add(p.opts.Faults, nil, 2)
	return all
}

// release yields the waiting notifications that are due before a moment.
func (b *injector) release(before time.Duration) bool {
	for len(b.queue) > 0 && b.queue[0].at < int64(before) {
		place := b.queue[0].index
		n := b.waiting[place]
		delete(b.waiting, place)
		b.queue.drop()
		if !b.give(n) {
			return false
		}
	}
	return true
}

func (b *injector) wait(n Notification) {
	b.waiting[n.Seq] = n
	b.queue.push(turn{at: int64(n.Due), index: n.Seq})
}

// give yields a notification, and then the one that waited to be passed by it.
func (b *injector) give(n Notification) bool {
	turn := n.Seq
	if n.Fault == fault.RotateKey {
		b.keys++
	}
	n.Seq, n.Keys = b.seq, b.keys
	b.seq++
	if !b.yield(n) {
		return false
	}
	late, waits := b.passing[n.Story]
	if !waits || n.Extra || n.Fault == fault.Drop || late.Seq >= turn {
		return true
	}
	delete(b.passing, n.Story)
	if late.Due = max(n.Due, earliest(&late)); late.Due == n.Due {
		return b.give(late)
	}
	b.wait(late)
	return true
}

// earliest is when a notification that waits to be passed may be sent.
func earliest(n *Notification) time.Duration {
	if n.Fault == fault.LateRetry {
		return n.Due + policy.Wait(1)
	}
	return n.Due
}

// inject decides what happens to the next notification. More reports whether others of its
// conversation follow.
func (b *injector) inject(n Notification, more bool) bool {
	rule := b.choose(&n, more)
	n.Fault = fault.None
	if !b.commit(n, rule) {
		return false
	}
	if late, waits := b.passing[n.Story]; !more && waits { // those that could pass it are moved or dropped
		delete(b.passing, n.Story)
		if late.Due = max(n.Due, earliest(&late)); late.Fault == fault.Reorder {
			late.Fault = fault.Delay
		}
		b.wait(late)
	}
	return true
}

// choose finds the fault that a notification gets: that of its step, or of the first rule
// that fires. What must be passed by another one needs one that follows, and only one of a
// conversation waits for that at a time.
func (b *injector) choose(n *Notification, more bool) *scenario.FaultRule {
	_, taken := b.passing[n.Story]
	passable := more && !taken
	if n.Fault != fault.None && (passable || !passes(n.Fault)) {
		return &scenario.FaultRule{Kind: n.Fault}
	}
	for i := range b.rules {
		r := &b.rules[i]
		switch {
		case r.cast != nil && r.cast != b.plan.casts[n.Scenario],
			r.Of != "" && !event.Match(r.Of, n.Type()),
			r.Count > 0 && r.fired >= r.Count,
			!passable && passes(r.Kind):
			continue
		}
		r.asked++
		if r.fires(n) {
			r.fired++
			return &r.FaultRule
		}
	}
	return nil
}

// passes reports whether a fault lets the next notification of the conversation go first.
func passes(k fault.Kind) bool { return k == fault.Reorder || k == fault.LateRetry }

// fires decides by turns or by chance.
func (r *ruleState) fires(n *Notification) bool {
	if r.Every > 0 {
		return r.asked%r.Every == 0
	}
	src := n.key.With(nameFault).With(r.name).Source()
	return src.Float() < r.Rate
}

// commit yields a notification with its fault, or lets it wait.
func (b *injector) commit(n Notification, r *scenario.FaultRule) bool {
	if r == nil {
		return b.give(n)
	}
	if r.Kind.Row().Extra {
		return b.commitExtra(n, r.Kind)
	}
	n.Fault, n.Want = r.Kind, r.Kind.Row().Want
	switch r.Kind {
	case fault.Delay:
		by := r.By
		if by.IsZero() {
			by = scenario.Uniform(time.Second, 30*time.Second)
		}
		src := n.key.With(nameDelay).Source()
		n.Due += story.Draw(&by, &src)
		b.wait(n)
		return true
	case fault.Reorder, fault.LateRetry:
		b.passing[n.Story] = n
		return true
	}
	faultyBody(&n, r.Kind, "")
	return b.give(n)
}

// commitExtra yields a notification and a faulty copy of it. Forgeries come first, as an
// attacker's would: a consumer that accepts one has no second chance.
func (b *injector) commitExtra(n Notification, kind fault.Kind) bool {
	extra := n
	extra.Fault, extra.Want, extra.Extra = kind, kind.Row().Want, true
	extra.Phase = extra.Left // nothing happens by it
	if kind == fault.Duplicate {
		src := n.key.With(nameDelay).Source()
		extra.Due += time.Duration(src.Below(uint64(copyWithin)))
		if b.plan.opts.Unordered && src.Below(2) == 0 {
			extra.Due = n.Due
			return b.give(n) && b.give(extra)
		}
		b.wait(extra)
		return b.give(n)
	}
	start := b.plan.opts.Start
	id := event.ID(n.key.With(nameExtra).With(uint64(start.UnixNano())).KSUID(start.Add(n.Due)))
	faultyBody(&extra, kind, id.String())
	return b.give(extra) && b.give(n)
}

// Commits reports whether a fault of that kind may be among the notifications.
func (p *Plan) Commits(kind fault.Kind) bool {
	of := func(r ruleState) bool { return r.Kind == kind }
	inSteps := func(op story.Op) bool { return op.Step.Fault == kind }
	return slices.ContainsFunc(p.faultRules(), of) ||
		slices.ContainsFunc(p.casts, func(c *cast) bool { return slices.ContainsFunc(c.ops, inSteps) })
}

// faulty reports whether anything is to go wrong at all.
func (p *Plan) faulty() bool {
	return len(p.opts.Faults) > 0 || slices.ContainsFunc(p.casts, func(c *cast) bool { return len(c.faults) > 0 || c.stepFaults })
}
