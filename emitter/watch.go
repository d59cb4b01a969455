package emitter

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ringback/ringback/emitter/internal/pace"
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
		o.closeWaiting(GivenUp)
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

// drain takes out everything that waits, in planned order.
func (o *outbox) drain() []*delivery {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := slices.Concat(o.later, o.ready.Drain(), o.bursts.drain(o.order.Drain()))
	o.later = nil
	o.queued = 0
	slices.SortFunc(all, func(a, b *delivery) int { return cmp.Compare(a.note.Seq, b.note.Seq) })
	return all
}

// closeWaiting writes the closing rows of everything that waits: GivenUp for a target that never
// responded, whose retries in flight end as their answers come, and Undelivered when a run was
// stopped and nothing else runs any more.
func (o *outbox) closeWaiting(outcome Outcome) {
	for _, d := range o.drain() {
		o.closeRow(d, outcome)
		o.mu.Lock()
		o.final(d)
		o.mu.Unlock()
	}
}

// closeRow says how d ends, though no attempt at it is in flight.
func (o *outbox) closeRow(d *delivery, outcome Outcome) {
	row := o.newRow(d)
	row.Outcome = outcome
	switch {
	case outcome == GivenUp:
		row.Failure = Failure{Class: ClassSilent, Text: "the target never responded: " + o.last.Text}
	case outcome == NotSent:
		row.Failure = Failure{Class: ClassFull, Text: fmt.Sprintf("%d notifications waited for the target already", o.firstsRoom())}
	case outcome == Undelivered && d.attempts == 0:
		row.Failure = Failure{Class: ClassStopped, Text: "the run ended before the first attempt"}
	case outcome == Undelivered:
		row.Failure = Failure{Class: ClassStopped, Text: "the run ended before the next attempt"}
	}
	o.rows.record(&o.figures, &row)
}
