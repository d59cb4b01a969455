package emitter

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ringback/ringback/emitter/internal/pace"
	"github.com/ringback/ringback/scenario/fault"
)

// watch lets retries begin when their moment comes, and ends them when patience does.
func (o *outbox) watch(ctx context.Context) {
	var a pace.Alarm
	for {
		next, more := o.ripen(time.Now())
		if !more || !a.Until(ctx, next, o.nudge) {
			return
		}
	}
}

// ripen deals with everything that is due. It returns the next moment at which something
// will be, zero for none so far, and whether there is anything left to watch.
func (o *outbox) ripen(now time.Time) (next time.Time, more bool) {
	if o.outOfPatience(now) {
		o.abandon()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	p := o.clock.Load()
	for len(o.later) > 0 && !p.Paused && !p.Moment(o.later[0].offset).After(now) {
		d := heap.Pop(&o.later).(*delivery)
		d.due = p.Moment(d.offset)
		o.ready.Retries.Push(d)
		o.wake()
	}
	end, counts := o.patienceEnd()
	if len(o.later) > 0 {
		next = p.Moment(o.later[0].offset)
	}
	if counts && (next.IsZero() || end.Before(next)) {
		next = end
	}
	return next, !o.stopping && !o.finished()
}

// patienceEnd is when patience with the target ends, if it has a reason to.
func (o *outbox) patienceEnd() (time.Time, bool) {
	silent := o.closed && o.firsts == 0 && !o.answered && !o.abandoned && !o.firstAt.IsZero()
	return o.firstAt.Add(o.rules.Patience), silent && o.rules.Patience > 0
}

// outOfPatience reports whether patience with the target has ended and something waits for it:
// also what failed before that, and was only filed for a retry afterwards.
func (o *outbox) outOfPatience(now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.abandoned {
		return len(o.later) > 0
	}
	end, counts := o.patienceEnd()
	if !counts || end.After(now) {
		return false
	}
	o.abandoned = true
	return true
}

// abandon gives up what waits for a target that never responded. Retries in flight end as
// their answers come.
func (o *outbox) abandon() {
	all, last := o.drain()
	for _, d := range all {
		row := o.newRow(d)
		row.Outcome, row.Failure = GivenUp, Failure{Class: ClassSilent, Text: "the target never responded: " + last.Text}
		o.rows.record(&o.figures, &row)
		o.finalize(d)
	}
}

// drain takes out everything that waits, in planned order, and tells why the last attempt
// failed.
func (o *outbox) drain() (all []*delivery, last Failure) {
	o.mu.Lock()
	defer o.mu.Unlock()
	all = slices.Clone(o.later)
	o.later = nil
	all = append(all, o.ready.Drain()...)
	all = append(all, o.order.Drain()...)
	o.queued = 0
	slices.SortFunc(all, func(a, b *delivery) int { return cmp.Compare(a.note.Seq, b.note.Seq) })
	return all, o.last
}

// closeRows writes the closing rows of everything that still waits when a run was stopped.
// Nothing else runs any more then.
func (o *outbox) closeRows() {
	all, _ := o.drain()
	for _, d := range all {
		o.closeRow(d)
		o.finalize(d)
	}
}

// closeRow says that d will not be sent any more, because the run was stopped.
func (o *outbox) closeRow(d *delivery) {
	row := o.newRow(d)
	row.Outcome, row.Failure = Undelivered, Failure{Class: ClassStopped, Text: "the run ended before the next attempt"}
	if d.attempts == 0 {
		row.Failure.Text = "the run ended before the first attempt"
	}
	o.rows.record(&o.figures, &row)
}

// closeUnsent says that m is not sent: on purpose, because the run was stopped, or because
// too many notifications wait already.
func (o *outbox) closeUnsent(m *message, going bool) {
	d := &delivery{message: m, due: m.due}
	if !going {
		o.closeRow(d)
		return
	}
	row := o.newRow(d)
	if row.Outcome = Dropped; m.note.Fault != fault.Drop {
		row.Outcome = NotSent
		row.Failure = Failure{Class: ClassFull, Text: fmt.Sprintf("%d notifications waited for the target already", o.firstsRoom())}
	}
	o.rows.record(&o.figures, &row)
}
