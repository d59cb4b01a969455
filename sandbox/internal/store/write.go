package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
)

var errClosed = errors.New("the store is closed")

// tally is the numbers of rows, and the highest numbers given so far. It is a row of the file
// that each transaction updates, so that nothing is ever counted.
type tally struct {
	notification, delivery, attempt int64 // numbers
	notifications                   int64
	states                          [len(states)]int64 // deliveries
}

// names maps frequent texts to the numbers that stand for them.
type names struct {
	keys  map[string]int64
	texts map[int64]string
}

func (n *names) add(text string, key int64) {
	n.keys[text], n.texts[key] = key, text
}

func (n *names) clone() names { return names{maps.Clone(n.keys), maps.Clone(n.texts)} }

// tx is a transaction. There is one at a time.
type tx struct {
	*Store
	ctx         context.Context // never cancelled, so that a change is made or not begun
	tally       tally
	types       *names // the store's, or a copy with additions
	subscribers *names
	live        map[int64]bool // subscribers that have a subscription
}

// write makes a change in one transaction. What describes it in errors.
func (s *Store) write(ctx context.Context, what string, change func(*tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return fmt.Errorf("%s: %w", what, errClosed)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	ctx = context.WithoutCancel(ctx)
	if _, err := s.begin.ExecContext(ctx); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	done := false
	defer func() {
		if !done { // also if change panicked
			_, _ = s.rollback.ExecContext(ctx) // the first error is reported
		}
	}()
	known := s.cache.Load()
	t := &tx{Store: s, ctx: ctx, tally: known.tally, types: known.types, subscribers: known.subscribers, live: known.live}
	if err := t.finish(known, change(t)); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	done = true
	s.cache.Store(&cached{t.tally, t.types, t.subscribers, t.live})
	return nil
}

func (t *tx) finish(before *cached, err error) error {
	if err != nil {
		return err
	}
	if n := &t.tally; *n != before.tally {
		if _, err := t.saveTally.ExecContext(t.ctx, n.notification, n.delivery, n.attempt, n.notifications,
			n.states[0], n.states[1], n.states[2], n.states[3]); err != nil {
			return err
		}
	}
	_, err = t.commit.ExecContext(t.ctx)
	return err
}

// cached is what is known without a query. It is never changed, only replaced.
type cached struct {
	tally       tally
	types       *names
	subscribers *names
	live        map[int64]bool
}

// load fills the cache from the file.
func (s *Store) load(ctx context.Context) error {
	k := cached{live: map[int64]bool{}}
	n := &k.tally
	err := s.conn.QueryRowContext(ctx, "SELECT notification, delivery, attempt, notifications, waiting, delivered, given_up, cancelled FROM tally").
		Scan(&n.notification, &n.delivery, &n.attempt, &n.notifications, &n.states[0], &n.states[1], &n.states[2], &n.states[3])
	if err != nil {
		return err
	}
	if k.types, err = s.loadNames(ctx, "SELECT key, name FROM type"); err != nil {
		return err
	}
	if k.subscribers, err = s.loadNames(ctx, "SELECT key, id FROM subscriber"); err != nil {
		return err
	}
	live, err := s.loadNames(ctx, "SELECT key, name FROM subscription")
	if err != nil {
		return err
	}
	for key := range live.texts {
		k.live[key] = true
	}
	s.cache.Store(&k)
	return nil
}

func (s *Store) loadNames(ctx context.Context, query string) (*names, error) {
	n := names{map[string]int64{}, map[int64]string{}}
	err := each(ctx, s.conn, func(rows *sql.Rows) error {
		var key int64
		var text string
		if err := rows.Scan(&key, &text); err != nil {
			return err
		}
		n.add(text, key)
		return nil
	}, query)
	return &n, err
}

// typeKey returns the number of a type's name, a new one if needed.
func (t *tx) typeKey(name string) (int64, error) {
	return t.key(&t.types, t.Store.cache.Load().types, "INSERT INTO type (name) VALUES (?)", name)
}

// subscriberKey returns the number of a subscription's ID, a new one if needed.
func (t *tx) subscriberKey(id string) (int64, error) {
	return t.key(&t.subscribers, t.Store.cache.Load().subscribers, "INSERT INTO subscriber (id) VALUES (?)", id)
}

func (t *tx) key(all **names, shared *names, insert, text string) (int64, error) {
	if key, ok := (*all).keys[text]; ok {
		return key, nil
	}
	r, err := t.conn.ExecContext(t.ctx, insert, text)
	if err != nil {
		return 0, err
	}
	key, err := r.LastInsertId()
	if err != nil {
		return 0, err
	}
	if *all == shared { // others read it
		own := shared.clone()
		*all = &own
	}
	(*all).add(text, key)
	return key, nil
}
