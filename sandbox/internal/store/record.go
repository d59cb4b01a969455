package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

const addAttempt = `INSERT INTO attempt (number, delivery, try, sent, latency, status, failure, header, answer)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`

// changeWaiting changes a delivery that is not done.
const changeWaiting = `UPDATE delivery SET state = ?, attempts = ?, first = ?, due = ?, status = ?, latency = ?, failure = ?
	WHERE number = ? AND state = 0`

// Record stores attempts and the new states of deliveries, all or nothing. It fills in the
// Number of attempts. A delivery that is done, such as one whose subscription was deleted
// meanwhile, does not wait again; one that was deleted meanwhile stays so, with its attempts.
func (s *Store) Record(ctx context.Context, attempts []Attempt, deliveries []Delivery) error {
	var number int64 // of the last attempt
	err := s.write(ctx, "keep attempts", func(t *tx) error {
		gone := map[int64]bool{}
		for i := range deliveries {
			there, err := t.change(&deliveries[i])
			if err != nil {
				return err
			}
			if !there {
				gone[deliveries[i].Number] = true
			}
		}
		for i := range attempts {
			a := &attempts[i]
			t.tally.attempt++
			if gone[a.Delivery] {
				continue
			}
			header, err := jsonText(a.Header)
			if err != nil {
				return err
			}
			if _, err := t.addAttempt.ExecContext(t.ctx, t.tally.attempt, a.Delivery, int64(a.Try), ns(a.Sent), a.LatencyUS, int64(a.Status),
				a.Failure, header, a.Answer); err != nil {
				return err
			}
		}
		number = t.tally.attempt
		return nil
	})
	if err != nil {
		return err
	}
	for i := range attempts {
		attempts[i].Number = number - int64(len(attempts)-1-i)
	}
	return nil
}

// change changes a delivery, and reports whether it exists.
func (t *tx) change(d *Delivery) (there bool, err error) {
	state, err := stateNumber(d.State)
	if err != nil {
		return false, err
	}
	r, err := t.changeWaiting.ExecContext(t.ctx, state, int64(d.Attempts), ns(d.First), ns(d.Due), int64(d.Status), d.LatencyUS, d.Failure, d.Number)
	if err != nil {
		return false, err
	}
	if n, err := r.RowsAffected(); err != nil || n == 1 {
		t.tally.states[0]--
		t.tally.states[state]++
		return err == nil, err
	}
	return t.changeDone(d, state)
}

// changeDone changes a delivery that is done, but never back to waiting.
func (t *tx) changeDone(d *Delivery, state int64) (there bool, err error) {
	var before int64
	err = t.conn.QueryRowContext(t.ctx, "SELECT state FROM delivery WHERE number = ?", d.Number).Scan(&before)
	if isMissing(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	due := d.Due
	if state == 0 {
		state, due = before, time.Time{}
	}
	_, err = t.conn.ExecContext(t.ctx, "UPDATE delivery SET state = ?, attempts = ?, first = ?, due = ?, status = ?, latency = ?, failure = ? WHERE number = ?",
		state, int64(d.Attempts), ns(d.First), ns(due), int64(d.Status), d.LatencyUS, d.Failure, d.Number)
	t.tally.states[before]--
	t.tally.states[state]++
	return true, err
}

// Redeliver creates another delivery of a notification to a subscription, of a Kind. It fails
// with ErrNotFound if one of the two does not exist.
func (s *Store) Redeliver(ctx context.Context, notification int64, subscription, kind string, due time.Time) (d DeliveryDetail, err error) {
	err = s.write(ctx, fmt.Sprintf("deliver notification %d again", notification), func(t *tx) error {
		key, ok := t.subscribers.keys[subscription]
		if !ok || !t.live[key] {
			return fmt.Errorf("subscription %q: %w", subscription, ErrNotFound)
		}
		n, err := oneRow(t.ctx, t.conn, (*Notification).bodyFields, selectNotification+"n.number = ?", notification)
		if err != nil {
			return wrap(err, "notification")
		}
		t.tally.delivery++
		t.tally.states[0]++
		d = DeliveryDetail{Delivery{Number: t.tally.delivery, Notification: notification, Subscription: subscription, State: Waiting, Due: due.UTC(), Kind: kind}, n}
		_, err = t.addDeliveries.ExecContext(t.ctx, d.Number, notification, t.types.keys[n.Type], ns(due), kind, fmt.Sprintf("[[%d,0]]", key))
		return err
	})
	return d, err
}

// isMissing reports whether err means that there is no such row.
func isMissing(err error) bool { return errors.Is(err, sql.ErrNoRows) }
