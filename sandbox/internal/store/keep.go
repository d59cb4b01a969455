package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"time"
)

// Setting is a value that belongs to the sandbox itself, such as its credentials, or "".
func (s *Store) Setting(ctx context.Context, name string) (value string, err error) {
	err = s.read(func(q asker) error {
		err := q.QueryRowContext(ctx, "SELECT value FROM setting WHERE name = ?", name).Scan(&value)
		if missing(err) {
			return nil
		}
		return err
	})
	return value, about(err, "setting "+name)
}

// Set keeps a setting.
func (s *Store) Set(ctx context.Context, name, value string) error {
	return s.write(ctx, "keep setting "+name, func(t *tx) error {
		_, err := t.conn.ExecContext(t.ctx, "INSERT INTO setting VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", name, value)
		return err
	})
}

// Scenarios lists the names of the stored scenarios in their order.
func (s *Store) Scenarios(ctx context.Context) (names []string, err error) {
	err = s.read(func(q asker) error {
		return each(ctx, q, func(rows *sql.Rows) error {
			var name string
			err := rows.Scan(&name)
			names = append(names, name)
			return err
		}, "SELECT name FROM scenario ORDER BY name")
	})
	return names, about(err, "list scenarios")
}

// Scenario is the text of a stored scenario, or fails with ErrNotFound.
func (s *Store) Scenario(ctx context.Context, name string) (source string, err error) {
	err = s.read(func(q asker) error {
		return q.QueryRowContext(ctx, "SELECT source FROM scenario WHERE name = ?", name).Scan(&source)
	})
	return source, about(err, fmt.Sprintf("scenario %q", name))
}

// SaveScenario keeps a scenario under its name, in place of the one before.
func (s *Store) SaveScenario(ctx context.Context, name, source string) error {
	return s.write(ctx, fmt.Sprintf("keep scenario %q", name), func(t *tx) error {
		_, err := t.conn.ExecContext(t.ctx, "INSERT INTO scenario VALUES (?, ?) ON CONFLICT DO UPDATE SET source = excluded.source", name, source)
		return err
	})
}

// DeleteScenario forgets a scenario, or fails with ErrNotFound.
func (s *Store) DeleteScenario(ctx context.Context, name string) error {
	return s.write(ctx, fmt.Sprintf("delete scenario %q", name), func(t *tx) error {
		return t.one("DELETE FROM scenario WHERE name = ?", name)
	})
}

// one makes a change that concerns one row, or fails with ErrNotFound.
func (t *tx) one(query string, args ...any) error {
	r, err := t.conn.ExecContext(t.ctx, query, args...)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n != 0 {
		return err
	}
	return ErrNotFound
}

// rememberFor is how long answers to requests with an idempotency key are kept.
const rememberFor = 24 * time.Hour

// Remember keeps the answer to a request with an idempotency key, or returns the one that was
// kept under it before, for 24 hours. With status 0 it only looks. Of the request a hash is
// kept; sameRequest compares it.
func (s *Store) Remember(ctx context.Context, key, request string, status int, answer []byte) (before []byte, beforeStatus int, sameRequest bool, err error) {
	sum := sha256.Sum256([]byte(request))
	now := s.now()
	err = s.write(ctx, "keep an answer", func(t *tx) error {
		var asked []byte
		err := t.conn.QueryRowContext(t.ctx, "SELECT request, status, answer FROM remembered WHERE key = ? AND at > ?", key, ns(now.Add(-rememberFor))).
			Scan(&asked, &beforeStatus, &before)
		switch {
		case err == nil:
			sameRequest = string(asked) == string(sum[:])
			return nil
		case !missing(err) || status == 0:
			return ignoreMissing(err)
		}
		_, err = t.conn.ExecContext(t.ctx, "INSERT OR REPLACE INTO remembered (key, request, status, answer, at) VALUES (?, ?, ?, ?, ?)",
			key, sum[:], int64(status), solid(answer), ns(now))
		return err
	})
	return before, beforeStatus, sameRequest, err
}

func ignoreMissing(err error) error {
	if missing(err) {
		return nil
	}
	return err
}

// about says what failed.
func about(err error, what string) error {
	switch {
	case err == nil:
		return nil
	case missing(err):
		err = ErrNotFound
	}
	return fmt.Errorf("%s: %w", what, err)
}

// Counts says how many notifications, and deliveries by state, there are. It costs nothing.
func (s *Store) Counts(ctx context.Context) (notifications int64, deliveries map[DeliveryState]int64, err error) {
	n := s.known.Load().tally
	deliveries = make(map[DeliveryState]int64, len(states))
	for i, state := range states {
		deliveries[state] = n.states[i]
	}
	return n.notifications, deliveries, nil
}
