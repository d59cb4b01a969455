package mistake

import (
	"slices"
	"time"

	"github.com/ringback/ringback/internal/examine/trial"
)

// remembered is which keys of notifications a consumer knows at a moment.
type remembered struct {
	at     []time.Time      // by key: when it was seen, or zero
	noted  []int            // keys since all were forgotten, some of them maybe several times
	orders map[string][]int // as they were seen, by what they are remembered for, of consumers that forget by their order
}

// remember makes an empty memory, in which there is room for each step's key.
func (m *simulation) remember() *remembered {
	return &remembered{at: emptied(&m.times, len(m.steps)), noted: room(&m.noted, len(m.steps)), orders: map[string][]int{}}
}

func (r *remembered) note(key int, at time.Time) {
	if r.at[key].IsZero() {
		r.noted = append(r.noted, key)
	}
	r.at[key] = at
}

func (r *remembered) forget() {
	for _, key := range r.noted {
		r.at[key] = time.Time{}
	}
	r.noted = r.noted[:0]
	clear(r.orders)
}

// cool forgets all keys but the last ones.
func (r *remembered) cool(warm int) {
	for of, order := range r.orders {
		cold := max(0, len(order)-warm)
		for _, old := range order[:cold] {
			r.at[old] = time.Time{}
		}
		r.orders[of] = slices.Clone(order[cold:])
	}
}

// learnt notes a key as the latest, and forgets the oldest if there are too many.
func (m *simulation) learnt(r *remembered, key int, n *trial.Note) {
	of := ""
	if m.memoryOf != nil {
		of = m.memoryOf(n)
	}
	order := append(r.orders[of], key)
	if m.memory > 0 && len(order) > m.memory {
		r.at[order[0]] = time.Time{}
		order = order[1:]
	}
	r.orders[of] = order
}

// room makes an empty slice with room for so many, and keeps it for the next time.
func room[T any](scratch *[]T, n int) []T {
	if cap(*scratch) < n {
		*scratch = make([]T, n)
	}
	return (*scratch)[:0:n]
}

// emptied makes one of so many zero values, likewise.
func emptied[T any](scratch *[]T, n int) []T {
	zeros := room(scratch, n)[:n]
	clear(zeros)
	return zeros
}
