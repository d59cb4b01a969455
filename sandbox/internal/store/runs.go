package store

import (
	"context"
	"fmt"
	"time"
)

// SaveRun stores a run, new or changed, without its Position, which Accept sets.
func (s *Store) SaveRun(ctx context.Context, r Run) error {
	return s.write(ctx, fmt.Sprintf("keep run %q", r.ID), func(t *tx) error {
		var known bool
		err := oneOf(t.ctx, t.conn, []any{&known}, "SELECT count(*) FROM run WHERE id = ?", r.ID)
		if err == nil && !known {
			err = t.grow()
		}
		if err != nil {
			return err
		}
		if !r.Ended.IsZero() {
			t.ended++
		}
		return t.exec(`INSERT INTO run (id, name, source, options, state, seed, start, base, "offset", speed, position, created, ended, error, reason, begun)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, source = excluded.source, options = excluded.options, state = excluded.state, seed = excluded.seed,
				start = excluded.start, base = excluded.base, "offset" = excluded."offset", speed = excluded.speed, created = excluded.created,
				ended = excluded.ended, error = excluded.error, reason = excluded.reason, begun = excluded.begun`,
			r.ID, r.Name, r.Source, document{r.Options}, string(r.State), int64(r.Seed), ns(r.Start), ns(r.Base), r.Offset, r.Speed, ns(r.Created), ns(r.Ended), r.Error, r.Reason, int64(r.Begun))
	})
}

// runColumns are the columns of a run after its source.
const runColumns = `id, name, options, state, seed, start, base, "offset", speed, position, created, ended, error, reason, begun`

func (r *Run) fields() []any {
	return []any{&r.Source, &r.ID, &r.Name, document{&r.Options}, &r.State, unsigned{&r.Seed}, moment{&r.Start}, moment{&r.Base}, &r.Offset,
		&r.Speed, unsigned{&r.Position}, moment{&r.Created}, moment{&r.Ended}, &r.Error, &r.Reason, &r.Begun}
}

// mostRuns is how many runs a list has, the newest: each may have a hundred kilobytes of options.
const mostRuns = 200

// Runs lists runs, the newest first: 200 of them without their sources, of up to a megabyte
// each, or with going all those that are running or paused, with their sources.
func (s *Store) Runs(ctx context.Context, going bool) ([]Run, error) {
	query := "SELECT '', " + runColumns + " FROM run"
	if going {
		query = "SELECT source, " + runColumns + " FROM run WHERE state IN ('running', 'paused')"
	}
	query += " ORDER BY number DESC"
	if !going {
		query += fmt.Sprintf(" LIMIT %d", mostRuns)
	}
	return list(ctx, s, "list runs", (*Run).fields, query)
}

// RunsEnded notes that the work of all runs ended in order, as when the program closes.
func (s *Store) RunsEnded(ctx context.Context) error {
	return s.write(ctx, "note the end of the work of runs", func(t *tx) error { return t.exec("UPDATE run SET begun = 0 WHERE begun <> 0") })
}

// Run returns a run with its source, or fails with ErrNotFound.
func (s *Store) Run(ctx context.Context, id string) (Run, error) {
	return find(ctx, s, fmt.Sprintf("run %q", id), (*Run).fields, "SELECT source, "+runColumns+" FROM run WHERE id = ?", id)
}

func (t *tx) saveConversation(c *Conversation) error {
	if !c.Ended.IsZero() {
		t.ended++
	}
	return t.exec(`INSERT INTO conversation (id, medium, seed, created, ended, actions) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET medium = excluded.medium, seed = excluded.seed, created = excluded.created, ended = excluded.ended, actions = excluded.actions`,
		c.ID, c.Medium, int64(c.Seed), ns(c.Created), ns(c.Ended), document{c.Actions})
}

func (c *Conversation) fields() []any {
	return []any{&c.ID, &c.Medium, unsigned{&c.Seed}, moment{&c.Created}, moment{&c.Ended}, document{&c.Actions}}
}

const selectConversations = "SELECT id, medium, seed, created, ended, actions FROM conversation"

// Conversations lists the conversations driven by hand, the oldest first; with going, only those
// that have not ended.
func (s *Store) Conversations(ctx context.Context, going bool) ([]Conversation, error) {
	query := selectConversations
	if going {
		query += " WHERE ended = 0"
	}
	return list(ctx, s, "list conversations", (*Conversation).fields, query+" ORDER BY number")
}

// Conversation returns a conversation driven by hand, or fails with ErrNotFound.
func (s *Store) Conversation(ctx context.Context, id string) (Conversation, error) {
	return find(ctx, s, fmt.Sprintf("conversation %q", id), (*Conversation).fields, selectConversations+" WHERE id = ?", id)
}

// What ended and has no notification any more: what waits must not name a run that is not there.
const (
	endedRun          = "FROM run WHERE ended <> 0 AND NOT EXISTS (SELECT 1 FROM notification n WHERE n.run = run.id AND n.run <> '')"
	endedConversation = "FROM conversation WHERE ended <> 0 AND NOT EXISTS (SELECT 1 FROM notification n WHERE n.conversation = conversation.id AND n.conversation <> '')"
)

// forgetEnded deletes runs and conversations that ended before a moment, without those that have notifications.
func (t *tx) forgetEnded(before time.Time) error {
	return t.exec("DELETE "+endedRun+" AND ended < ?1; DELETE "+endedConversation+" AND ended < ?1", ns(before))
}

// forgetRuns deletes runs and conversations that ended and have no notifications, the oldest first, until it is enough.
func (s *Store) forgetRuns(ctx context.Context, enough func() bool) error {
	for n := int64(1); n > 0 && !enough(); {
		err := s.write(ctx, "forget what ended", func(t *tx) (err error) {
			n, err = t.run("DELETE FROM run WHERE number IN (SELECT number " + endedRun + " ORDER BY number LIMIT 4)")
			if err == nil && n == 0 {
				n, err = t.run("DELETE FROM conversation WHERE number IN (SELECT number " + endedConversation + " ORDER BY number LIMIT 4)")
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
