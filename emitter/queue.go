package emitter

// queue is first in, first out, in a ring that grows as needed. The zero value is empty.
type queue[T any] struct {
	ring []T
	head int
	size int
}

func (q *queue[T]) push(v T) {
	if q.size == len(q.ring) {
		grown := make([]T, max(4, 2*q.size))
		n := copy(grown, q.ring[q.head:])
		copy(grown[n:], q.ring[:q.head])
		q.ring, q.head = grown, 0
	}
	q.ring[(q.head+q.size)%len(q.ring)] = v
	q.size++
}

// pop takes the oldest value; there must be one.
func (q *queue[T]) pop() T {
	var none T
	v := q.ring[q.head]
	q.ring[q.head] = none // nothing it points to may be kept alive
	q.head = (q.head + 1) % len(q.ring)
	q.size--
	return v
}
