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
	for i := len(q) - 1; i > 0; {
		parent := (i - 1) / 4
		if !before(&q[i], &q[parent]) {
			return
		}
		q[i], q[parent] = q[parent], q[i]
		i = parent
	}
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

func (h turns) down(i int) {
	for {
		least := i
		for c := 4*i + 1; c <= 4*i+4 && c < len(h); c++ {
			if before(&h[c], &h[least]) {
				least = c
			}
		}
		if least == i {
			return
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}
