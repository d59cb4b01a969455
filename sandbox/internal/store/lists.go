package store

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"time"

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
	Search       Search        // of deliveries
	From, Until  time.Time     // of deliveries that were made from then on, and before then; zero: at any time
}

// An index answers the most selective condition of a filter, the newest first. The rows are
// then scanned for the other conditions, at most mostScanned for a page, so that no page takes
// long. Such a page can be short or empty and still have a next one.
const (
	scannedAtOnce = 2000
	mostScanned   = 20_000
)

// candidate is a row that the index found.
type candidate struct{ number, kind, subscriber, state int64 }

func (c *candidate) fields() []any { return []any{&c.number, &c.kind, &c.subscriber, &c.state} }

// search is a filter in the numbers of the file.
type search struct {
	Filter
	query       string
	args        []any   // a page adds its own behind them
	types       []int64 // conditions that the query does not answer
	subscribers []int64
	states      []int64
	typed       bool // rows without a type do not match

	packs    string // the query for packs; empty: there are none of what is listed
	packArgs []any
	all      *search // all conditions, which deliveries of packs are held against
	sparse   bool    // few deliveries of a pack match
	known    *cached
}

// listPage lists a page of what choose finds, as load reads it.
func listPage[T any](ctx context.Context, s *Store, what string, f Filter, choose func(*search), load func(querier, []int64) ([]T, error)) (all []T, next int64, err error) {
	p, none, err := s.search(f)
	if err != nil || none {
		return nil, 0, s.failed(err, what)
	}
	choose(&p)
	err = s.read(func(q querier) error {
		var numbers []int64
		if f.isSearch() {
			numbers, next, err = s.found(ctx, q, p.Filter)
		} else {
			numbers, next, err = p.page(ctx, q)
		}
		if err != nil {
			return err
		}
		all, err = load(q, numbers)
		return err
	})
	return all, next, s.failed(err, what)
}

// Notifications lists a page of notifications without bodies, the newest first. Next is Before
// of the next page, 0 at the end. A page can be short before the end if few match.
func (s *Store) Notifications(ctx context.Context, f Filter) (list []Notification, next int64, err error) {
	f.Subscription, f.State, f.Search, f.From, f.Until = "", "", Search{}, time.Time{}, time.Time{}
	return listPage(ctx, s, "list notifications", f, (*search).ofNotifications, func(q querier, numbers []int64) ([]Notification, error) {
		return allRows(ctx, q, (*Notification).fields, loadNotifications, array(numbers))
	})
}

// Deliveries lists a page of deliveries with their notifications, the newest first. Next is
// Before of the next page, 0 at the end. A page can be short before the end if few match.
func (s *Store) Deliveries(ctx context.Context, f Filter) (list []DeliveryDetail, next int64, err error) {
	all := slices.Collect(maps.Values(s.cache.Load().subscribers))
	choose := func(p *search) {
		p.ofPacks(s.cache.Load())
		p.ofDeliveries(all)
	}
	return listPage(ctx, s, "list deliveries", f, choose, func(q querier, numbers []int64) ([]DeliveryDetail, error) {
		packed, err := s.packedDeliveries(ctx, q, numbers)
		if err != nil {
			return nil, err
		}
		known := make(map[int64]bool, len(packed))
		for i := range packed {
			known[packed[i].Number] = true
		}
		rest := slices.DeleteFunc(numbers, func(number int64) bool { return known[number] })
		rows, err := allRows(ctx, q, (*DeliveryDetail).fields, loadDeliveries, array(rest))
		list := append(packed, rows...)
		slices.SortFunc(list, func(a, b DeliveryDetail) int { return cmp.Compare(b.Number, a.Number) })
		return list, err
	})
}

// search translates texts to numbers. None reports that nothing can match.
func (s *Store) search(f Filter) (p search, none bool, err error) {
	f.Before = cmp.Or(f.Before, math.MaxInt64)
	f.Limit = cmp.Or(max(f.Limit, 0), 100)
	p.Filter = f
	known := s.cache.Load()
	if f.Type != "" && f.Type != "*" {
		for name, key := range known.types {
			if event.Match(f.Type, name) {
				p.types = append(p.types, key)
			}
		}
		none = len(p.types) == 0
	}
	if f.Subscription != "" {
		key := known.subscribers[f.Subscription] // 0 is no key
		p.subscribers, none = []int64{key}, none || key == 0
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

// page returns the numbers of one page, and where the next page begins; 0 at the end.
func (p *search) page(ctx context.Context, q querier) (numbers []int64, next int64, err error) {
	size := scannedAtOnce
	if !p.needsScan() {
		size = p.Limit + 1 // one more, to know whether there is a next page
	}
	before := p.Before
	for looks := 0; looks < mostScanned; looks += size {
		seen, low, err := p.look(ctx, q, before, size)
		if err != nil {
			return nil, 0, err
		}
		for _, c := range seen {
			if len(numbers) == p.Limit {
				return numbers, numbers[len(numbers)-1], nil
			}
			numbers = append(numbers, c.number)
		}
		if low == 0 {
			return numbers, 0, nil
		}
		before = low
	}
	return numbers, before, nil
}

// look returns what fits of the next rows below a number, about so many, the largest first, and how far that went; 0: to the end.
func (p *search) look(ctx context.Context, q querier, before int64, size int) (seen []candidate, low int64, err error) {
	seen, low, err = p.lookAtPacks(ctx, q, before, size)
	if err != nil {
		return nil, 0, err
	}
	rows, err := allRows(ctx, q, (*candidate).fields, p.query, append(slices.Clone(p.args), before, int64(size))...)
	if len(rows) == size {
		low = max(low, rows[size-1].number)
	}
	for _, c := range rows {
		if p.fits(c) {
			seen = append(seen, c)
		}
	}
	if p.packs == "" {
		return seen, low, err
	}
	seen = slices.DeleteFunc(seen, func(c candidate) bool { return c.number < low })
	slices.SortFunc(seen, func(a, b candidate) int { return cmp.Compare(b.number, a.number) })
	return slices.CompactFunc(seen, func(a, b candidate) bool { return a.number == b.number }), low, err
}

// needsScan reports whether there are conditions that the index does not answer.
func (p *search) needsScan() bool {
	return p.typed || len(p.types)+len(p.subscribers)+len(p.states) > 0
}

func (p *search) fits(c candidate) bool {
	return (!p.typed || c.kind != 0) && in(p.types, c.kind) && in(p.subscribers, c.subscriber) && in(p.states, c.state)
}

func in(set []int64, n int64) bool { return len(set) == 0 || slices.Contains(set, n) }

const loadNotifications = "SELECT " + notificationColumns + ` FROM json_each(?) j CROSS JOIN notification n ON n.number = j.value
	CROSS JOIN type y ON y.key = n.type ORDER BY j.key`

const loadDeliveries = "SELECT " + deliveryColumns + ", " + notificationColumns + ` FROM json_each(?) j CROSS JOIN delivery d ON d.number = j.value
	CROSS JOIN subscriber k ON k.key = d.subscription CROSS JOIN notification n ON n.number = d.notification CROSS JOIN type y ON y.key = n.type ORDER BY j.key`

// Each query lists the rows below a number (the last argument but one), the largest first, at
// most so many (the last one). Where several parts of an index are needed, the newest rows of
// each are merged, so that a query reads only the ends of long parts.
const (
	allNotifications = `SELECT number, type, 0, 0 FROM notification WHERE number < ?1 ORDER BY number DESC LIMIT ?2`

	notificationsOfConversation = `SELECT number, type, 0, 0 FROM notification
		WHERE conversation = ?1 AND conversation <> '' AND (?2 = '' OR run = ?2) AND number < ?3 ORDER BY number DESC LIMIT ?4`

	notificationsOfRun = `SELECT number, type, 0, 0 FROM notification WHERE run = ?1 AND run <> '' AND number < ?2 ORDER BY number DESC LIMIT ?3`

	notificationsOfTypes = `SELECT n.number, n.type, 0, 0 FROM json_each(?1) y CROSS JOIN notification n
		WHERE n.number IN (SELECT number FROM notification WHERE type = y.value AND number < ?2 ORDER BY number DESC LIMIT ?3)
		ORDER BY n.number DESC LIMIT ?3`

	allDeliveries = `SELECT number, type, subscription, state FROM delivery WHERE number < ?1 ORDER BY number DESC LIMIT ?2`

	deliveriesOfNotification = `SELECT d.number, d.type, d.subscription, d.state FROM notification n CROSS JOIN delivery d ON d.notification = n.number
		WHERE n.number = ?1 AND (?2 = '' OR n.conversation = ?2) AND (?3 = '' OR n.run = ?3) AND d.number < ?4 ORDER BY d.number DESC LIMIT ?5`

	// A conversation is short, so its deliveries can be sorted.
	deliveriesOfConversation = `SELECT d.number, d.type, d.subscription, d.state FROM notification n CROSS JOIN delivery d ON d.notification = n.number
		WHERE n.conversation = ?1 AND n.conversation <> '' AND (?2 = '' OR n.run = ?2) AND d.number < ?3 ORDER BY d.number DESC LIMIT ?4`

	// A run is long, so all deliveries are scanned for its own; the others have no type here.
	deliveriesOfRun = `SELECT d.number, CASE WHEN n.run = ?1 THEN d.type ELSE 0 END, d.subscription, d.state
		FROM delivery d CROSS JOIN notification n ON n.number = d.notification
		WHERE d.number < ?2 ORDER BY d.number DESC LIMIT ?3`

	deliveriesOfTypes = `SELECT d.number, d.type, d.subscription, d.state FROM json_each(?1) y CROSS JOIN delivery d
		WHERE d.number IN (SELECT number FROM delivery WHERE type = y.value AND number < ?2 ORDER BY number DESC LIMIT ?3)
		ORDER BY d.number DESC LIMIT ?3`

	deliveriesOfStates = `SELECT d.number, d.type, d.subscription, d.state FROM json_each(?1) k CROSS JOIN json_each(?2) s CROSS JOIN delivery d
		WHERE d.number IN (SELECT number FROM delivery WHERE subscription = k.value AND state = s.value AND number < ?3 ORDER BY number DESC LIMIT ?4)
		ORDER BY d.number DESC LIMIT ?4`
)

// choose sets the query and its first arguments.
func (p *search) choose(query string, args ...any) { p.query, p.args = query, args }

// ofNotifications chooses the query, and drops the conditions that it answers.
func (p *search) ofNotifications() {
	switch {
	case p.Conversation != "":
		p.choose(notificationsOfConversation, p.Conversation, p.Run)
	case p.Run != "":
		p.choose(notificationsOfRun, p.Run)
	case len(p.types) > 0:
		p.choose(notificationsOfTypes, array(p.types))
		p.types = nil
	default:
		p.choose(allNotifications)
	}
}

// fewTypes are so many at most. Of more, nearly every row has one.
const fewTypes = 4

// ofDeliveries chooses the query, and drops the conditions that it answers. All are all
// subscribers, deleted ones too.
func (p *search) ofDeliveries(all []int64) {
	switch {
	case p.Notification != 0:
		p.choose(deliveriesOfNotification, p.Notification, p.Conversation, p.Run)
	case p.Conversation != "":
		p.choose(deliveriesOfConversation, p.Conversation, p.Run)
	case p.Run != "":
		p.choose(deliveriesOfRun, p.Run)
		p.typed = true
	case len(p.subscribers) > 0:
		every := make([]int64, len(states))
		for i := range every {
			every[i] = int64(i)
		}
		if len(p.states) > 0 {
			every = p.states
		}
		p.choose(deliveriesOfStates, array(p.subscribers), array(every))
		p.subscribers, p.states = nil, nil
	case len(p.types) > 0 && (len(p.types) <= fewTypes || len(p.states) == 0):
		p.choose(deliveriesOfTypes, array(p.types))
		p.types = nil
	case len(p.states) > 0 && len(p.types) == 0:
		p.choose(deliveriesOfStates, array(all), array(p.states))
		p.states = nil
	default:
		p.choose(allDeliveries)
	}
}
