package engine

import (
	"cmp"
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
	retried   bool          // that it was Retried, before the attempt in flight
	fault     fault.Kind    // injected into the attempt in flight
	before    fault.Kind    // injected, for which the first attempt was put off or lost
	waited    time.Duration // sum of the waits between attempts; counts where no time passes
}

func (d *delivery) detail() store.DeliveryDetail {
	return store.DeliveryDetail{Delivery: d.Delivery, Detail: *d.note}
}

// planned is the fault that the plan gives the delivery.
func (d *delivery) planned() fault.Kind {
	if d.Kind != "" && d.Kind != KindResend || d.note.Fault == fault.None.String() {
		return fault.None
	}
	kind, _ := fault.Parse(d.note.Fault)
	return kind
}

// carried is the name of the fault that the last attempt carried; "" for none.
func (d *delivery) carried() string {
	carried := d.planned()
	switch {
	case d.Kind == KindExpired:
		carried = fault.ExpiredToken
	case d.Kind == KindDuplicate:
		return fault.Duplicate.String()
	case d.fault == fault.Duplicate: // the next delivery is the copy
	case d.fault != fault.None:
		carried = d.fault
	case d.before != fault.None:
		carried = d.before
	}
	switch carried {
	case fault.Reset, fault.Delay, fault.Reorder, fault.LateRetry, fault.Duplicate: // of one attempt alone
		if d.Attempts > 1+policy.Lost(carried) {
			return ""
		}
	}
	return carried.String()
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

func (k key) compare(other key) int {
	return cmp.Or(k.due.Compare(other.due), cmp.Compare(k.number, other.number))
}

func (d *delivery) key() key { return key{d.Due, d.Number} }

func byDue(a, b *delivery) int { return a.key().compare(b.key()) }

// prefetch holds waiting deliveries in memory. Deliveries due before the horizon are here, or
// ready or in flight; those due later are only in the store.
type prefetch struct {
	waiting []*delivery    // by due
	known   map[int64]bool // numbers of all deliveries in memory
	horizon key
	open    bool // there is a horizon: the store has more

	fetching bool
	changes  []func() // that came since a page is being read; they follow it, because it may not have them yet
}

// init puts the horizon before everything: nothing is in memory yet.
func (p *prefetch) init() { p.known, p.open = map[int64]bool{}, true }

// add takes a waiting delivery that is in the store. It keeps those that are due first, and
// leaves the others to the store.
func (p *prefetch) add(d *delivery) {
	if p.fetching {
		p.changes = append(p.changes, func() { p.add(d) })
		return
	}
	if p.known[d.Number] || p.open && d.key().compare(p.horizon) >= 0 {
		return
	}
	p.known[d.Number] = true
	i, _ := slices.BinarySearchFunc(p.waiting, d, byDue)
	p.waiting = slices.Insert(p.waiting, i, d)
	if len(p.waiting) > mostInMemory {
		p.horizon, p.open = p.waiting[pageSize].key(), true
		for _, d := range p.waiting[pageSize:] {
			delete(p.known, d.Number)
		}
		p.waiting = slices.Delete(p.waiting, pageSize, len(p.waiting))
	}
}

// next takes out the delivery that is due first, nil if none is due now.
func (p *prefetch) next(now time.Time) *delivery {
	if len(p.waiting) == 0 || p.waiting[0].Due.After(now) {
		return nil
	}
	d := p.waiting[0]
	p.waiting[0], p.waiting = nil, p.waiting[1:] // the others stay where they are
	return d
}

// forget removes a delivery whose attempt is recorded, and adds it again if it waits.
func (p *prefetch) forget(d *delivery, waits bool) {
	if p.fetching {
		p.changes = append(p.changes, func() { p.forget(d, waits) })
		return
	}
	delete(p.known, d.Number)
	if waits {
		again := *d
		again.ordered, again.fault = "", fault.None
		p.add(&again)
	}
}

// hasSpace reports whether there is more in the store, and space for a page of it.
func (p *prefetch) hasSpace() bool { return p.open && len(p.waiting) <= mostInMemory-pageSize }

// needsPage reports whether a page should be read from the store now.
func (p *prefetch) needsPage(now time.Time) bool { return p.hasSpace() && !p.horizon.due.After(now) }

// startFetch returns where the next page begins, and notes that it is being read.
func (p *prefetch) startFetch() key {
	p.fetching = true
	return p.horizon
}

// fetched takes a page from the horizon on, none if it could not be read. More means that the
// store may have further pages.
func (p *prefetch) fetched(page []*delivery, more bool) {
	changes := p.changes
	p.fetching, p.changes, p.open = false, nil, more
	if more && len(page) > 0 {
		last := page[len(page)-1].key()
		p.horizon = key{last.due, last.number + 1}
	}
	for _, d := range page {
		p.add(d)
	}
	for _, change := range changes {
		change()
	}
}
