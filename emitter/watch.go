package emitter

import (
	"cmp"
	"container/heap"
	"context"
	"slices"
	"time"
)

// watch lets retries begin when their moment comes, and ends them when patience does.
func (o *outbox) watch(ctx context.Context) {
	var a alarm
	for {
		next, more := o.ripen(time.Now())
		if !more || !a.until(ctx, next, o.nudge) {
			return
		}
	}
}

// ripen deals with everything that is due. It returns the next moment at which something
// will be, zero for none so far, and whether there is anything left to watch.
func (o *outbox) ripen(now time.Time) (next time.Time, more bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.later) > 0 && !o.later[0].due.After(now) {
		o.ripe.push(heap.Pop(&o.later).(*delivery))
		o.wake()
	}
	end, counts := o.patienceEnd()
	if counts && !end.After(now) {
		o.abandon()
		counts = false
	}
	if len(o.later) > 0 {
		next = o.later[0].due
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

// abandon gives up what waits for a target that never answered. Retries in flight end as
// their answers come.
func (o *outbox) abandon() {
	o.abandoned = true
	for _, d := range o.drain() {
		row := o.newRow(d)
		row.Outcome, row.Failure = GivenUp, Failure{ClassSilent, "the target never answered: " + o.last.Text}
		o.rows.record(&o.tally, &row)
		o.final(d)
	}
}

// drain takes out everything that waits, in planned order.
func (o *outbox) drain() []*delivery {
	all := slices.Clone(o.later)
	o.later = nil
	for o.ripe.size > 0 {
		all = append(all, o.ripe.pop())
	}
	for _, s := range o.stories {
		for s.queue.size > 0 {
			all = append(all, s.queue.pop())
			o.queued--
		}
	}
	slices.SortFunc(all, func(a, b *delivery) int { return cmp.Compare(a.note.Seq, b.note.Seq) })
	return all
}

// closeRows writes the closing rows of everything that still waits when a run was stopped.
// Nothing else runs any more then.
func (o *outbox) closeRows() {
	for _, d := range o.drain() {
		o.closeRow(d)
	}
}

// closeRow says that d will not be sent any more, because the run was stopped.
func (o *outbox) closeRow(d *delivery) {
	row := o.newRow(d)
	row.Outcome, row.Failure = Undelivered, Failure{ClassStopped, "the run ended before the next attempt"}
	if d.attempts == 0 {
		row.Failure.Text = "the run ended before the first attempt"
	}
	o.rows.record(&o.tally, &row)
}

// drop says that m is not sent, on purpose.
func (o *outbox) drop(m *message) {
	row := o.newRow(&delivery{message: m, due: m.due})
	row.Outcome = Dropped
	o.rows.record(&o.tally, &row)
}
