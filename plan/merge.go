package plan

// merge walks conversations together that do not decide on one another, in the order of their
// planned sending. Only the living ones are in memory.
type merge struct {
	living
	step uint64 // from one conversation of the shard to the next
}

func (m *merge) next(n *Notification) bool {
	for m.arrives() {
		t := turn{index: m.begun, born: m.clock.at(m.begun), sends: true}
		m.begun += m.step
		m.observe(t.born)
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
	m.began(t.born)
	if len(m.of(&t).pending) == 0 {
		m.sleep(&t)
		return
	}
	t.at = m.of(&t).due()
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
	top.given++
	if m.more = pl.prepare(); !m.more {
		m.sleep(top)
		m.heap.drop()
		m.alive--
		return
	}
	top.at = pl.due()
	m.relax(top)
	m.heap.down(0)
}
