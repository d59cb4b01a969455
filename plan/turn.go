package plan

// turn is a living conversation in a heap: when it is next, and for what. Pointers would cost the
// garbage collector time with a hundred thousand of them. Without a play it is
// kept as bytes, or asleep: what it was is planned again, up to where it is, when its turn comes.
type turn struct {
	at    int64
	index uint64
	born  int64
	ref   uint64 // where it is kept as bytes; 0: nowhere
	slot  int32  // of its play; 0: none
	given uint32 // notifications so far
	stamp uint32 // only a turn whose stamp is its play's counts
	sends bool   // a notification is due; else something happens in the story
}

// before orders turns: what happens at a moment comes before what is sent then, and both come
// in the order of the conversations.
func before(a, b *turn) bool {
	if a.at != b.at {
		return a.at < b.at
	}
	if a.sends != b.sends {
		return b.sends
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
