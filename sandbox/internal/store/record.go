package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

const addAttempt = `INSERT INTO attempt (number, delivery, try, sent, latency, status, failure, outcome, fault, header, answer)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// changeDelivery changes a delivery that is in a certain state.
const changeDelivery = `UPDATE delivery SET state = ?, attempts = ?, first = ?, due = ?, status = ?, latency = ?, failure = ?, outcome = ?, fault = ?
	WHERE number = ? AND state = ?`

// Record stores attempts and the new states of deliveries, all or nothing. It fills in the
// Number of attempts. A delivery that is done, such as one whose subscription was deleted
// meanwhile, does not wait again; one that was deleted meanwhile stays so, with its attempts.
//
// Where space is short, attempts between the first and the last of a delivery are not kept, and
// at the end none that takes more space; the delivery counts them.
func (s *Store) Record(ctx context.Context, attempts []Attempt, deliveries []Delivery) error {
	err := s.record(ctx, attempts, deliveries)
	if t := troubleOf(err); t != nil && t.Kind == OverLimit {
		err = s.record(ctx, nil, deliveries)
	}
	return err
}

func (s *Store) record(ctx context.Context, attempts []Attempt, deliveries []Delivery) error {
	return s.write(ctx, "keep attempts", func(t *tx) error {
		r := recording{tx: t, attempts: attempts, of: make(map[int64]int, len(attempts)), done: map[int64]bool{}}
		for i := range attempts {
			t.counts.attempt++
			attempts[i].Number = t.counts.attempt
			if _, several := r.of[attempts[i].Delivery]; several {
				r.of[attempts[i].Delivery] = -1
				continue
			}
			r.of[attempts[i].Delivery] = i
		}
		for i := range deliveries {
			if err := r.change(&deliveries[i]); err != nil {
				return err
			}
		}
		for i := range attempts {
			if err := r.add(&attempts[i]); err != nil {
				return err
			}
		}
		return t.savePacks()
	})
}

// recording is the change that Record makes.
type recording struct {
	*tx
	attempts []Attempt
	of       map[int64]int  // the attempt of a delivery; -1: there are several
	done     map[int64]bool // whether the attempts of a delivery that was changed are kept, or it is not there; else it has a row
}

// change changes a delivery, in its pack if it has one and that can tell it.
func (r *recording) change(d *Delivery) error {
	if err := r.stale(ofDeliveries, d.Number); err != nil {
		return err
	}
	p, position, err := r.packOf(d.Number, d.Notification)
	if err != nil {
		return err
	}
	if p != nil {
		i, made := r.of[d.Number]
		var a *Attempt
		if made && i >= 0 && (r.load() <= r.bounds.tight || r.used <= r.bounds.accept) {
			a = &r.attempts[i]
		}
		if i >= 0 {
			kept, err := p.deliver(r.tx, position, d, a)
			if r.done[d.Number] = kept; kept || err != nil {
				return err
			}
		}
		if err := p.part(r.tx, position); err != nil {
			return err
		}
	}
	there, err := r.tx.change(d)
	r.done[d.Number] = !there
	return err
}

// add adds an attempt whose delivery has a row.
func (r *recording) add(a *Attempt) error {
	if done, known := r.done[a.Delivery]; done {
		return nil
	} else if known {
		return r.addAttempt(a)
	}
	if err := r.stale(ofDeliveries, a.Delivery); err != nil {
		return err
	}
	p, position, err := r.packOf(a.Delivery, 0)
	if err != nil {
		return err
	}
	if p != nil {
		if err := p.part(r.tx, position); err != nil {
			return err
		}
	}
	return r.addAttempt(a)
}

// forgetBetween deletes all attempts of a delivery but the first.
const forgetBetween = "DELETE FROM attempt WHERE delivery = ?1 AND number > (SELECT min(number) FROM attempt WHERE delivery = ?1)"

// addAttempt adds an attempt, which replaces all of its delivery but the first where space is short.
func (t *tx) addAttempt(a *Attempt) error {
	if t.load() > t.bounds.tight {
		replaced, err := t.run(forgetBetween, a.Delivery)
		if replaced > 1 || a.Try > 2 {
			t.dropped.Store(time.Now().UnixNano())
		}
		if err != nil || replaced == 0 && t.used > t.bounds.accept {
			return err
		}
	} else if a.Try > 2 {
		t.untrim.Store(true)
	}
	outcome, err := outcomeNumber(a.Outcome)
	if err != nil {
		return err
	}
	return t.exec(addAttempt, a.Number, a.Delivery, int64(a.Try), ns(a.Sent), a.LatencyUS, int64(a.Status), a.Failure, outcome, a.Fault, document{a.Header}, a.Answer)
}

// change changes a delivery, and reports whether it exists. One that is done never waits again.
func (t *tx) change(d *Delivery) (there bool, err error) {
	state, err := stateNumber(d.State)
	outcome, unknown := outcomeNumber(d.Outcome)
	if err := cmp.Or(err, unknown); err != nil {
		return false, err
	}
	due, before := d.Due, int64(0) // most are waiting
	for {
		changed, err := t.run(changeDelivery, state, int64(d.Attempts), ns(d.First), ns(due), int64(d.Status), d.LatencyUS, d.Failure, outcome, d.Fault, d.Number, before)
		if err != nil {
			return false, err
		}
		if changed == 1 {
			if state != 0 {
				t.ended++
			}
			return true, t.counts.move(before, state, 1)
		}
		err = oneOf(t.ctx, t.conn, []any{&before}, "SELECT state FROM delivery WHERE number = ?", d.Number)
		if isMissing(err) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if state == 0 {
			state, due = before, time.Time{}
		}
	}
}

// Again is a notification and a subscription that gets it once more.
type Again struct {
	Notification int64
	Subscription string
}

// Redeliver creates another delivery for each of all, of a Kind, all or none. It fails with ErrNotFound if a notification or a
// subscription does not exist.
func (s *Store) Redeliver(ctx context.Context, all []Again, kind string, due time.Time) (made []DeliveryDetail, err error) {
	err = s.write(ctx, "deliver again", func(t *tx) error {
		made = make([]DeliveryDetail, 0, len(all))
		for _, a := range all {
			d, err := t.redeliver(a, kind, due)
			if err != nil {
				return fmt.Errorf("notification %d: %w", a.Notification, err)
			}
			made = append(made, d)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

func (t *tx) redeliver(a Again, kind string, due time.Time) (d DeliveryDetail, err error) {
	key := t.subscribers[a.Subscription] // 0 is no key
	if !t.live[key] {
		return d, fmt.Errorf("subscription %q: %w", a.Subscription, ErrNotFound)
	}
	if err := t.grow(); err != nil {
		return d, err
	}
	n, err := oneRow(t.ctx, t.conn, (*Notification).bodyFields, selectNotification+"n.number = ?", a.Notification)
	if err != nil {
		return d, err
	}
	t.counts.delivery++
	t.counts.states[0]++
	d = DeliveryDetail{Delivery{Number: t.counts.delivery, Notification: a.Notification, Subscription: a.Subscription, State: Waiting, Due: due.UTC(), Kind: kind}, n}
	return d, t.exec(addDeliveries, d.Number, a.Notification, t.types[n.Type], ns(due), kind, fmt.Sprintf("[[%d,0]]", key))
}

// isMissing reports whether err means that there is no such row.
func isMissing(err error) bool { return errors.Is(err, sql.ErrNoRows) }
