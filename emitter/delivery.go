package emitter

import (
	"container/heap"
	"sync/atomic"
	"time"

	"github.com/ringback/ringback/emitter/internal/pace"
	"github.com/ringback/ringback/plan"
	"github.com/ringback/ringback/scenario/fault"
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
	story    *story        // nil after the first attempt
	due      time.Time     // planned moment of the next attempt; of a retry that waits, unless the pace changes
	offset   time.Duration // the same of a retry, in the plan's time
	first    time.Duration // moment of the first attempt, in the plan's time
	waited   time.Duration // sum of the waits between attempts, in the plan's time
	attempts int           // attempts begun
	retried  bool          // holds a place among the retries of its outbox
	crowded  bool          // all connections were busy when its moment came
}

// lost is how many attempts were lost on the way on purpose, before the first one that the
// target sees.
func lost(n *plan.Notification) int {
	if n.Fault == fault.LateRetry {
		return 1
	}
	return 0
}

// story holds the first attempts of one story that wait for one target. While one of them
// is in flight, or none is waiting, it is not in the outbox's queue of ready stories.
type story struct {
	queue pace.Queue[*delivery]
	busy  bool
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
