package plan

import "time"

// later is a notification that waits.
type later struct {
	note Notification
	due  time.Duration // when it would have been sent
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

func (q laterQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push is for container/heap alone.
func (q *laterQueue) Push(x any) { *q = append(*q, x.(*later)) }

// Pop is for container/heap alone.
func (q *laterQueue) Pop() any {
	old := *q
	last := len(old) - 1
	l := old[last]
	old[last] = nil
	*q = old[:last]
	return l
}
