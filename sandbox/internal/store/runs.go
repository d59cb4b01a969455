package store

import (
	"context"
	"database/sql"
	"fmt"
)

// SaveRun stores a run, new or changed, without its Position, which Accept sets.
func (s *Store) SaveRun(ctx context.Context, r Run) error {
	return s.write(ctx, fmt.Sprintf("keep run %q", r.ID), func(t *tx) error {
		options, err := jsonText(r.Options)
		if err != nil {
			return err
		}
		_, err = t.conn.ExecContext(t.ctx, `INSERT INTO run (id, name, source, options, state, seed, start, base, "offset", speed, position, created, ended, error)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, source = excluded.source, options = excluded.options, state = excluded.state, seed = excluded.seed,
				start = excluded.start, base = excluded.base, "offset" = excluded."offset", speed = excluded.speed, created = excluded.created,
				ended = excluded.ended, error = excluded.error`,
			r.ID, r.Name, r.Source, options, string(r.State), int64(r.Seed), ns(r.Start), ns(r.Base), r.Offset, r.Speed, ns(r.Created), ns(r.Ended), r.Error)
		return err
	})
}

// runColumns are what scanRun reads, after the source.
const runColumns = `id, name, options, state, seed, start, base, "offset", speed, position, created, ended, error`

func scanRun(scan func(...any) error) (r Run, err error) {
	var seed, position int64
	err = scan(&r.Source, &r.ID, &r.Name, document{&r.Options}, &r.State, &seed, moment{&r.Start}, moment{&r.Base}, &r.Offset, &r.Speed,
		&position, moment{&r.Created}, moment{&r.Ended}, &r.Error)
	r.Seed, r.Position = uint64(seed), uint64(position)
	return r, err
}

// Runs lists runs, the newest first: all of them without their sources, of up to a megabyte
// each, or with going those that are running or paused, with their sources.
func (s *Store) Runs(ctx context.Context, going bool) ([]Run, error) {
	query := "SELECT '', " + runColumns + " FROM run"
	if going {
		query = "SELECT source, " + runColumns + " FROM run WHERE state IN ('running', 'paused')"
	}
	var all []Run
	err := s.read(func(q querier) error {
		return each(ctx, q, func(rows *sql.Rows) error {
			r, err := scanRun(rows.Scan)
			all = append(all, r)
			return err
		}, query+" ORDER BY number DESC")
	})
	return all, wrap(err, "list runs")
}

// Run returns a run with its source, or fails with ErrNotFound.
func (s *Store) Run(ctx context.Context, id string) (r Run, err error) {
	err = s.read(func(q querier) error {
		r, err = scanRun(q.QueryRowContext(ctx, "SELECT source, "+runColumns+" FROM run WHERE id = ?", id).Scan)
		return err
	})
	return r, wrap(err, fmt.Sprintf("run %q", id))
}

func (t *tx) saveConversation(c *Conversation) error {
	actions := c.Actions
	if actions == nil {
		actions = []Action{}
	}
	text, err := jsonText(actions)
	if err != nil {
		return fmt.Errorf("conversation %q: %w", c.ID, err)
	}
	_, err = t.conn.ExecContext(t.ctx, `INSERT INTO conversation (id, medium, seed, created, ended, actions) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET medium = excluded.medium, seed = excluded.seed, created = excluded.created, ended = excluded.ended, actions = excluded.actions`,
		c.ID, c.Medium, int64(c.Seed), ns(c.Created), ns(c.Ended), text)
	return err
}

// Conversations lists the conversations driven by hand, the oldest first; with going, only those
// that have not ended.
func (s *Store) Conversations(ctx context.Context, going bool) ([]Conversation, error) {
	query := "SELECT id, medium, seed, created, ended, actions FROM conversation"
	if going {
		query += " WHERE ended = 0"
	}
	var all []Conversation
	err := s.read(func(q querier) error {
		return each(ctx, q, func(rows *sql.Rows) error {
			var c Conversation
			var seed int64
			err := rows.Scan(&c.ID, &c.Medium, &seed, moment{&c.Created}, moment{&c.Ended}, document{&c.Actions})
			c.Seed = uint64(seed)
			all = append(all, c)
			return err
		}, query+" ORDER BY number")
	})
	return all, wrap(err, "list conversations")
}
