package plan

// merge walks all conversations together, in the order of their planned sending. Only the
// living ones are in memory, in a heap with four children a node.
type merge struct {
	plan  *Plan
	heap  []turn
	free  []*play // for the next conversations
	awake int     // turns with a play
	begun uint64
	seq   uint64
	more  bool // others of the conversation follow the notification given last
}

// turn is a living conversation in the heap: when its next notification is due. Without a
// play it is asleep: what it was is planned again, up to where it is, when its turn comes.
type turn struct {
	due   int64
	index uint64
	given uint32 // notifications so far
	play  *play
}

// defaultAwake is how many plays are kept. So many conversations are alive at once in a large
// contact centre; a million that begin at the same moment cost 32 bytes each, and time.
const defaultAwake = 50_000

func (m *merge) next() (Notification, bool) {
	for m.begun < m.plan.count && (len(m.heap) == 0 || m.plan.beginning(m.begun) <= m.heap[0].due) {
		m.open()
	}
	if len(m.heap) == 0 {
		return Notification{}, false
	}
	top := &m.heap[0]
	if top.play == nil {
		m.wake(top)
	}
	pl := top.play
	var n Notification
	pl.notification(&n)
	n.Seq = m.seq
	m.seq++
	pl.drop()
	top.given++
	if m.more = pl.prepare(); !m.more {
		m.sleep(top)
		last := len(m.heap) - 1
		m.heap[0], m.heap[last] = m.heap[last], turn{}
		m.heap = m.heap[:last]
	} else if top.due = pl.due(); m.awake > m.plan.most() {
		m.sleep(top)
	}
	if len(m.heap) > 0 {
		m.down(0)
	}
	return n, true
}

// open begins the next conversation. One that sends nothing is over at once.
func (m *merge) open() {
	t := turn{index: m.begun}
	m.begun++
	m.wake(&t)
	if len(t.play.pending) == 0 {
		m.sleep(&t)
		return
	}
	t.due = t.play.due()
	if m.awake > m.plan.most() {
		m.sleep(&t)
	}
	m.heap = append(m.heap, t)
	m.up(len(m.heap) - 1)
}

// wake plans a conversation up to where it is.
func (m *merge) wake(t *turn) {
	if n := len(m.free); n > 0 {
		t.play, m.free = m.free[n-1], m.free[:n-1]
	} else {
		t.play = &play{}
	}
	m.awake++
	t.play.begin(m.plan, t.index)
	t.play.prepare()
	for range t.given {
		t.play.drop()
		t.play.prepare()
	}
}

// sleep gives the play of a conversation to another one.
func (m *merge) sleep(t *turn) {
	m.free = append(m.free, t.play)
	t.play = nil
	m.awake--
}

func before(a, b *turn) bool {
	if a.due != b.due {
		return a.due < b.due
	}
	return a.index < b.index
}

func (m *merge) up(i int) {
	for i > 0 {
		parent := (i - 1) / 4
		if !before(&m.heap[i], &m.heap[parent]) {
			return
		}
		m.heap[i], m.heap[parent] = m.heap[parent], m.heap[i]
		i = parent
	}
}

func (m *merge) down(i int) {
	for {
		least := i
		for c := 4*i + 1; c <= 4*i+4 && c < len(m.heap); c++ {
			if before(&m.heap[c], &m.heap[least]) {
				least = c
			}
		}
		if least == i {
			return
		}
		m.heap[i], m.heap[least] = m.heap[least], m.heap[i]
		i = least
	}
}
