package store

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Accepted is a notification and the subscriptions that get it.
type Accepted struct {
	Notification // Number is filled in by Accept
	To           []string
	Due          time.Time // of the first attempts; zero: at once
}

const addNotification = `INSERT INTO notification
	(number, id, type, conversation, interaction, channel, role, party, agent, run, accepted, fault, keys, body, signed)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// addDeliveries adds all deliveries of one notification at once.
const addDeliveries = `INSERT INTO delivery (number, notification, type, due, kind, subscription, state)
	SELECT ?1 + key, ?2, ?3, ?4, ?5, value ->> 0, value ->> 1 FROM json_each(?6)`

// Accept stores notifications, their deliveries, the positions of runs and the conversations
// that the notifications come from, all or nothing. When it returns, nothing of it can be lost.
// It fills in Number, and returns the deliveries in the order of batch and To. A delivery to a
// subscription that was deleted is cancelled at once.
func (s *Store) Accept(ctx context.Context, batch []Accepted, positions map[string]uint64, conversations []Conversation) ([]Delivery, error) {
	var all []Delivery
	var numbers []int64
	err := s.write(ctx, "keep notifications", func(t *tx) (err error) {
		now := t.now()
		a := acceptance{tx: t}
		for i := range batch {
			t.tally.notification++
			t.tally.notifications++
			number := t.tally.notification
			if all, err = a.add(all, number, &batch[i], now); err != nil {
				return err
			}
			numbers = append(numbers, number)
		}
		for run, position := range positions {
			if _, err := t.conn.ExecContext(t.ctx, "UPDATE run SET position = ? WHERE id = ?", int64(position), run); err != nil {
				return err
			}
		}
		for i := range conversations {
			if err := t.saveConversation(&conversations[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i, n := range numbers {
		batch[i].Number = n
	}
	return all, nil
}

// acceptance adds the notifications of one batch. It reuses the list of subscriptions, which
// is mostly the same as for the notification before.
type acceptance struct {
	*tx
	to      []string
	keys    []int64
	list    string // JSON: key and state of each
	waiting int64
}

func (a *acceptance) add(all []Delivery, number int64, n *Accepted, now time.Time) ([]Delivery, error) {
	kind, err := a.typeKey(n.Type)
	if err != nil {
		return nil, err
	}
	accepted := n.Accepted
	if accepted.IsZero() {
		accepted = now
	}
	if _, err := a.addNotification.ExecContext(a.ctx, number, n.ID, kind, n.Conversation, n.Interaction, n.Channel, n.Role, n.Party, n.Agent,
		n.Run, ns(accepted), n.Fault, int64(n.Keys), notNull(n.Body), orNull(n.Signed)); err != nil {
		return nil, err
	}
	if len(n.To) == 0 {
		return all, nil
	}
	if err := a.prepare(n.To); err != nil {
		return nil, err
	}
	due := n.Due
	if due.IsZero() {
		due = accepted
	}
	first := a.tally.delivery + 1
	if _, err := a.addDeliveries.ExecContext(a.ctx, first, number, kind, ns(due), "", a.list); err != nil {
		return nil, err
	}
	a.tally.delivery += int64(len(n.To))
	a.tally.states[0] += a.waiting
	a.tally.states[3] += int64(len(n.To)) - a.waiting
	for i, to := range n.To {
		d := Delivery{Number: first + int64(i), Notification: number, Subscription: to, State: Waiting, Due: due.UTC()}
		if !a.live[a.keys[i]] {
			d.State = Cancelled
		}
		all = append(all, d)
	}
	return all, nil
}

// prepare makes the list for addDeliveries, unless it is that of the notification before.
func (a *acceptance) prepare(to []string) error {
	if slices.Equal(to, a.to) {
		return nil
	}
	a.to, a.keys, a.waiting = to, a.keys[:0], 0
	list := []byte{'['}
	for i, id := range to {
		key, err := a.subscriberKey(id)
		if err != nil {
			return err
		}
		if i > 0 {
			list = append(list, ',')
		}
		state := slices.Index(states[:], Cancelled)
		if a.live[key] {
			state = 0
			a.waiting++
		}
		list = fmt.Appendf(list, "[%d,%d]", key, state)
		a.keys = append(a.keys, key)
	}
	a.list = string(append(list, ']'))
	return nil
}

// notNull returns an empty body instead of nil, which would be NULL.
func notNull(body []byte) []byte {
	if body == nil {
		return []byte{}
	}
	return body
}

// orNull returns NULL for no body.
func orNull(body []byte) any {
	if body == nil {
		return nil
	}
	return body
}

// states are the numbers of the states in the file.
var states = [...]DeliveryState{Waiting, Delivered, GivenUp, Cancelled}

func stateNumber(state DeliveryState) (int64, error) {
	i := slices.Index(states[:], state)
	if i < 0 {
		return 0, fmt.Errorf("there is no state %q of a delivery", state)
	}
	return int64(i), nil
}
