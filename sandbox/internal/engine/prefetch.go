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

// delivery is a delivery in memory, with its notification, which several deliveries share.
type delivery struct {
	store.Delivery
	note      *store.Notification
	ordered   string        // conversation in whose order the attempt is; empty: in none
	postponed bool          // delayed on purpose already
	fault     fault.Kind    // injected into the attempt in flight
	waited    time.Duration // sum of the waits between attempts; counts where no time passes
}

// detail is the delivery with its notification, without the body.
func (d *delivery) detail() store.DeliveryDetail {
	n := *d.note
	n.Body, n.Signed = nil, nil
	return store.DeliveryDetail{Delivery: d.Delivery, Detail: n}
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

// orderKey names the conversation in whose order the next attempt goes out. It is empty for
// retries, which have no order.
func (d *delivery) orderKey() string {
	if d.Attempts > 0 || d.postponed || d.Kind != "" {
		return ""
	}
	return cmp.Or(d.note.Conversation, d.note.Agent, d.note.ID)
}

// key is the place of a delivery in the order in which they are due.
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

// prefetch holds waiting deliveries in memory. Deliveries due before the horizon are here, or
// ready or in flight; those due later are only in the store.
type prefetch struct {
	waiting deliveryHeap
	known   map[int64]bool // numbers of all deliveries in memory
	horizon key
	open    bool // there is a horizon: the store has more

	fetching bool
	left     map[int64]bool // numbers that left memory meanwhile: the page may have them in their former state
	missed   *key           // the first that was left to the store meanwhile
}

// init puts the horizon before everything: nothing is in memory yet.
func (p *prefetch) init() { p.known, p.open = map[int64]bool{}, true }

// complete reports whether all waiting deliveries are in memory.
func (p *prefetch) complete() bool { return !p.open }

// add takes a waiting delivery that is in the store.
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

// leaveToStore notes that a delivery is only in the store.
func (p *prefetch) leaveToStore(k key) {
	if p.fetching && (p.missed == nil || k.before(*p.missed)) {
		p.missed = &k
	}
}

// forget removes a delivery whose attempt is recorded, and adds it again if it waits.
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

// trim keeps the deliveries that are due first, and leaves the others to the store.
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

// needsPage reports whether a page should be read from the store now.
func (p *prefetch) needsPage(now time.Time) bool {
	return p.open && len(p.waiting) <= mostInMemory-pageSize && !p.horizon.due.After(now)
}

// startFetch returns where the next page begins, and notes that it is being read.
func (p *prefetch) startFetch(fetch bool) key {
	if fetch {
		p.fetching, p.left, p.missed = true, map[int64]bool{}, nil
	}
	return p.horizon
}

// endFetch notes that no page is being read any more.
func (p *prefetch) endFetch() { p.fetching, p.left, p.missed = false, nil, nil }

// fetched takes a page from the horizon on. More means that the store may have further pages.
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

// deliveryHeap has the delivery that is due first on top.
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
