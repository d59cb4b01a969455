package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// The columns of a notification n, of its type y, and of a delivery d to subscriber k.
const (
	notificationColumns = `n.number, n.id, y.name, n.conversation, n.interaction, n.channel, n.role, n.party, n.agent, n.run, n.accepted, n.fault, n.keys`
	bodyColumns         = notificationColumns + ", n.body, n.signed"
	deliveryColumns     = `d.number, d.notification, k.id, d.state, d.attempts, d.first, d.due, d.status, d.latency, d.failure, d.kind`
)

// fields are where the columns of a notification go; with a body, bodyColumns.
func (n *Notification) fields() []any {
	return []any{&n.Number, &n.ID, &n.Type, &n.Conversation, &n.Interaction, &n.Channel, &n.Role, &n.Party, &n.Agent, &n.Run,
		moment{&n.Accepted}, &n.Fault, &n.Keys}
}

func (n *Notification) bodyFields() []any { return append(n.fields(), &n.Body, &n.Signed) }

func (d *Delivery) fields() []any {
	return []any{&d.Number, &d.Notification, &d.Subscription, stateColumn{&d.State}, &d.Attempts, moment{&d.First}, moment{&d.Due}, &d.Status,
		&d.LatencyUS, &d.Failure, &d.Kind}
}

// stateColumn is a DeliveryState in a column.
type stateColumn struct{ *DeliveryState }

// Scan implements sql.Scanner.
func (s stateColumn) Scan(from any) error {
	n, ok := from.(int64)
	if !ok || n < 0 || n >= int64(len(states)) {
		return fmt.Errorf("%v is no state of a delivery", from)
	}
	*s.DeliveryState = states[n]
	return nil
}

// oneNotification finds the newest that fits, with its body, or fails with ErrNotFound.
func oneNotification(ctx context.Context, q asker, where string, args ...any) (n Notification, err error) {
	err = q.QueryRowContext(ctx, "SELECT "+bodyColumns+" FROM notification n JOIN type y ON y.key = n.type WHERE "+where+" ORDER BY n.number DESC LIMIT 1", args...).
		Scan(n.bodyFields()...)
	if err != nil {
		return Notification{}, about(err, "notification")
	}
	return n, nil
}

// Notification finds one with its body by number, or fails with ErrNotFound.
func (s *Store) Notification(ctx context.Context, number int64) (n Notification, err error) {
	err = s.read(func(q asker) error {
		n, err = oneNotification(ctx, q, "n.number = ?", number)
		return err
	})
	return n, err
}

// NotificationByID finds one with its body by the ID of its event, or fails with ErrNotFound.
// Of several, as after a run was played again with the same seed, it is the newest.
func (s *Store) NotificationByID(ctx context.Context, id string) (n Notification, err error) {
	err = s.read(func(q asker) error {
		n, err = oneNotification(ctx, q, "n.id = ?", id)
		return err
	})
	return n, err
}

// Delivery finds one, or fails with ErrNotFound.
func (s *Store) Delivery(ctx context.Context, number int64) (d Delivery, err error) {
	err = s.read(func(q asker) error {
		return q.QueryRowContext(ctx, "SELECT "+deliveryColumns+" FROM delivery d JOIN subscriber k ON k.key = d.subscription WHERE d.number = ?", number).
			Scan(d.fields()...)
	})
	if err != nil {
		return Delivery{}, about(err, fmt.Sprintf("delivery %d", number))
	}
	return d, nil
}

const selectAttempts = "SELECT number, delivery, try, sent, latency, status, failure, header, answer FROM attempt WHERE delivery = ? ORDER BY number"

// Attempts lists the attempts of a delivery, the first one first.
func (s *Store) Attempts(ctx context.Context, delivery int64) ([]Attempt, error) {
	var all []Attempt
	err := s.read(func(q asker) error {
		return each(ctx, q, func(rows *sql.Rows) error {
			var a Attempt
			err := rows.Scan(&a.Number, &a.Delivery, &a.Try, moment{&a.Sent}, &a.LatencyUS, &a.Status, &a.Failure, document{&a.Header}, &a.Answer)
			all = append(all, a)
			return err
		}, selectAttempts, delivery)
	})
	return all, about(err, fmt.Sprintf("attempts of delivery %d", delivery))
}

// The order of the tables is forced: the index on what is due gives the order of the list.
const selectDue = "SELECT " + deliveryColumns + ", " + bodyColumns + ` FROM subscriber k CROSS JOIN delivery d
	CROSS JOIN notification n ON n.number = d.notification CROSS JOIN type y ON y.key = n.type
	WHERE k.id = ? AND d.subscription = k.key AND d.state = 0 AND (d.due, d.number) > (?, ?) ORDER BY d.due, d.number LIMIT ?`

// Due lists waiting deliveries of a subscription with their notifications and bodies, by
// moment and then by number, from behind (after, number), at most limit.
func (s *Store) Due(ctx context.Context, subscription string, after time.Time, number int64, limit int) ([]Delivery, []Notification, error) {
	var deliveries []Delivery
	var notifications []Notification
	err := s.read(func(q asker) error {
		return each(ctx, q, func(rows *sql.Rows) error {
			var d Delivery
			var n Notification
			err := rows.Scan(append(d.fields(), n.bodyFields()...)...)
			deliveries, notifications = append(deliveries, d), append(notifications, n)
			return err
		}, selectDue, subscription, ns(after), number, int64(limit))
	})
	if err != nil {
		return nil, nil, about(err, "list what is due")
	}
	return deliveries, notifications, nil
}

// list is numbers as a JSON array, for json_each.
func list(numbers []int64) string {
	return strings.ReplaceAll(fmt.Sprint(numbers), " ", ",")
}
