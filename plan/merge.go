package plan

// merge walks all conversations together, in the order of their planned sending. Only the
// living ones are in memory, in a heap with four children a node.
type merge struct {
	plan  *Plan
	heap  []*play
	free  []*play // conversations that are over, for the next ones
	begun uint64
	seq   uint64
}

func (m *merge) next() (Notification, bool) {
	for m.begun < m.plan.count && (len(m.heap) == 0 || m.plan.beginning(m.begun) <= m.heap[0].due()) {
		m.open()
	}
	if len(m.heap) == 0 {
		return Notification{}, false
	}
	top := m.heap[0]
	var n Notification
	top.notification(&n)
	n.Seq = m.seq
	m.seq++
	top.drop()
	if top.prepare() {
		m.down(0)
		return n, true
	}
	last := len(m.heap) - 1
	m.heap[0] = m.heap[last]
	m.heap = m.heap[:last]
	if last > 0 {
		m.down(0)
	}
	m.free = append(m.free, top)
	return n, true
}

// open begins the next conversation. One that sends nothing is over at once.
func (m *merge) open() {
	var pl *play
	if n := len(m.free); n > 0 {
		pl, m.free = m.free[n-1], m.free[:n-1]
	} else {
		pl = &play{}
	}
	pl.begin(m.plan, m.begun)
	m.begun++
	if !pl.prepare() {
		m.free = append(m.free, pl)
		return
	}
	m.heap = append(m.heap, pl)
	m.up(len(m.heap) - 1)
}

func before(a, b *play) bool {
	if x, y := a.due(), b.due(); x != y {
		return x < y
	}
	return a.index < b.index
}

func (m *merge) up(i int) {
	for i > 0 {
		parent := (i - 1) / 4
		if !before(m.heap[i], m.heap[parent]) {
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
			if before(m.heap[c], m.heap[least]) {
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
