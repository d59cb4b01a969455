package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
)

const selectSubscriptions = `SELECT k.id, s.name, s.url, s.events, s.enabled, s.secret, s.created, s.changed, s.version
	FROM subscription s JOIN subscriber k ON k.key = s.key`

func (s *Subscription) fields() []any {
	return []any{&s.ID, &s.Name, &s.URL, document{&s.Events}, &s.Enabled, &s.Secret, moment{&s.Created}, moment{&s.Changed}, &s.Version}
}

// Subscriptions lists all subscriptions in the order of their creation, with their secrets.
func (s *Store) Subscriptions(ctx context.Context) ([]Subscription, error) {
	return list(ctx, s, "list subscriptions", (*Subscription).fields, selectSubscriptions+" ORDER BY s.key")
}

// Subscription returns the subscription of an ID, or fails with ErrNotFound.
func (s *Store) Subscription(ctx context.Context, id string) (Subscription, error) {
	return find(ctx, s, fmt.Sprintf("subscription %q", id), (*Subscription).fields, selectSubscriptions+" WHERE k.id = ?", id)
}

// CreateSubscription stores a new subscription, or fails with ErrNameTaken. A zero Created or
// Changed means now, and a zero Version means 1.
func (s *Store) CreateSubscription(ctx context.Context, sub Subscription) error {
	return s.write(ctx, "create a subscription", func(t *tx) error {
		now := t.now()
		if sub.Created.IsZero() {
			sub.Created = now
		}
		if sub.Changed.IsZero() {
			sub.Changed = sub.Created
		}
		sub.Version = cmp.Or(sub.Version, 1)
		if err := t.nameFree(&sub); err != nil {
			return err
		}
		if key, ok := t.subscribers.keys[sub.ID]; ok && t.live[key] {
			return fmt.Errorf("there is a subscription %q already", sub.ID)
		}
		key, err := t.subscriberKey(sub.ID)
		if err != nil {
			return err
		}
		t.live = maps.Clone(t.live)
		t.live[key] = true
		return t.saveSubscription(key, &sub)
	})
}

// ChangeSubscription changes a subscription in one transaction. It fails with ErrNotFound,
// ErrNameTaken or the error of change. Version grows by one, and Changed is now unless change
// sets it. ID and Created stay. change must not call the store.
func (s *Store) ChangeSubscription(ctx context.Context, id string, change func(*Subscription) error) (sub Subscription, err error) {
	err = s.write(ctx, fmt.Sprintf("change subscription %q", id), func(t *tx) error {
		sub, err = oneRow(t.ctx, t.conn, (*Subscription).fields, selectSubscriptions+" WHERE k.id = ?", id)
		if isMissing(err) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		before := sub
		if err := change(&sub); err != nil {
			return err
		}
		sub.ID, sub.Created, sub.Version = before.ID, before.Created, before.Version+1
		if sub.Changed.Equal(before.Changed) {
			sub.Changed = t.now().UTC()
		}
		if err := t.nameFree(&sub); err != nil {
			return err
		}
		return t.saveSubscription(t.subscribers.keys[id], &sub)
	})
	if err != nil {
		return Subscription{}, err
	}
	return sub, nil
}

// nameFree fails with ErrNameTaken if another subscription has the name.
func (t *tx) nameFree(sub *Subscription) error {
	var id string
	err := t.conn.QueryRowContext(t.ctx, "SELECT k.id FROM subscription s JOIN subscriber k ON k.key = s.key WHERE s.name = ?", sub.Name).Scan(&id)
	switch {
	case isMissing(err), err == nil && id == sub.ID:
		return nil
	case err != nil:
		return err
	}
	return ErrNameTaken
}

func (t *tx) saveSubscription(key int64, sub *Subscription) error {
	if sub.Events == nil {
		sub.Events = []string{}
	}
	events, err := jsonText(sub.Events)
	if err != nil {
		return err
	}
	_, err = t.conn.ExecContext(t.ctx, `INSERT OR REPLACE INTO subscription (key, name, url, events, enabled, secret, created, changed, version)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		key, sub.Name, sub.URL, events, sub.Enabled, notNull(sub.Secret), ns(sub.Created), ns(sub.Changed), sub.Version)
	return err
}

const cancelWaiting = "UPDATE delivery SET state = 3, due = 0 WHERE subscription = ? AND state = 0"

// DeleteSubscription deletes a subscription and cancels its waiting deliveries, or fails with ErrNotFound.
func (s *Store) DeleteSubscription(ctx context.Context, id string) error {
	return s.write(ctx, fmt.Sprintf("delete subscription %q", id), func(t *tx) error {
		key := t.subscribers.keys[id] // 0 is no key
		if err := t.one("DELETE FROM subscription WHERE key = ?", key); err != nil {
			return err
		}
		t.live = maps.Clone(t.live)
		delete(t.live, key)
		r, err := t.conn.ExecContext(t.ctx, cancelWaiting, key)
		if err != nil {
			return err
		}
		n, err := r.RowsAffected()
		t.tally.states[0] -= n
		t.tally.states[3] += n
		return err
	})
}
