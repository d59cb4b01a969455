package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Whoever reads deliveries looks at packs first, and at rows then: a delivery may leave its pack in between, and never comes back.

// names are the IDs of subscribers by their keys.
func (c *cached) names() map[int64]string {
	names := make(map[int64]string, len(c.subscribers))
	for id, key := range c.subscribers {
		names[key] = id
	}
	return names
}

// packedDelivery returns a delivery that has no row of its own, with its attempt, if it is one. A subscriber that is newer than the
// cache is in no pack that was read.
func (s *Store) packedDelivery(ctx context.Context, number int64) (e entry, packed bool, err error) {
	err = s.read(func(q querier) error {
		p, err := oneRow(ctx, q, (*pack).fields, selectPackOf, number)
		if isMissing(err) {
			return nil
		}
		position, yes := p.has(number)
		if err != nil || !yes || p.states[position] > packDelivered {
			return err
		}
		known := s.cache.Load()
		packed = true
		e, err = known.entryOf(ctx, q, &p, position, known.names())
		return err
	})
	return e, packed, err
}

// entryOf returns a delivery of a pack that has no row.
func (c *cached) entryOf(ctx context.Context, from querier, p *pack, position int, names map[int64]string) (e entry, err error) {
	list, err := c.subscribersOf(ctx, from, p.fan)
	if err != nil || len(list) != len(p.states) {
		return e, cmp.Or(err, error(errPack))
	}
	e.delivery.State, e.delivery.Due = Waiting, momentOf(p.due)
	if p.states[position] == packDelivered {
		if e, err = c.findEntry(ctx, from, p, position); err != nil {
			return e, cmp.Or(p.changedNow(ctx, from, position), err)
		}
	}
	e.complete(p, position, names[list[position]])
	return e, nil
}

// changedNow is nil if a delivery is still in its pack, and sql.ErrNoRows if it was deleted, or has a row now.
func (p *pack) changedNow(ctx context.Context, from querier, position int) error {
	now, err := oneRow(ctx, from, (*pack).fields, selectPack, p.notification)
	if err == nil && now.states[position] != p.states[position] {
		err = sql.ErrNoRows
	}
	return err
}

// complete fills in what all deliveries of a pack have in common.
func (e *entry) complete(p *pack, position int, subscription string) {
	d := &e.delivery
	d.Number, d.Notification, d.Subscription = p.first+int64(position), p.notification, subscription
	if e.attempt != nil {
		e.attempt.Delivery = d.Number
	}
}

const (
	selectPacksDue = "SELECT " + packColumns + ` FROM pack p WHERE p.waiting > 0 AND (p.due, p.notification) > (?1, ?2) ORDER BY p.due, p.notification LIMIT ?3`
	loadBodies     = "SELECT " + bodyColumns + ` FROM json_each(?) j CROSS JOIN notification n ON n.number = j.value CROSS JOIN type y ON y.key = n.type ORDER BY j.key`
)

// packedDue is Due for deliveries without a row.
func (s *Store) packedDue(ctx context.Context, subscription string, after time.Time, number int64, limit int) (all []DeliveryDetail, err error) {
	known := s.cache.Load()
	key := known.subscribers[subscription]
	err = s.read(func(q querier) error {
		due, last := ns(after), int64(-1) // packs of that moment are looked at again: some may have larger numbers
		for more := true; more && len(all) < limit; {
			packs, err := allRows(ctx, q, (*pack).fields, selectPacksDue, due, last, int64(limit))
			if err != nil {
				return err
			}
			more = len(packs) == limit
			for i := range packs {
				p := &packs[i]
				due, last = p.due, p.notification
				list, err := known.subscribersOf(ctx, q, p.fan)
				if err != nil || len(list) != len(p.states) {
					return cmp.Or(err, error(errPack))
				}
				at := slices.Index(list, key)
				if at < 0 || p.states[at] != packWaiting || p.due == ns(after) && p.first+int64(at) <= number || len(all) == limit {
					continue
				}
				e := entry{delivery: Delivery{State: Waiting, Due: momentOf(p.due)}}
				e.complete(p, at, subscription)
				all = append(all, DeliveryDetail{Delivery: e.delivery})
			}
		}
		return s.loadBodies(ctx, q, &all)
	})
	return all, err
}

// mostRead is how many notifications are kept that were read with their bodies: each subscription that is behind reads the same ones.
const mostRead = 2000

// reading is the notifications that were read last, and never change.
type reading struct {
	mu    sync.Mutex
	known map[int64]*Notification
}

// get returns those that are known.
func (r *reading) get(all []DeliveryDetail) (missing []int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range all {
		if n := r.known[all[i].Notification]; n != nil {
			all[i].Detail = *n
			continue
		}
		missing = append(missing, all[i].Notification)
	}
	return missing
}

// put keeps some in place of those before, if there are too many.
func (r *reading) put(all []Notification) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil || len(r.known)+len(all) > mostRead {
		r.known = make(map[int64]*Notification, mostRead)
	}
	for i := range all {
		r.known[all[i].Number] = &all[i]
	}
}

// loadBodies fills in notifications with their bodies.
func (s *Store) loadBodies(ctx context.Context, q querier, all *[]DeliveryDetail) error {
	missing := s.recent.get(*all)
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	read, err := allRows(ctx, q, (*Notification).bodyFields, loadBodies, array(missing))
	if err != nil {
		return err
	}
	s.recent.put(read)
	*all = slices.DeleteFunc(*all, func(d DeliveryDetail) bool {
		return d.Detail.Number == 0 && notificationOf(read, d.Notification) == nil
	})
	for i := range *all {
		if d := &(*all)[i]; d.Detail.Number == 0 {
			d.Detail = *notificationOf(read, d.Notification)
		}
	}
	return nil
}

// loadDetails fills in notifications without their bodies. Deliveries of those that were deleted meanwhile are left out.
func loadDetails(ctx context.Context, q querier, all *[]DeliveryDetail) error {
	numbers := make([]int64, len(*all))
	for i := range *all {
		numbers[i] = (*all)[i].Notification
	}
	slices.Sort(numbers)
	notifications, err := allRows(ctx, q, (*Notification).fields, loadNotifications, array(slices.Compact(numbers)))
	if err != nil {
		return err
	}
	*all = slices.DeleteFunc(*all, func(d DeliveryDetail) bool { return notificationOf(notifications, d.Notification) == nil })
	for i := range *all {
		(*all)[i].Detail = *notificationOf(notifications, (*all)[i].Notification)
	}
	return nil
}

// notificationOf finds a notification among those of increasing numbers, nil if it is not there.
func notificationOf(sorted []Notification, number int64) *Notification {
	i, found := slices.BinarySearchFunc(sorted, number, func(n Notification, number int64) int { return cmp.Compare(n.Number, number) })
	if !found {
		return nil
	}
	return &sorted[i]
}

// packedDeliveries returns those of the numbers, which fall, that have no row, with their notifications.
func (s *Store) packedDeliveries(ctx context.Context, q querier, numbers []int64) (all []DeliveryDetail, err error) {
	known := s.cache.Load()
	names := known.names()
	var p pack
	var entries map[int]entry
	for _, number := range numbers {
		position, yes := p.has(number)
		if !yes {
			if p, err = oneRow(ctx, q, (*pack).fields, selectPackOf, number); isMissing(err) {
				return all, loadDetails(ctx, q, &all)
			} else if err != nil {
				return nil, err
			}
			if position, yes = p.has(number); !yes {
				p = pack{}
				continue
			}
			if entries, err = known.entriesOf(ctx, q, &p); err != nil {
				return nil, err
			}
		}
		if p.states[position] > packDelivered {
			continue
		}
		list, err := known.subscribersOf(ctx, q, p.fan)
		if err != nil || len(list) != len(p.states) {
			return nil, cmp.Or(err, error(errPack))
		}
		e, there := entries[position]
		switch {
		case p.states[position] == packWaiting:
			e = entry{delivery: Delivery{State: Waiting, Due: momentOf(p.due)}}
		case !there:
			if err := p.changedNow(ctx, q, position); !isMissing(err) {
				return nil, cmp.Or(err, error(errEntry))
			}
			continue
		}
		e.complete(&p, position, names[list[position]])
		all = append(all, DeliveryDetail{Delivery: e.delivery})
	}
	return all, loadDetails(ctx, q, &all)
}

// entriesOf returns all entries of a pack, by their positions.
func (c *cached) entriesOf(ctx context.Context, from querier, p *pack) (map[int]entry, error) {
	entries := map[int]entry{}
	chunks, err := allRows(ctx, from, itself[[]byte], selectChunks, p.notification*chunksOfPack)
	for _, chunk := range chunks {
		all, err := readEntries(chunk, func(key int64) (Header, error) { return c.headerOf(ctx, from, key) })
		if err != nil {
			return nil, err
		}
		for _, e := range all {
			entries[e.position] = e
		}
	}
	return entries, err
}

// checkPacks verifies that packs count their deliveries, and have an entry for each that was delivered.
func (s *Store) checkPacks(ctx context.Context, what string) error {
	var packs []pack
	err := s.read(func(q querier) (err error) {
		if packs, err = allRows(ctx, q, (*pack).fields, "SELECT "+packColumns+" FROM pack p"); err != nil {
			return err
		}
		known := s.cache.Load()
		for i := range packs {
			p := &packs[i]
			entries, err := known.entriesOf(ctx, q, p)
			if err != nil {
				return err
			}
			var waiting, delivered int64
			for position, state := range p.states {
				switch _, there := entries[position]; {
				case state == packWaiting:
					waiting++
				case state == packDelivered && !there:
					return fmt.Errorf("delivery %d was made, but nothing tells how", p.first+int64(position))
				case state == packDelivered:
					delivered++
				}
			}
			if waiting != p.waiting || delivered != p.delivered {
				return fmt.Errorf("notification %d counts %d waiting and %d delivered, and has %d and %d", p.notification, p.waiting, p.delivered, waiting, delivered)
			}
		}
		return nil
	})
	return s.failed(err, what)
}
