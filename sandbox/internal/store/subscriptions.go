package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/ringback/ringback/signature"
)

const selectSubscriptions = `SELECT k.id, s.name, s.url, s.events, s.enabled, s.secret, s.secret_text, s.created, s.changed, s.version
	FROM subscription s JOIN subscriber k ON k.key = s.key`

func (s *Subscription) fields() []any {
	return []any{&s.ID, &s.Name, &s.URL, document{&s.Events}, &s.Enabled, &s.Secret, given{s}, moment{&s.Created}, moment{&s.Changed}, &s.Version}
}

// SetSecret gives the subscription a secret, with the text of it that somebody gave.
func (s *Subscription) SetSecret(secret, text signature.Secret) {
	s.Secret, s.Given = secret, text
	s.Warning = signature.SecretWarning(s.SecretText())
}

// SecretText is the secret as it was given, or clean Base64 if it was generated.
func (s *Subscription) SecretText() string { return cmp.Or(string(s.Given), s.Secret.Base64()) }

// given is the column with the text of a secret. It is behind that of the secret.
type given struct{ *Subscription }

// Scan implements sql.Scanner.
func (g given) Scan(from any) error {
	var given signature.Secret // nil for none
	if text, _ := from.(string); text != "" {
		given = signature.Secret(text)
	}
	g.SetSecret(g.Secret, given)
	return nil
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
		if err := t.grow(); err != nil {
			return err
		}
		if sub.Created.IsZero() {
			sub.Created = time.Now()
		}
		if sub.Changed.IsZero() {
			sub.Changed = sub.Created
		}
		sub.Version = cmp.Or(sub.Version, 1)
		key, err := t.subscriberKey(sub.ID)
		if err != nil {
			return err
		}
		if t.live[key] {
			return fmt.Errorf("there is a subscription %q already", sub.ID)
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
		if err != nil {
			return err
		}
		before := sub
		if err := change(&sub); err != nil {
			return err
		}
		sub.ID, sub.Created, sub.Version = before.ID, before.Created, before.Version+1
		if sub.Changed.Equal(before.Changed) {
			sub.Changed = time.Now().UTC()
		}
		return t.saveSubscription(t.subscribers[id], &sub)
	})
	if err != nil {
		return Subscription{}, err
	}
	return sub, nil
}

// saveSubscription fails with ErrNameTaken if another subscription has the name.
func (t *tx) saveSubscription(key int64, sub *Subscription) error {
	var taken bool
	err := oneOf(t.ctx, t.conn, []any{&taken}, "SELECT count(*) FROM subscription WHERE name = ? AND key <> ?", sub.Name, key)
	switch {
	case err != nil:
		return err
	case taken:
		return ErrNameTaken
	case sub.Events == nil:
		sub.Events = []string{}
	}
	return t.exec(`INSERT OR REPLACE INTO subscription (key, name, url, events, enabled, secret, secret_text, created, changed, version)
		VALUES (?, ?, ?, ?, ?, coalesce(?, x''), ?, ?, ?, ?)`,
		key, sub.Name, sub.URL, document{sub.Events}, sub.Enabled, []byte(sub.Secret), string(sub.Given), ns(sub.Created), ns(sub.Changed), sub.Version)
}

// DeleteSubscription deletes a subscription and cancels its waiting deliveries, or fails with
// ErrNotFound. If it is cut short, or there is trouble once the subscription is deleted, what is left is cancelled later: by Forget, MakeSpace or the next Open.
func (s *Store) DeleteSubscription(ctx context.Context, id string) error {
	what := fmt.Sprintf("delete subscription %q", id)
	var key int64
	left := false
	err := s.write(ctx, what, func(t *tx) (err error) {
		key = t.subscribers[id] // 0 is no key
		if err := t.one("DELETE FROM subscription WHERE key = ?", key); err != nil {
			return err
		}
		t.live = maps.Clone(t.live)
		delete(t.live, key)
		left, err = t.cancel(key)
		return err
	})
	if err != nil || !left {
		return err
	}
	if err = s.cancelAll(context.WithoutCancel(ctx), what, key); troubleOf(err) != nil {
		s.uncancelled.Store(true)
		return nil
	}
	return err
}

// cancelRest cancels what DeleteSubscription has left.
func (s *Store) cancelRest(ctx context.Context) error {
	if !s.uncancelled.Swap(false) {
		return nil
	}
	err := s.cancelLeft(ctx)
	if err != nil {
		s.uncancelled.Store(true)
	}
	return err
}

// cancelsDelivery is what a delivery that is cancelled writes of the WAL, in bytes: pages of the
// delivery and of its entries in indexes, mostly those of the delivery before, too.
const cancelsDelivery = 2 << 10

const cancelWaiting = `UPDATE delivery SET state = 3, due = 0 WHERE number IN
	(SELECT number FROM delivery WHERE subscription = ? AND state = 0 LIMIT ?) RETURNING number`

// cancel cancels some waiting deliveries of a subscriber, and reports whether there may be more.
func (t *tx) cancel(key int64) (more bool, err error) {
	most := t.bounds.wal / cancelsDelivery
	if more, err = t.partWaiting(key, most); err != nil {
		return false, err
	}
	if t.isTight() {
		again, err := t.forgetWaiting(key)
		return more || again, err
	}
	cancelled, err := allRows(t.ctx, t.conn, itself[int64], cancelWaiting, key, most)
	n := int64(len(cancelled))
	t.ended += n
	return more || n == most, cmp.Or(err, t.counts.move(0, 3, n), t.staleAll(ofDeliveries, cancelled))
}

// forgetWaiting deletes some waiting deliveries of a subscriber, which needs no space, and reports whether there may be more.
func (t *tx) forgetWaiting(key int64) (more bool, err error) {
	most := t.bounds.wal / (forgetsDelivery + 2*forgetsAttempt)
	waiting, err := allRows(t.ctx, t.conn, itself[int64], "SELECT number FROM delivery WHERE subscription = ? AND state = 0 LIMIT ?", key, most)
	if err != nil || len(waiting) == 0 {
		return false, err
	}
	return int64(len(waiting)) == most, cmp.Or(t.counts.move(0, -1, int64(len(waiting))), t.staleAll(ofDeliveries, waiting), t.exec(deleteSome, array(waiting)))
}

// cancelAll cancels all waiting deliveries of a subscriber.
func (s *Store) cancelAll(ctx context.Context, what string, key int64) (err error) {
	for more := true; more && err == nil; {
		err = s.write(ctx, what, func(t *tx) (err error) {
			more, err = t.cancel(key)
			return err
		})
	}
	return err
}

// cancelLeft cancels what the end of the program has left of subscriptions that were deleted.
func (s *Store) cancelLeft(ctx context.Context) error {
	const left = `SELECT key FROM subscriber WHERE key NOT IN (SELECT key FROM subscription)
		AND (EXISTS (SELECT 1 FROM delivery WHERE subscription = subscriber.key AND state = 0) OR EXISTS (SELECT 1 FROM fan f
			CROSS JOIN json_each(f.subscribers) j ON j.value = subscriber.key CROSS JOIN pack p ON p.fan = f.key WHERE p.waiting > 0))`
	keys, err := allRows(ctx, s.conn, itself[int64], left)
	for _, key := range keys {
		err = cmp.Or(err, s.cancelAll(ctx, "cancel what waits", key))
	}
	return err
}
