package engine

import (
	"cmp"
	"container/heap"
	"slices"
	"time"

	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario/fault"
)

// letter is a delivery in memory, with its notification, which others share.
type letter struct {
	d     store.Delivery
	n     *store.Notification
	turn  string     // the talk in which it is
	late  bool       // made to wait on purpose already
	wrong fault.Kind // armed: what goes wrong with the attempt in flight
}

// talk names whose order the next attempt has to keep; empty for retries, for which there is
// no order.
func (l *letter) talk() string {
	if l.d.Attempts > 0 || l.late || l.d.Kind != "" {
		return ""
	}
	return cmp.Or(l.n.Conversation, l.n.Agent, l.n.ID)
}

// key orders letters.
type key struct {
	due    time.Time
	number int64
}

func (k key) before(other key) bool {
	if !k.due.Equal(other.due) {
		return k.due.Before(other.due)
	}
	return k.number < other.number
}

func (l *letter) key() key { return key{l.d.Due, l.d.Number} }

// shelf holds the letters that wait for their moment. What waits before the horizon is on
// the shelf, or on its way to or from the consumer; what waits behind it is in the store
// alone.
type shelf struct {
	letters letterHeap
	known   map[int64]bool // numbers of all letters in memory
	horizon key
	open    bool // there is a horizon

	fetching bool
	left     map[int64]bool // numbers that left memory during that: the page may hold them as they were
	missed   *key           // the first that was left to the store during that
}

// init puts the horizon before everything: so far all of it is in the store alone.
func (s *shelf) init() { s.known, s.open = map[int64]bool{}, true }

// whole tells whether all that waits is in memory.
func (s *shelf) whole() bool { return !s.open }

// put takes a letter that waits and is in the store.
func (s *shelf) put(l *letter) {
	switch k := l.key(); {
	case s.known[l.d.Number]:
		return
	case s.open && !k.before(s.horizon):
		s.leave(k)
		return
	}
	s.known[l.d.Number] = true
	heap.Push(&s.letters, l)
	s.trim()
}

// leave leaves something to the store.
func (s *shelf) leave(k key) {
	if s.fetching && (s.missed == nil || k.before(*s.missed)) {
		s.missed = &k
	}
}

// done forgets a letter that the store knows all about, or puts it back.
func (s *shelf) done(l *letter, waits bool) {
	delete(s.known, l.d.Number)
	if s.fetching {
		s.left[l.d.Number] = true
	}
	if waits {
		again := *l
		again.turn, again.wrong = "", fault.None
		s.put(&again)
	}
}

// trim gives back to the store what waits longest.
func (s *shelf) trim() {
	if len(s.letters) <= mostLetters {
		return
	}
	sortLetters(s.letters)
	for _, l := range s.letters[pageSize:] { // a sorted slice is a heap
		delete(s.known, l.d.Number)
		s.leave(l.key())
		if s.fetching {
			s.left[l.d.Number] = true
		}
	}
	s.horizon, s.open = s.letters[pageSize].key(), true
	clear(s.letters[pageSize:])
	s.letters = s.letters[:pageSize]
}

// wants tells whether a page should be read from the store now.
func (s *shelf) wants(now time.Time) bool {
	return s.open && len(s.letters) <= mostLetters-pageSize && !s.horizon.due.After(now)
}

// begin says from where a page is read, if one is.
func (s *shelf) begin(fetch bool) key {
	if fetch {
		s.fetching, s.left, s.missed = true, map[int64]bool{}, nil
	}
	return s.horizon
}

// abandon ends a fetch that failed.
func (s *shelf) abandon() { s.fetching, s.left, s.missed = false, nil, nil }

// fetched takes a page from the horizon on. More tells that the store may have further ones.
func (s *shelf) fetched(page []*letter, more bool) {
	left, missed := s.left, s.missed
	s.abandon()
	s.open = more
	if more {
		last := page[len(page)-1].key()
		s.horizon = key{last.due, last.number + 1}
	}
	if missed != nil && (!s.open || missed.before(s.horizon)) {
		s.horizon, s.open = *missed, true
	}
	for _, l := range page {
		if !left[l.d.Number] {
			s.put(l)
		}
	}
}

func sortLetters(all []*letter) {
	slices.SortFunc(all, func(a, b *letter) int {
		return cmp.Or(a.d.Due.Compare(b.d.Due), cmp.Compare(a.d.Number, b.d.Number))
	})
}

// letterHeap has the letter that is due first on top.
type letterHeap []*letter

func (h letterHeap) Len() int           { return len(h) }
func (h letterHeap) Less(i, j int) bool { return h[i].key().before(h[j].key()) }
func (h letterHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *letterHeap) Push(l any)        { *h = append(*h, l.(*letter)) }
func (h *letterHeap) Pop() any {
	last := len(*h) - 1
	l := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return l
}
