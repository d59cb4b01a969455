package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"math"
)

// RunNotification is a notification of a run with what became of it.
type RunNotification struct {
	Notification         // with its body if that was asked for
	Deliveries   []Tried // in any order, those that a user asked for included
	Forgotten    int     // deliveries of it that are past retention, as far as that is known
}

// Tried is a delivery with its attempts that are kept, in their order, without the headers of their requests.
type Tried struct {
	Delivery
	Made []Attempt
}

// deliveriesAtOnce is about how many deliveries EachOfRun has in memory.
const deliveriesAtOnce = 10_000

// mostAtOnce is how many notifications EachOfRun reads at once.
const mostAtOnce = 500

const (
	ofRun = ` FROM notification n CROSS JOIN type y ON y.key = n.type WHERE n.run = ?1 AND n.run <> '' AND n.number > ?2 ORDER BY n.number LIMIT ?3`

	packsOfSome = "SELECT " + packColumns + ` FROM json_each(?1) j CROSS JOIN pack p ON p.notification = j.value ORDER BY p.notification`

	rowsOfSome = "SELECT " + deliveryColumns + ` FROM json_each(?1) j CROSS JOIN delivery d ON d.notification = j.value CROSS JOIN subscriber k ON k.key = d.subscription`

	attemptsOfSome = `SELECT a.number, a.delivery, a.try, a.sent, a.latency, a.status, a.failure, a.outcome, a.fault, a.answer
		FROM json_each(?1) j CROSS JOIN delivery d ON d.notification = j.value CROSS JOIN attempt a ON a.delivery = d.number ORDER BY a.number`
)

// plainFields are the destinations of the columns of attemptsOfSome.
func (a *Attempt) plainFields() []any {
	return []any{&a.Number, &a.Delivery, &a.Try, moment{&a.Sent}, &a.LatencyUS, &a.Status, &a.Failure, outcomeColumn{&a.Outcome, &a.Status, &a.Failure}, &a.Fault, &a.Answer}
}

// EachOfRun calls f for each notification of a run, the oldest first, in parts: whatever is accepted, recorded or forgotten meanwhile, each
// is as it was at one moment. It ends with the first error of f. f may use the store.
func (s *Store) EachOfRun(ctx context.Context, run string, bodies bool, f func(*RunNotification) error) error {
	what := fmt.Sprintf("read run %q", run)
	most := int64(min(mostAtOnce, max(1, deliveriesAtOnce/max(1, len(s.cache.Load().live)))))
	for after, more := int64(0), true; more; {
		var all []RunNotification
		err := s.snapshot(ctx, func(q querier) (err error) {
			all, err = s.someOfRun(ctx, q, run, bodies, after, most)
			return err
		})
		switch {
		case err != nil && ctx.Err() != nil: // whatever SQLite calls it
			return ctx.Err()
		case err != nil:
			return s.failed(err, what)
		}
		more = int64(len(all)) == most
		for i := range all {
			after = all[i].Number
			if err := f(&all[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// snapshot calls f with a connection that sees one moment, whatever is written meanwhile.
func (s *Store) snapshot(ctx context.Context, f func(querier) error) error {
	if s.readers == nil {
		return s.read(f) // nobody else writes
	}
	t, err := s.readers.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = t.Rollback() }()
	return f(t)
}

// someOfRun reads a part of a run.
func (s *Store) someOfRun(ctx context.Context, q querier, run string, bodies bool, after, most int64) (all []RunNotification, err error) {
	columns, fields := notificationColumns, func(n *RunNotification) []any { return n.fields() }
	if bodies {
		columns, fields = bodyColumns, func(n *RunNotification) []any { return n.bodyFields() }
	}
	if all, err = allRows(ctx, q, fields, "SELECT "+columns+ofRun, run, after, most); err != nil || len(all) == 0 {
		return nil, err
	}
	of, numbers := make(map[int64]*RunNotification, len(all)), make([]int64, len(all))
	for i := range all {
		of[all[i].Number], numbers[i] = &all[i], all[i].Number
	}
	some := array(numbers)
	packs, err := allRows(ctx, q, (*pack).fields, packsOfSome, some)
	known := s.cache.Load()
	names := known.names()
	for i := range packs {
		if err := of[packs[i].notification].unpack(ctx, q, known, names, &packs[i]); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, err
	}
	return all, addRows(ctx, q, of, some)
}

// addRows adds the deliveries of notifications that have rows of their own.
func addRows(ctx context.Context, q querier, of map[int64]*RunNotification, some string) error {
	type place struct {
		of *RunNotification
		at int
	}
	places := map[int64]place{}
	err := each(ctx, q, func(rows *sql.Rows) error {
		var d Tried
		err := scan(rows, d.Delivery.fields()...)
		if n := of[d.Notification]; n != nil {
			places[d.Number] = place{n, len(n.Deliveries)}
			n.Deliveries = append(n.Deliveries, d)
		}
		return err
	}, rowsOfSome, some)
	if err != nil || len(places) == 0 {
		return err
	}
	return each(ctx, q, func(rows *sql.Rows) error {
		var a Attempt
		err := scan(rows, a.plainFields()...)
		if p, there := places[a.Delivery]; there {
			d := &p.of.Deliveries[p.at]
			d.Made = append(d.Made, a)
		}
		return err
	}, attemptsOfSome, some)
}

// unpack adds the deliveries of a pack that have no row.
func (n *RunNotification) unpack(ctx context.Context, q querier, known *cached, names map[int64]string, p *pack) error {
	list, err := known.subscribersOf(ctx, q, p.fan)
	if err != nil || len(list) != len(p.states) {
		return cmp.Or(err, error(errPack))
	}
	var entries map[int]entry
	if p.delivered > 0 {
		if entries, err = entriesWithout(ctx, q, p); err != nil {
			return err
		}
	}
	for position, state := range p.states {
		e, there := entries[position]
		switch {
		case state == packForgotten:
			n.Forgotten++
			continue
		case state == packWaiting:
			e = entry{delivery: Delivery{State: Waiting, Due: momentOf(p.due)}}
		case state != packDelivered:
			continue
		case !there:
			return errEntry
		}
		e.complete(p, position, names[list[position]])
		d := Tried{Delivery: e.delivery}
		if e.attempt != nil {
			d.Made = []Attempt{*e.attempt}
		}
		n.Deliveries = append(n.Deliveries, d)
	}
	return nil
}

// entriesWithout returns the entries of a pack without the headers of requests.
func entriesWithout(ctx context.Context, q querier, p *pack) (map[int]entry, error) {
	entries := make(map[int]entry, p.delivered)
	chunks, err := allRows(ctx, q, itself[[]byte], selectChunks, p.notification*chunksOfPack)
	for _, chunk := range chunks {
		all, err := readEntries(chunk, func(int64) (Header, error) { return nil, nil })
		if err != nil {
			return nil, err
		}
		for _, e := range all {
			entries[e.position] = e
		}
	}
	return entries, err
}

// ForgottenOfRun is how many notifications of a run are past retention.
func (s *Store) ForgottenOfRun(ctx context.Context, run string) (n uint64, err error) {
	const missing = "SELECT position - (SELECT count(*) FROM notification WHERE run = ?1 AND run <> '') FROM run WHERE id = ?1"
	var left int64
	err = s.snapshot(ctx, func(q querier) error { return oneOf(ctx, q, []any{&left}, missing, run) })
	return uint64(min(max(0, left), math.MaxInt64)), s.failed(err, fmt.Sprintf("count what is left of run %q", run))
}
