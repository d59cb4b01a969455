package receiver

// bonds hold for each key the value it was first seen with, for as long as somebody who
// tied the key has not untied it.
type bonds[K, V comparable] map[K]*bond[V]

type bond[V comparable] struct {
	value V
	ties  int
}

// tie holds on to k and returns the value it was first seen with, which is v if nobody else
// holds on to it.
func (b bonds[K, V]) tie(k K, v V) (first V) {
	known, ok := b[k]
	if !ok {
		known = &bond[V]{value: v}
		b[k] = known
	}
	known.ties++
	return known.value
}

// untie takes one tie back.
func (b bonds[K, V]) untie(k K) {
	known := b[k]
	if known.ties--; known.ties == 0 {
		delete(b, k)
	}
}
