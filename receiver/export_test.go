package receiver

import (
	"container/list"

	"github.com/ringback/ringback/event"
)

// MaxPast is how many violations of evicted histories are listed.
const MaxPast = maxEvicted

// Remembered is the size of everything that could grow: notifications, histories, links
// between identifiers, and marks of what was forgotten.
func (r *Receiver) Remembered() (notifications, histories, links, marks int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.memory
	in, moments := 0, 0
	for _, queue := range []*list.List{m.ended, m.open} {
		for e := queue.Front(); e != nil; e = e.Next() {
			in += len(e.Value.(*group).histories)
		}
	}
	for _, h := range m.histories {
		moments += len(h.moments)
	}
	if in != len(m.histories) || len(m.groups) > len(m.histories) {
		panic("a history is in no queue, or in several")
	}
	for _, p := range []*past{&m.ids, &m.closed, &m.cut} {
		marks += len(p.young) + len(p.old)
	}
	return max(moments, len(m.seen)), len(m.histories), len(m.conversations) + len(m.users) + len(m.agents), marks
}

// SecondOf is the second that an ID embeds.
func SecondOf(id event.ID) int64 { return secondOf(id) }
