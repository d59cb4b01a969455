package receiver

import "github.com/ringback/ringback/event"

// MaxPast is how many violations of evicted histories are listed.
const MaxPast = maxEvicted

// Remembered is the size of everything that could grow: notifications, histories, and links
// between identifiers.
func (r *Receiver) Remembered() (notifications, histories, links int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.memory
	if m.ended.Len()+m.open.Len() != len(m.histories) {
		panic("a history is in no queue, or in both")
	}
	return len(m.seen), len(m.histories), len(m.conversations) + len(m.users) + len(m.agents)
}

// SecondOf is the second that an ID embeds.
func SecondOf(id event.ID) int64 { return secondOf(id) }
