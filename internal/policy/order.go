package policy

// Order lets the first attempts of a conversation begin one after another, in the order in
// which they were added; conversations do not wait for each other, and retries wait for
// nobody. Its zero value is ready.
type Order[K comparable, T any] struct {
	waiting map[K]*Queue[T] // of conversations with an attempt that may begin or is in flight
	spare   []*Queue[T]
}

// Add reports whether v may begin at once. Otherwise Done returns it when its turn comes.
func (o *Order[K, T]) Add(conversation K, v T) bool {
	if q := o.waiting[conversation]; q != nil {
		q.Push(v)
		return false
	}
	if o.waiting == nil {
		o.waiting = make(map[K]*Queue[T])
	}
	if n := len(o.spare); n > 0 {
		o.waiting[conversation], o.spare = o.spare[n-1], o.spare[:n-1]
	} else {
		o.waiting[conversation] = new(Queue[T])
	}
	return true
}

// Done says that the attempt of a conversation has ended, and returns the next one that may
// begin, if there is one.
func (o *Order[K, T]) Done(conversation K) (next T, more bool) {
	q := o.waiting[conversation]
	if q.Len() > 0 {
		return q.Pop(), true
	}
	delete(o.waiting, conversation)
	o.spare = append(o.spare, q)
	return next, false
}

// Drain takes out all that waits, in no particular order of the conversations.
func (o *Order[K, T]) Drain() (all []T) {
	for _, q := range o.waiting {
		all = q.Drain(all)
	}
	return all
}

// Turns holds attempts that may begin. It takes first attempts and retries in turn, so that
// neither kind holds up the other. Its zero value is ready.
type Turns[T any] struct {
	First, Retries Queue[T]
	retry          bool // the turn is a retry's
}

// Len is how many attempts may begin.
func (t *Turns[T]) Len() int { return t.First.Len() + t.Retries.Len() }

// Next takes the attempt whose turn it is, and reports whether it is a first one. There must
// be an attempt.
func (t *Turns[T]) Next() (v T, first bool) {
	first = t.Retries.Len() == 0 || !t.retry && t.First.Len() > 0
	if t.retry = first; first {
		return t.First.Pop(), true
	}
	return t.Retries.Pop(), false
}

// Drain takes out all attempts, the first ones before the retries.
func (t *Turns[T]) Drain() []T { return t.Retries.Drain(t.First.Drain(nil)) }

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
