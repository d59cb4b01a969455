package plan

// merge walks conversations together that do not decide on one another, in the order of their
// planned sending. Only the living ones are in memory.
type merge struct {
	living
	stats *Activity
	clock births
	step  uint64 // from one conversation of the shard to the next
	begun uint64 // the next one
	last  int64  // the moment up to which stats are kept
	more  bool   // others of the conversation follow the notification given last
}

func newMerge(p *Plan, shard Shard, stats *Activity) *merge {
	return &merge{living: living{plan: p}, stats: stats, clock: births{plan: p}, begun: shard.Index, step: max(1, shard.Of)}
}

func (m *merge) follows() bool { return m.more }

func (m *merge) next() (n Notification, ok bool) {
	for !m.over() && m.begun < m.plan.count && (len(m.heap) == 0 || m.clock.at(m.begun) <= m.heap[0].at) {
		born := m.clock.at(m.begun)
		t := turn{index: m.begun, born: born, sends: true}
		m.begun += m.step
		m.observe(born)
		m.wake(&t)
		m.add(t)
	}
	if len(m.heap) == 0 || m.over() {
		return n, false
	}
	return m.give(), true
}

// add takes a conversation in that has just begun. One that sends nothing is over at once.
func (m *merge) add(t turn) {
	m.stats.Conversations++
	if len(m.of(&t).pending) == 0 {
		m.sleep(&t)
		return
	}
	t.at = m.of(&t).due()
	m.relax(&t)
	m.heap.push(t)
	if n := len(m.heap); n > m.stats.PeakLive {
		m.stats.PeakLive = n
		m.texts.expect(uint64(n) * m.plan.casts[0].stride)
	}
}

// give gives the first notification of the heap away.
func (m *merge) give() (n Notification) {
	top := &m.heap[0]
	m.observe(top.at)
	pl := m.awakened(top)
	pl.notification(&n)
	n.Live = len(m.heap)
	pl.drop()
	top.given++
	if m.more = pl.prepare(); !m.more {
		m.sleep(top)
		m.heap.drop()
		return n
	}
	top.at = pl.due()
	m.relax(top)
	m.heap.down(0)
	return n
}

// observe lets the time go on to a moment.
func (m *merge) observe(at int64) {
	if at > m.last {
		m.stats.live(at-m.last, len(m.heap))
		m.last = at
	}
}
