package emitter

import (
	"container/heap"
	"sync/atomic"
	"time"

	"github.com/ringback/ringback/emitter/internal/pace"
	"github.com/ringback/ringback/internal/policy"
	"github.com/ringback/ringback/plan"
)

// message is a notification with its body, shared by the deliveries to all targets.
type message struct {
	note plan.Notification
	body []byte    // does not change until the message is used again: every retry sends the same bytes
	due  time.Time // planned moment

	open atomic.Int32 // targets that are not done with it
	kept atomic.Bool  // an engine may read the body for longer, so the message is never used again
}

// delivery is a message on its way to one target.
type delivery struct {
	*message
	ordered  bool          // its first attempt waits or is in flight, in the order of its story
	due      time.Time     // planned moment of the next attempt; of a retry that waits, unless the pace changes
	offset   time.Duration // the same of a retry, in the plan's time
	first    time.Duration // moment of the first attempt, in the plan's time
	waited   time.Duration // sum of the waits between attempts, in the plan's time
	attempts int           // attempts begun
	retried  bool          // holds a place among the retries of its outbox
	crowded  bool          // all connections were busy when its moment came
	burst    *burst        // with which its first attempt leaves; nil: alone
}

// retry plans the next attempt of d, whose attempt just failed at moment now. It reports
// false when there is none: it would be more than limit after the first attempt.
func (d *delivery) retry(p *pace.Pace, now time.Time, asked, limit time.Duration) bool {
	spent := d.waited
	if !p.Timeless() {
		spent = p.Offset(now) - d.first
	}
	wait, again := policy.Next(d.attempts, spent, asked, limit)
	d.waited += wait
	if d.due = now; !p.Timeless() {
		d.offset = p.Offset(now) + wait
		d.due = p.Moment(d.offset)
	}
	return again
}

// retries orders deliveries by the moment of their next attempt, and those of one moment
// as they were planned.
type retries []*delivery

var _ heap.Interface = (*retries)(nil)

func (r retries) Len() int { return len(r) }

func (r retries) Less(i, j int) bool {
	if r[i].offset != r[j].offset {
		return r[i].offset < r[j].offset
	}
	return r[i].note.Seq < r[j].note.Seq
}

func (r retries) Swap(i, j int) { r[i], r[j] = r[j], r[i] }

func (r *retries) Push(d any) { *r = append(*r, d.(*delivery)) }

func (r *retries) Pop() any {
	last := len(*r) - 1
	d := (*r)[last]
	(*r)[last] = nil
	*r = (*r)[:last]
	return d
}
