package policy

// Queue is first in, first out, in a ring that grows as needed. The zero value is empty.
type Queue[T any] struct {
	ring []T
	head int
	size int
}

// Push adds a value at the end.
func (q *Queue[T]) Push(v T) {
	if q.size == len(q.ring) {
		grown := make([]T, max(4, 2*q.size))
		n := copy(grown, q.ring[q.head:])
		copy(grown[n:], q.ring[:q.head])
		q.ring, q.head = grown, 0
	}
	q.ring[(q.head+q.size)%len(q.ring)] = v
	q.size++
}

// Pop takes the oldest value; there must be one.
func (q *Queue[T]) Pop() T {
	var none T
	v := q.ring[q.head]
	q.ring[q.head] = none // nothing it points to may be kept alive
	q.head = (q.head + 1) % len(q.ring)
	q.size--
	return v
}

// Drain takes out all values, and appends them to others.
func (q *Queue[T]) Drain(to []T) []T {
	for q.size > 0 {
		to = append(to, q.Pop())
	}
	return to
}

// Len is how many values wait.
func (q *Queue[T]) Len() int { return q.size }
