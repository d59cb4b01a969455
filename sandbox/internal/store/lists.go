package store

import (
	"cmp"
	"context"
	"database/sql"
	"math"
	"slices"

	"github.com/ringback/ringback/event"
)

// Filter selects notifications or deliveries. Zero fields select all.
type Filter struct {
	Before       int64  // numbers below; 0: from the newest
	Limit        int    // at most so many; 0: 100
	Type         string // a pattern with *
	Conversation string
	Run          string
	Subscription string        // of deliveries
	State        DeliveryState // of deliveries
	Notification int64         // of deliveries
}

// Of a filter, the condition that leaves least is answered by an index, newest first. What
// fits is looked through for the other conditions, but not more than mostLooks a page, so that
// no page takes long. Such a page can be short, or empty, and still have a next one.
const (
	looksAtOnce = 2000
	mostLooks   = 20_000
)

// look is a row that is looked at.
type look struct{ number, kind, subscriber, state int64 }

// search is a filter, in the numbers of the file.
type search struct {
	Filter
	query       string
	args        []any   // before those that a page adds
	types       []int64 // conditions that the query does not answer
	subscribers []int64
	states      []int64
	typed       bool // rows without a type do not fit
}

// search turns texts to numbers; none tells that nothing can fit.
func (s *Store) search(f Filter) (p search, none bool, err error) {
	f.Before = cmp.Or(f.Before, math.MaxInt64)
	f.Limit = cmp.Or(max(f.Limit, 0), 100)
	p.Filter = f
	known := s.known.Load()
	if f.Type != "" && f.Type != "*" {
		for name, key := range known.types.keys {
			if event.Match(f.Type, name) {
				p.types = append(p.types, key)
			}
		}
		none = len(p.types) == 0
	}
	if f.Subscription != "" {
		key, ok := known.subscribers.keys[f.Subscription]
		p.subscribers, none = []int64{key}, none || !ok
	}
	if f.State != "" {
		number, err := stateNumber(f.State)
		if err != nil {
			return p, false, err
		}
		p.states = []int64{number}
	}
	return p, none, nil
}

// page collects up to a limit of numbers, and says where the next page begins, or 0.
func (p *search) page(ctx context.Context, q asker) (numbers []int64, next int64, err error) {
	size := looksAtOnce
	if !p.more() {
		size = p.Limit + 1 // one more, to know whether there is a next page
	}
	before := p.Before
	for looks := 0; looks < mostLooks; looks += size {
		var seen []look
		err := each(ctx, q, func(rows *sql.Rows) error {
			var l look
			err := rows.Scan(&l.number, &l.kind, &l.subscriber, &l.state)
			seen = append(seen, l)
			return err
		}, p.query, append(slices.Clone(p.args), before, int64(size))...)
		if err != nil {
			return nil, 0, err
		}
		for _, l := range seen {
			if !p.fits(l) {
				continue
			}
			if len(numbers) == p.Limit {
				return numbers, numbers[len(numbers)-1], nil
			}
			numbers = append(numbers, l.number)
		}
		if len(seen) < size {
			return numbers, 0, nil
		}
		before = seen[len(seen)-1].number
	}
	return numbers, before, nil
}

// more tells whether there are conditions that the index does not answer.
func (p *search) more() bool { return p.typed || len(p.types)+len(p.subscribers)+len(p.states) > 0 }

func (p *search) fits(l look) bool {
	return (!p.typed || l.kind != 0) && in(p.types, l.kind) && in(p.subscribers, l.subscriber) && in(p.states, l.state)
}

func in(set []int64, n int64) bool { return len(set) == 0 || slices.Contains(set, n) }

// Notifications lists the newest first; next is what Before should be for the following page,
// 0 at the end. A page can be short before the end if few fit. Body is left out.
func (s *Store) Notifications(ctx context.Context, f Filter) (list []Notification, next int64, err error) {
	f.Subscription, f.State = "", ""
	p, none, err := s.search(f)
	if err != nil || none {
		return nil, 0, about(err, "list notifications")
	}
	p.ofNotifications()
	err = s.read(func(q asker) error {
		var numbers []int64
		if numbers, next, err = p.page(ctx, q); err != nil {
			return err
		}
		list, err = loadNotifications(ctx, q, numbers)
		return err
	})
	return list, next, about(err, "list notifications")
}

// Deliveries lists the newest first, each with its notification; next is what Before should be
// for the following page, 0 at the end. A page can be short before the end if few fit.
func (s *Store) Deliveries(ctx context.Context, f Filter) (list []Delivery, of []Notification, next int64, err error) {
	p, none, err := s.search(f)
	if err != nil || none {
		return nil, nil, 0, about(err, "list deliveries")
	}
	p.ofDeliveries(s.known.Load().subscribers.texts)
	err = s.read(func(q asker) error {
		var numbers []int64
		if numbers, next, err = p.page(ctx, q); err != nil {
			return err
		}
		list, of, err = loadDeliveries(ctx, q, numbers)
		return err
	})
	return list, of, next, about(err, "list deliveries")
}

const loadNotificationsQuery = "SELECT " + notificationColumns + ` FROM json_each(?) j CROSS JOIN notification n ON n.number = j.value
	CROSS JOIN type y ON y.key = n.type ORDER BY j.key`

func loadNotifications(ctx context.Context, q asker, numbers []int64) (all []Notification, err error) {
	err = each(ctx, q, func(rows *sql.Rows) error {
		var n Notification
		err := rows.Scan(n.fields()...)
		all = append(all, n)
		return err
	}, loadNotificationsQuery, list(numbers))
	return all, err
}

const loadDeliveriesQuery = "SELECT " + deliveryColumns + ", " + notificationColumns + ` FROM json_each(?) j CROSS JOIN delivery d ON d.number = j.value
	CROSS JOIN subscriber k ON k.key = d.subscription CROSS JOIN notification n ON n.number = d.notification CROSS JOIN type y ON y.key = n.type ORDER BY j.key`

func loadDeliveries(ctx context.Context, q asker, numbers []int64) (all []Delivery, of []Notification, err error) {
	err = each(ctx, q, func(rows *sql.Rows) error {
		var d Delivery
		var n Notification
		err := rows.Scan(append(d.fields(), n.fields()...)...)
		all, of = append(all, d), append(of, n)
		return err
	}, loadDeliveriesQuery, list(numbers))
	return all, of, err
}
