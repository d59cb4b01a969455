package engine

import (
	"cmp"
	"container/heap"
	"slices"
	"time"

	"github.com/ringback/ringback/internal/policy"
	"github.com/ringback/ringback/sandbox/internal/store"
	"github.com/ringback/ringback/scenario/fault"
)

// letter is a delivery in memory, with its notification, which others share.
type delivery struct {
	store.Delivery
	note      *store.Notification
	ordered   string        // the talk in which it is
	postponed bool          // made to wait on purpose already
	fault     fault.Kind    // injected: what goes wrong on purpose with the attempt in flight
	waited    time.Duration // sum of the waits between attempts; counts where no time passes
}

// planned is the fault that the plan gives the delivery.
func (d *delivery) planned() fault.Kind {
	if d.Kind != "" && d.Kind != KindResend {
		return fault.None
	}
	kind, _ := fault.Parse(d.note.Fault)
	return kind
}

// lost is how many attempts the plan loses on the way.
func (d *delivery) lost() int {
	if d.Kind != "" {
		return 0
	}
	return policy.Lost(d.planned())
}

// talk names whose order the next attempt has to keep; empty for retries, for which there is
// no order.
func (d *delivery) orderKey() string {
	if d.Attempts > 0 || d.postponed || d.Kind != "" {
		return ""
	}
	return cmp.Or(d.note.Conversation, d.note.Agent, d.note.ID)
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

func (d *delivery) key() key { return key{d.Due, d.Number} }

// shelf holds the letters that wait for their moment. What waits before the horizon is on
// the shelf, or on its way to or from the consumer; what waits behind it is in the store
// alone.
type prefetch struct {
	waiting deliveryHeap
	known   map[int64]bool // numbers of all letters in memory
	horizon key
	open    bool // there is a horizon

	fetching bool
	left     map[int64]bool // numbers that left memory during that: the page may hold them as they were
	missed   *key           // the first that was left to the store during that
}

// init puts the horizon before everything: so far all of it is in the store alone.
func (p *prefetch) init() { p.known, p.open = map[int64]bool{}, true }

// whole tells whether all that waits is in memory.
func (p *prefetch) complete() bool { return !p.open }

// put takes a letter that waits and is in the store.
func (p *prefetch) add(d *delivery) {
	switch k := d.key(); {
	case p.known[d.Number]:
		return
	case p.open && !k.before(p.horizon):
		p.leaveToStore(k)
		return
	}
	p.known[d.Number] = true
	heap.Push(&p.waiting, d)
	p.trim()
}

// leave leaves something to the store.
func (p *prefetch) leaveToStore(k key) {
	if p.fetching && (p.missed == nil || k.before(*p.missed)) {
		p.missed = &k
	}
}

// done forgets a letter that the store knows all about, or puts it back.
func (p *prefetch) forget(d *delivery, waits bool) {
	delete(p.known, d.Number)
	if p.fetching {
		p.left[d.Number] = true
	}
	if waits {
		again := *d
		again.ordered, again.fault = "", fault.None
		p.add(&again)
	}
}

// trim gives back to the store what waits longest.
func (p *prefetch) trim() {
	if len(p.waiting) <= mostInMemory {
		return
	}
	sortDeliveries(p.waiting)
	for _, d := range p.waiting[pageSize:] { // a sorted slice is a heap
		delete(p.known, d.Number)
		p.leaveToStore(d.key())
		if p.fetching {
			p.left[d.Number] = true
		}
	}
	p.horizon, p.open = p.waiting[pageSize].key(), true
	clear(p.waiting[pageSize:])
	p.waiting = p.waiting[:pageSize]
}

// wants tells whether a page should be read from the store now.
func (p *prefetch) needsPage(now time.Time) bool {
	return p.open && len(p.waiting) <= mostInMemory-pageSize && !p.horizon.due.After(now)
}

// begin says from where a page is read, if one is.
func (p *prefetch) startFetch(fetch bool) key {
	if fetch {
		p.fetching, p.left, p.missed = true, map[int64]bool{}, nil
	}
	return p.horizon
}

// abandon ends a fetch that failed.
func (p *prefetch) endFetch() { p.fetching, p.left, p.missed = false, nil, nil }

// fetched takes a page from the horizon on. More tells that the store may have further ones.
func (p *prefetch) fetched(page []*delivery, more bool) {
	left, missed := p.left, p.missed
	p.endFetch()
	p.open = more
	if more {
		last := page[len(page)-1].key()
		p.horizon = key{last.due, last.number + 1}
	}
	if missed != nil && (!p.open || missed.before(p.horizon)) {
		p.horizon, p.open = *missed, true
	}
	for _, d := range page {
		if !left[d.Number] {
			p.add(d)
		}
	}
}

func sortDeliveries(all []*delivery) {
	slices.SortFunc(all, func(a, b *delivery) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Number, b.Number))
	})
}

// letterHeap has the letter that is due first on top.
type deliveryHeap []*delivery

func (h deliveryHeap) Len() int           { return len(h) }
func (h deliveryHeap) Less(i, j int) bool { return h[i].key().before(h[j].key()) }
func (h deliveryHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *deliveryHeap) Push(l any)        { *h = append(*h, l.(*delivery)) }
func (h *deliveryHeap) Pop() any {
	last := len(*h) - 1
	d := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return d
}
