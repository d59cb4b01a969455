package plan

// merge walks conversations together that do not decide on one another, in the order of their
// planned sending. Only the living ones are in memory.
type merge struct {
	living
	step uint64 // from one conversation of the shard to the next
	then int64  // when the next notification of the conversation that gave the last one is due; 0: there is none
}

func (m *merge) next(n *Notification) bool {
	for m.arrives() {
		born := m.clock.at(m.begun)
		t := m.enter(m.begun, born)
		m.begun += m.step
		m.observe(born)
		m.wake(&t)
		m.add(t)
	}
	if len(m.heap) == 0 || m.stopped.Load() {
		return false
	}
	m.give(n)
	return true
}

// add takes a conversation in that has just begun. One that sends nothing is over at once.
func (m *merge) add(t turn) {
	m.began(m.convs[t.conv].born)
	pl := m.of(&t)
	if len(pl.pending) == 0 {
		if m.past != nil && t.index < m.past.first {
			m.past.over++
		}
		m.forget(&t)
		return
	}
	t.at, t.mark = pl.due(), m.convs[t.conv].mark(true)
	m.relax(&t)
	m.heap.push(t)
	m.live()
}

// give makes n the first notification of the heap.
func (m *merge) give(n *Notification) {
	top := &m.heap[0]
	m.observe(top.at)
	pl := m.awakened(top)
	pl.notification(n)
	n.Live = m.alive
	pl.drop()
	m.convs[top.conv].given++
	m.then = 0
	if m.more = pl.prepare(); !m.more {
		m.forget(top)
		m.heap.drop()
		m.alive--
		return
	}
	top.at = pl.due()
	m.then = top.at
	m.relax(top)
	m.heap.down(0)
}
