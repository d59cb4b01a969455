package plan

// turn is when a living conversation is next, and for what. It is as small as can be, since the
// heap moves it about.
type turn struct {
	at    int64
	index uint64 // of the conversation in the plan
	conv  int32  // and among those that are alive
	mark  uint32 // twice the conversation's stamp, and 1 if a notification is due: else something happens in the story
}

// sends reports whether a notification is due.
func (t *turn) sends() bool { return t.mark&1 != 0 }

// stamp is that of the conversation when the turn was made.
func (t *turn) stamp() uint32 { return t.mark >> 1 }

// mark is that of a turn which is made now.
func (c *conversation) mark(sends bool) uint32 {
	if sends {
		return c.stamp<<1 | 1
	}
	return c.stamp << 1
}

// before orders turns: what happens at a moment comes before what is sent then, and both come
// in the order of the conversations.
func before(a, b *turn) bool {
	if a.at != b.at {
		return a.at < b.at
	}
	if a.sends() != b.sends() {
		return b.sends()
	}
	return a.index < b.index
}

// turns is a heap with four children a node.
type turns []turn

func (h *turns) push(t turn) {
	q := append(*h, t)
	*h = q
	i := len(q) - 1
	for i > 0 {
		parent := (i - 1) / 4
		if !before(&t, &q[parent]) {
			break
		}
		q[i] = q[parent]
		i = parent
	}
	q[i] = t
}

// drop takes the first turn away.
func (h *turns) drop() {
	q := *h
	last := len(q) - 1
	q[0] = q[last]
	*h = q[:last]
	if last > 0 {
		h.down(0)
	}
}

// down lets the turn at i, which may have become later, change places with those before it.
func (h turns) down(i int) {
	t := h[i]
	for {
		first := 4*i + 1
		if first >= len(h) {
			break
		}
		least := &h[first]
		at := first
		for c := first + 1; c < min(first+4, len(h)); c++ {
			if before(&h[c], least) {
				least, at = &h[c], c
			}
		}
		if !before(least, &t) {
			break
		}
		h[i] = *least
		i = at
	}
	h[i] = t
}
