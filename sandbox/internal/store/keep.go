package store

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"
)

// Setting returns a value of the sandbox itself, such as its credentials; "" if it is not set.
func (s *Store) Setting(ctx context.Context, name string) (string, error) {
	return find(ctx, s, "setting "+name, itself[string], "SELECT coalesce((SELECT value FROM setting WHERE name = ?), '')", name)
}

// Set stores a setting.
func (s *Store) Set(ctx context.Context, name, value string) error {
	return s.write(ctx, "keep setting "+name, func(t *tx) error { return t.set(name, value) })
}

func (t *tx) set(name, value string) error {
	return t.exec("INSERT OR REPLACE INTO setting VALUES (?, ?)", name, value)
}

// Scenarios lists the names of the stored scenarios in alphabetical order.
func (s *Store) Scenarios(ctx context.Context) ([]string, error) {
	return list(ctx, s, "list scenarios", itself[string], "SELECT name FROM scenario ORDER BY name")
}

// Scenario returns the text of a stored scenario, or fails with ErrNotFound.
func (s *Store) Scenario(ctx context.Context, name string) (string, error) {
	return find(ctx, s, fmt.Sprintf("scenario %q", name), itself[string], "SELECT source FROM scenario WHERE name = ?", name)
}

// SaveScenario stores a scenario under its name, in place of a former one.
func (s *Store) SaveScenario(ctx context.Context, name, source string) error {
	return s.write(ctx, fmt.Sprintf("keep scenario %q", name), func(t *tx) error {
		if err := t.grow(); err != nil {
			return err
		}
		return t.exec("INSERT OR REPLACE INTO scenario VALUES (?, ?)", name, source)
	})
}

// DeleteScenario deletes a scenario, or fails with ErrNotFound.
func (s *Store) DeleteScenario(ctx context.Context, name string) error {
	return s.write(ctx, fmt.Sprintf("delete scenario %q", name), func(t *tx) error {
		return t.one("DELETE FROM scenario WHERE name = ?", name)
	})
}

// rememberFor is how long responses to requests with an idempotency key are stored.
const rememberFor = 24 * time.Hour

// Remember stores the response to a request with an idempotency key for 24 hours, or shorter where
// Options.KeepMost is small and the responses are large, or returns the one that the key has already. With status 0 it stores nothing. Of the request, a hash is
// stored; sameRequest reports whether it is that of the former request.
func (s *Store) Remember(ctx context.Context, key, request string, status int, answer []byte) (before []byte, beforeStatus int, sameRequest bool, err error) {
	sum := sha256.Sum256([]byte(request))
	now := time.Now()
	err = s.write(ctx, "keep an answer", func(t *tx) error {
		var asked []byte
		err := oneOf(t.ctx, t.conn, []any{&asked, &beforeStatus, &before}, "SELECT request, status, answer FROM remembered WHERE key = ? AND at > ?", key, ns(now.Add(-rememberFor)))
		switch {
		case err == nil:
			sameRequest = string(asked) == string(sum[:])
			return nil
		case !isMissing(err):
			return err
		case status == 0:
			return nil
		}
		// What was done has met no limit, and done again it would be there twice: a small answer takes what is left for attempts.
		if int64(len(answer)) > (t.bounds.file-t.bounds.accept)/4 {
			if err := t.grow(); err != nil {
				return err
			}
		}
		return t.exec("INSERT OR REPLACE INTO remembered (key, request, status, answer, at) VALUES (?, ?, ?, coalesce(?, x''), ?)",
			key, sum[:], int64(status), answer, ns(now))
	})
	return before, beforeStatus, sameRequest, err
}

// Counts returns the numbers of notifications, and of deliveries in each state. It reads no rows.
func (s *Store) Counts() (notifications int64, deliveries map[DeliveryState]int64) {
	n := s.cache.Load().counts
	deliveries = make(map[DeliveryState]int64, len(states))
	for i, state := range states {
		deliveries[state] = n.states[i]
	}
	return n.notifications, deliveries
}
