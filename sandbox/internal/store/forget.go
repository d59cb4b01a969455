package store

import (
	"context"
	"database/sql"
	"maps"
	"math"
	"time"
)

// forgetAtOnce is how many notifications are deleted in one transaction. Each may have hundreds
// of deliveries, and other writers must not wait long.
const forgetAtOnce = 100

// fewPages of the file, about a megabyte, may stay free for later use.
const fewPages = 250

// Forget deletes what is past retention: notifications whose deliveries are all done, with
// their deliveries and attempts; first those older than KeepFor, then the oldest ones until the
// file is smaller than KeepMost. It also deletes runs and conversations that ended before
// KeepFor, and responses of Remember after a day. Others can write in between.
func (s *Store) Forget(ctx context.Context, now time.Time) error {
	before := ns(now.Add(-s.options.KeepFor))
	if err := s.forgetOldest(ctx, before, 0); err != nil {
		return err
	}
	err := s.write(ctx, "forget what is old", func(t *tx) error {
		return t.exec(`DELETE FROM run WHERE ended <> 0 AND ended < ?1; DELETE FROM conversation WHERE ended <> 0 AND ended < ?1;
			DELETE FROM remembered WHERE at < ?2`, before, ns(now.Add(-rememberFor)))
	})
	if err != nil {
		return err
	}
	if err := s.forgetOldest(ctx, math.MaxInt64, s.options.KeepMost); err != nil {
		return err
	}
	return s.shrink(ctx)
}

// oldest lists notifications above a number, and which of them are done.
const oldest = `SELECT n.number, n.accepted, NOT EXISTS (SELECT 1 FROM delivery d WHERE d.notification = n.number AND d.state = 0)
	FROM notification n WHERE n.number > ? ORDER BY n.number LIMIT ?`

// forgetOldest deletes notifications that are done, the oldest first, up to the first one that
// was accepted at before or later. With a limit it ends once the file is small enough.
func (s *Store) forgetOldest(ctx context.Context, before, limit int64) error {
	for after, end := int64(0), false; !end; {
		if limit > 0 {
			if used, _, err := s.pages(ctx); err != nil || used <= limit {
				return err
			}
			// A tenth less than allowed, so that the limit is not reached again at once.
			limit = s.options.KeepMost / 10 * 9
		}
		err := s.write(ctx, "forget notifications", func(t *tx) error {
			var done []int64
			seen := 0
			err := each(t.ctx, t.conn, func(rows *sql.Rows) error {
				var number, accepted int64
				var isDone bool
				err := scan(rows, &number, &accepted, &isDone)
				switch seen++; {
				case accepted >= before:
					end = true
				case isDone && !end:
					done = append(done, number)
				}
				after = number
				return err
			}, oldest, after, forgetAtOnce)
			if err != nil {
				return err
			}
			end = end || seen < forgetAtOnce
			return t.forget(done)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// The deliveries of notifications, and what goes with them.
const (
	theirs           = "FROM delivery WHERE notification IN (SELECT value FROM json_each(?))"
	deleteAttempts   = "DELETE FROM attempt WHERE delivery IN (SELECT number " + theirs + ")"
	deleteDeliveries = "DELETE " + theirs
)

// forget deletes notifications with their deliveries and attempts.
func (t *tx) forget(notifications []int64) error {
	if len(notifications) == 0 {
		return nil
	}
	numbers := array(notifications)
	err := each(t.ctx, t.conn, func(rows *sql.Rows) error {
		var state, count int64
		if err := scan(rows, &state, &count); err != nil {
			return err
		}
		return t.counts.move(state, -1, count)
	}, "SELECT state, count(*) "+theirs+" GROUP BY state", numbers)
	if err != nil {
		return err
	}
	t.counts.notifications -= int64(len(notifications))
	return t.exec(deleteAttempts+";"+deleteDeliveries+"; DELETE FROM notification WHERE number IN (SELECT value FROM json_each(?))", numbers)
}

// Reset deletes everything but settings, subscriptions and stored scenarios. Numbers continue
// where they were, so that an old one that is still in use never means a new row.
func (s *Store) Reset(ctx context.Context) error {
	err := s.write(ctx, "reset", func(t *tx) error {
		t.counts = counts{notification: t.counts.notification, delivery: t.counts.delivery, attempt: t.counts.attempt}
		t.subscribers = maps.Clone(t.subscribers)
		maps.DeleteFunc(t.subscribers, func(_ string, key int64) bool { return !t.live[key] })
		return t.exec(`DELETE FROM attempt; DELETE FROM delivery; DELETE FROM notification; DELETE FROM run; DELETE FROM conversation;
			DELETE FROM remembered; DELETE FROM subscriber WHERE key NOT IN (SELECT key FROM subscription)`)
	})
	if err != nil {
		return err
	}
	return s.shrink(ctx)
}

// pages returns how many bytes of the file are in use, and how many pages are free.
func (s *Store) pages(ctx context.Context) (used, free int64, err error) {
	err = s.read(func(q querier) error {
		var count, size int64
		err := oneOf(ctx, q, []any{&count, &free, &size}, "SELECT page_count, freelist_count, page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size")
		used = (count - free) * size
		return err
	})
	return used, free, s.failed(err, "measure the file")
}

// shrink returns free pages to the system, if there are many.
func (s *Store) shrink(ctx context.Context) error {
	for last, some := int64(math.MaxInt64), false; ; some = true {
		_, free, err := s.pages(ctx)
		if err != nil {
			return err
		}
		if free < fewPages || free >= last { // in memory, nothing is returned
			if some && s.readers != nil {
				// Until then, the file has its old length.
				return s.pragma(ctx, "wal_checkpoint(TRUNCATE)")
			}
			return nil
		}
		last = free
		if err := s.pragma(ctx, "incremental_vacuum(2000)"); err != nil {
			return err
		}
	}
}

// pragma runs a pragma that changes the file.
func (s *Store) pragma(ctx context.Context, what string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return errClosed
	}
	// SQLite does a part of the work with each row that is read.
	err := each(context.WithoutCancel(ctx), s.conn, func(*sql.Rows) error { return nil }, "PRAGMA "+what)
	return s.failed(err, "make the file smaller")
}
