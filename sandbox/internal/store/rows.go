package store

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// The columns of a notification n, of its type y, and of a delivery d to subscriber k.
const (
	notificationColumns = `n.number, n.id, y.name, n.conversation, n.interaction, n.channel, n.role, n.party, n.agent, n.run, n.accepted, n.fault, n.keys`
	bodyColumns         = notificationColumns + ", n.body, n.signed"
	deliveryColumns     = `d.number, d.notification, k.id, d.state, d.attempts, d.first, d.due, d.status, d.latency, d.failure, d.outcome, d.fault, d.kind`
)

// fields are the destinations of the columns of a notification, in their order.
func (n *Notification) fields() []any {
	return []any{&n.Number, &n.ID, &n.Type, &n.Conversation, &n.Interaction, &n.Channel, &n.Role, &n.Party, &n.Agent, &n.Run,
		moment{&n.Accepted}, &n.Fault, &n.Keys}
}

func (n *Notification) bodyFields() []any { return append(n.fields(), &n.Body, &n.Signed) }

func (d *Delivery) fields() []any {
	return []any{&d.Number, &d.Notification, &d.Subscription, stateColumn{&d.State}, countColumn{&d.Attempts}, moment{&d.First}, moment{&d.Due}, &d.Status,
		&d.LatencyUS, &d.Failure, outcomeColumn{&d.Outcome, &d.Status, &d.Failure}, &d.Fault, &d.Kind}
}

func (d *DeliveryDetail) fields() []any { return append(d.Delivery.fields(), d.Detail.fields()...) }

func (d *DeliveryDetail) bodyFields() []any {
	return append(d.Delivery.fields(), d.Detail.bodyFields()...)
}

func (a *Attempt) fields() []any {
	return []any{&a.Number, &a.Delivery, &a.Try, moment{&a.Sent}, &a.LatencyUS, &a.Status, &a.Failure, outcomeColumn{&a.Outcome, &a.Status, &a.Failure}, &a.Fault, document{&a.Header}, &a.Answer}
}

// countColumn is a number of attempts in a column, which another program may have changed.
type countColumn struct{ *int }

// Scan implements sql.Scanner.
func (c countColumn) Scan(from any) error {
	n, ok := from.(int64)
	if !ok || n < 0 || n > math.MaxInt32 {
		return fmt.Errorf("%v is no number of attempts", from)
	}
	*c.int = int(n)
	return nil
}

const (
	selectNotification = "SELECT " + bodyColumns + " FROM notification n JOIN type y ON y.key = n.type WHERE "
	selectDelivery     = "SELECT " + deliveryColumns + " FROM delivery d JOIN subscriber k ON k.key = d.subscription WHERE d.number = ?"
	selectAttempts     = "SELECT number, delivery, try, sent, latency, status, failure, outcome, fault, header, answer FROM attempt WHERE delivery = ? ORDER BY number"
)

// Notification returns the notification of a number, with its body, or fails with ErrNotFound.
func (s *Store) Notification(ctx context.Context, number int64) (Notification, error) {
	return find(ctx, s, fmt.Sprintf("notification %d", number), (*Notification).bodyFields, selectNotification+"n.number = ?", number)
}

// NotificationByID returns the newest notification of an event ID, with its body, or fails with
// ErrNotFound. There are several after a run was played again with the same seed.
func (s *Store) NotificationByID(ctx context.Context, id string) (Notification, error) {
	return find(ctx, s, fmt.Sprintf("notification %q", id), (*Notification).bodyFields, selectNotification+"n.id = ? ORDER BY n.number DESC LIMIT 1", id)
}

// Delivery returns the delivery of a number, or fails with ErrNotFound.
func (s *Store) Delivery(ctx context.Context, number int64) (Delivery, error) {
	what := fmt.Sprintf("delivery %d", number)
	if e, packed, err := s.packedDelivery(ctx, number); packed || err != nil {
		return e.delivery, s.failed(err, what)
	}
	return find(ctx, s, what, (*Delivery).fields, selectDelivery, number)
}

// Attempts lists the attempts of a delivery in their order.
func (s *Store) Attempts(ctx context.Context, delivery int64) ([]Attempt, error) {
	what := fmt.Sprintf("attempts of delivery %d", delivery)
	if e, packed, err := s.packedDelivery(ctx, delivery); packed || err != nil {
		if e.attempt == nil {
			return nil, s.failed(err, what)
		}
		return []Attempt{*e.attempt}, nil
	}
	return list(ctx, s, what, (*Attempt).fields, selectAttempts, delivery)
}

// CROSS JOIN fixes the order of the tables, so that the index on due moments sorts the list.
const selectDue = "SELECT " + deliveryColumns + ", " + bodyColumns + ` FROM subscriber k CROSS JOIN delivery d
	CROSS JOIN notification n ON n.number = d.notification CROSS JOIN type y ON y.key = n.type
	WHERE k.id = ? AND d.subscription = k.key AND d.state = 0 AND (d.due, d.number) > (?, ?) ORDER BY d.due, d.number LIMIT ?`

// Due lists at most limit waiting deliveries of a subscription, with notifications and bodies,
// in the order of moment and number, beginning behind (after, number).
func (s *Store) Due(ctx context.Context, subscription string, after time.Time, number int64, limit int) ([]DeliveryDetail, error) {
	const what = "list what is due"
	packed, err := s.packedDue(ctx, subscription, after, number, limit) // first: what leaves its pack now, is among the rows
	if err != nil {
		return nil, s.failed(err, what)
	}
	rows, err := list(ctx, s, what, (*DeliveryDetail).bodyFields, selectDue, subscription, ns(after), number, int64(limit))
	if err != nil || len(packed) == 0 {
		return rows, err
	}
	known := make(map[int64]bool, len(rows))
	for i := range rows {
		known[rows[i].Number] = true
	}
	packed = slices.DeleteFunc(packed, func(d DeliveryDetail) bool { return known[d.Number] })
	all := append(rows, packed...)
	slices.SortFunc(all, func(a, b DeliveryDetail) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Number, b.Number)) })
	return all[:min(limit, len(all))], nil
}

// array writes numbers as a JSON array, for json_each.
func array(numbers []int64) string {
	return strings.ReplaceAll(fmt.Sprint(numbers), " ", ",")
}
