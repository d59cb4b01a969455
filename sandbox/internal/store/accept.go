package store

import (
	"context"
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
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, coalesce(?, x''), ?)`

// addDeliveries adds all deliveries of one notification at once.
const addDeliveries = `INSERT INTO delivery (number, notification, type, due, kind, subscription, state)
	SELECT ?1 + key, ?2, ?3, ?4, ?5, value ->> 0, value ->> 1 FROM json_each(?6)`

// Changes are stored together with the notifications that they caused.
type Changes struct {
	Positions     map[string]uint64 // of runs
	Conversations []Conversation
	Settings      map[string]string
}

// Accept stores notifications, their deliveries and further changes, all or nothing. When it
// returns, nothing of it can be lost. It fills in Number, and returns the deliveries in the
// order of batch and To. A delivery to a subscription that was deleted is cancelled at once.
func (s *Store) Accept(ctx context.Context, batch []Accepted, also Changes) (all []Delivery, err error) {
	err = s.write(ctx, "keep notifications", func(t *tx) error {
		if len(batch)+len(also.Conversations) > 0 {
			if err := t.grow(); err != nil {
				return err
			}
		}
		made := 0
		for i := range batch {
			made += len(batch[i].To)
		}
		a := acceptance{tx: t, all: make([]Delivery, 0, made)}
		for i := range batch {
			if err := a.add(&batch[i]); err != nil {
				return err
			}
		}
		for run, position := range also.Positions {
			if err := t.exec("UPDATE run SET position = ? WHERE id = ?", int64(position), run); err != nil {
				return err
			}
		}
		for i := range also.Conversations {
			if err := t.saveConversation(&also.Conversations[i]); err != nil {
				return err
			}
		}
		for name, value := range also.Settings {
			if err := t.set(name, value); err != nil {
				return err
			}
		}
		all = a.all
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// acceptance adds the notifications of one batch. It reuses the list of subscriptions, which
// is mostly the same as for the notification before.
type acceptance struct {
	*tx
	all    []Delivery
	to     []string
	states []DeliveryState
	list   any   // JSON: key and state of each
	fan    int64 // of those of a pack; 0: each has a row of its own
}

func (a *acceptance) add(n *Accepted) error {
	kind, err := a.key(&a.types, "INSERT INTO type (name) VALUES (?)", n.Type)
	if err != nil {
		return err
	}
	accepted := n.Accepted
	if accepted.IsZero() {
		accepted = time.Now()
	}
	a.counts.notification++
	a.counts.notifications++
	n.Number = a.counts.notification
	if err := a.exec(addNotification, n.Number, n.ID, kind, n.Conversation, n.Interaction, n.Channel, n.Role, n.Party, n.Agent,
		n.Run, ns(accepted), n.Fault, int64(n.Keys), n.Body, n.Signed); err != nil {
		return err
	}
	a.ended++ // it may have ended at once
	if len(n.To) == 0 {
		return nil
	}
	if err := a.prepare(n.To); err != nil {
		return err
	}
	due := n.Due
	if due.IsZero() {
		due = accepted
	}
	if a.fan != 0 {
		p := &pack{notification: n.Number, first: a.counts.delivery + 1, fan: a.fan, kind: kind, due: ns(due), waiting: int64(len(n.To)), states: make([]byte, len(n.To))}
		err = p.insert(a.tx)
	} else {
		err = a.exec(addDeliveries, a.counts.delivery+1, n.Number, kind, ns(due), "", a.list)
	}
	if err != nil {
		return err
	}
	for i, to := range n.To {
		a.counts.delivery++
		a.counts.states[slices.Index(states[:], a.states[i])]++
		a.all = append(a.all, Delivery{Number: a.counts.delivery, Notification: n.Number, Subscription: to, State: a.states[i], Due: due.UTC()})
	}
	return nil
}

// prepare makes the list for addDeliveries, unless it is that of the notification before.
func (a *acceptance) prepare(to []string) (err error) {
	if slices.Equal(to, a.to) {
		return nil
	}
	a.to, a.states, a.fan = to, nil, 0
	var list [][2]int64
	var keys []int64
	for _, id := range to {
		key, err := a.subscriberKey(id)
		if err != nil {
			return err
		}
		state := Cancelled
		if a.live[key] {
			state = Waiting
		}
		number, _ := stateNumber(state)
		list = append(list, [2]int64{key, number})
		a.states = append(a.states, state)
		keys = append(keys, key)
	}
	if len(to) >= a.fewest && !slices.Contains(a.states, Cancelled) {
		if a.fan, err = a.fanOf(keys); a.fan != 0 || err != nil {
			return err
		}
	}
	a.list, err = document{list}.Value()
	return err
}
