package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// fewPages of the file may stay free for later use, about a megabyte, or less of a small file.
const fewPages = 250

// Forget deletes what is past retention: notifications whose deliveries are all done, with
// their deliveries and attempts; first those older than KeepFor, then the oldest ones until the
// files are smaller than KeepMost. Before these, attempts go that are neither the first nor the
// last of a delivery, and behind them deliveries that are done while others of the notification wait. It also deletes runs and conversations that ended before KeepFor or are
// older than what is left, if no notification of them is there, and responses of Remember after a day. Others can write in between.
func (s *Store) Forget(ctx context.Context, now time.Time) error {
	before := now.Add(-s.options.KeepFor)
	if err := s.forgetOldest(ctx, before, nil); err != nil {
		return err
	}
	err := s.write(ctx, "forget what is old", func(t *tx) error {
		if err := t.forgetEnded(before); err != nil {
			return err
		}
		return t.exec("DELETE FROM remembered WHERE at < ?1;"+forgetAnswers, ns(now.Add(-rememberFor)), s.bounds.accept/8)
	})
	if err != nil {
		return err
	}
	if err := s.forgetSubscribers(ctx); err != nil {
		return err
	}
	return s.MakeSpace(ctx)
}

// MakeSpace deletes what may be deleted if the file is nearly as large as it may be, or has met its limit, until there is space for
// what met it; and returns free space to the system. It is quick if nothing has come to an end since the last time.
func (s *Store) MakeSpace(ctx context.Context) error {
	if err := s.cancelRest(ctx); err != nil {
		return err
	}
	need, short := int64(0), s.isTight()
	if t := s.trouble.Load(); t != nil && t.Kind == OverLimit {
		need = t.need
		short = s.loaded() > s.enough(need)
	}
	if short {
		if err := s.forgetMost(ctx, need); err != nil {
			return err
		}
	}
	return s.shrink(ctx)
}

// forgetAnswers deletes the oldest responses of Remember that are not among the newest, which have
// so many bytes together.
const forgetAnswers = `DELETE FROM remembered WHERE at <= (SELECT max(at) FROM
	(SELECT at, sum(length(answer)) OVER (ORDER BY at DESC) AS so_far FROM remembered) WHERE so_far > ?2)`

// forgetMost deletes until the file is a good deal smaller than it may be, and there is space for
// a transaction that needs so many bytes, or until nothing is left that may be deleted.
func (s *Store) forgetMost(ctx context.Context, need int64) error {
	most := s.enough(need)
	enough := func() bool { return s.loaded() <= most }
	ended := s.cache.Load().ended
	if s.inVain.Load() == ended && !s.untrim.Load() {
		return nil
	}
	if err := s.dropAttempts(ctx, enough); err != nil {
		return err
	}
	if err := s.forgetOldest(ctx, time.Unix(1<<33, 0), enough); err != nil {
		return err
	}
	if err := cmp.Or(s.forgetDone(ctx, enough), s.forgetPacked(ctx, enough)); err != nil {
		return err
	}
	if err := s.forgetRuns(ctx, enough); err != nil {
		return err
	}
	if !enough() {
		s.inVain.Store(ended)
	}
	return nil
}

// forgetDone deletes deliveries that are done, of notifications that wait for another subscription, the oldest
// first, until it is enough: one dead consumer must not keep what all others have got.
func (s *Store) forgetDone(ctx context.Context, enough func() bool) error {
	atOnce := min(s.bounds.wal/(forgetsDelivery+2*forgetsAttempt), 1000)
	for after, seen := int64(0), atOnce; seen == atOnce && !enough(); {
		err := s.write(ctx, "forget deliveries", func(t *tx) error {
			var done []int64
			err := each(t.ctx, t.conn, func(rows *sql.Rows) error {
				var state int64
				if err := scan(rows, &after, &state); err != nil {
					return err
				}
				done = append(done, after)
				return t.counts.move(state, -1, 1)
			}, "SELECT number, state FROM delivery WHERE number > ? AND state <> 0 ORDER BY number LIMIT ?", after, atOnce)
			if seen = int64(len(done)); err != nil || seen == 0 {
				return err
			}
			return cmp.Or(t.staleAll(ofDeliveries, done), t.exec(deleteSome, array(done)))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

const deleteSome = `DELETE FROM attempt WHERE delivery IN (SELECT value FROM json_each(?1));
	DELETE FROM delivery WHERE number IN (SELECT value FROM json_each(?1))`

// forgetPacked is forgetDone for deliveries without a row.
func (s *Store) forgetPacked(ctx context.Context, enough func() bool) error {
	const atOnce = 10
	for after, seen := int64(0), atOnce; seen == atOnce && !enough(); {
		err := s.write(ctx, "forget deliveries", func(t *tx) error {
			t.forgetPacks()
			packs, err := allRows(t.ctx, t.conn, (*pack).fields, selectForgettable, after, int64(atOnce))
			seen = len(packs)
			for i := range packs {
				p := &packs[i]
				after = p.first
				if err := t.counts.move(1, -1, p.delivered); err != nil {
					return err
				}
				for at, state := range p.states {
					if state != packDelivered {
						continue
					}
					p.states[at] = packForgotten
					if err := t.stale(ofDeliveries, p.first+int64(at)); err != nil {
						return err
					}
				}
				p.delivered = 0
				if err := cmp.Or(t.exec(deleteChunks, array([]int64{p.notification})), p.save(t)); err != nil {
					return err
				}
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// What deletions write of the WAL, in bytes: the page of a row, and those of its entries in
// indexes, which are mostly those of the row before, too.
const (
	forgetsNotification = 8 << 10
	forgetsDelivery     = 2 << 10
	forgetsAttempt      = 4 << 10
)

// oldest lists notifications above a number, with how many deliveries they have, and whether one
// of these is waiting.
const oldest = `SELECT n.number, n.accepted, (SELECT count(*) FROM delivery d WHERE d.notification = n.number) + coalesce(p.delivered, 0),
	EXISTS (SELECT 1 FROM delivery d WHERE d.notification = n.number AND d.state = 0) OR coalesce(p.waiting, 0) > 0
	FROM notification n LEFT JOIN pack p ON p.notification = n.number WHERE n.number > ? ORDER BY n.number LIMIT ?`

// forgetAtOnce is how many notifications are looked at in one transaction: other writers must
// not wait long.
const forgetAtOnce = 100

// forgetOldest deletes notifications that are done, the oldest first, up to the first one that
// was accepted at before or later, or until it is enough, unless that is nil. With it go runs
// and conversations that ended before those notifications.
func (s *Store) forgetOldest(ctx context.Context, before time.Time, enough func() bool) error {
	for after, end := int64(0), false; !end && (enough == nil || !enough()); {
		err := s.write(ctx, "forget notifications", func(t *tx) error {
			var done []int64
			var last moment
			seen, cost := 0, int64(0)
			last.Time = &time.Time{}
			err := each(t.ctx, t.conn, func(rows *sql.Rows) error {
				var number, deliveries int64
				var waiting bool
				var accepted time.Time
				if err := scan(rows, &number, moment{&accepted}, &deliveries, &waiting); err != nil {
					return err
				}
				if seen++; end || cost > s.bounds.wal {
					return nil
				}
				if end = !accepted.Before(before); end {
					return nil
				}
				if after, *last.Time = number, accepted; !waiting {
					done = append(done, number)
					cost += forgetsNotification + deliveries*forgetsDelivery
				}
				return nil
			}, oldest, after, forgetAtOnce)
			if err != nil {
				return err
			}
			end = end || seen < forgetAtOnce && cost <= s.bounds.wal
			if err = t.forget(done); enough != nil && len(done) > 0 {
				err = cmp.Or(err, t.forgetEnded(*last.Time))
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// betweenAttempts lists attempts above a number, and which of them are neither the first nor the
// last of their delivery.
const betweenAttempts = `SELECT number, EXISTS (SELECT 1 FROM attempt b WHERE b.delivery = a.delivery AND b.number < a.number)
	AND EXISTS (SELECT 1 FROM attempt b WHERE b.delivery = a.delivery AND b.number > a.number)
	FROM attempt a WHERE number > ? ORDER BY number LIMIT ?`

// dropAttempts deletes attempts that are neither the first nor the last of their delivery, the
// oldest first, until it is enough. The delivery tells how many there were.
func (s *Store) dropAttempts(ctx context.Context, enough func() bool) error {
	if !s.untrim.Swap(false) {
		return nil
	}
	atOnce := min(s.bounds.wal/forgetsAttempt, 1000)
	for after, seen := int64(0), atOnce; seen == atOnce; {
		if enough() {
			s.untrim.Store(true)
			return nil
		}
		err := s.write(ctx, "drop attempts", func(t *tx) error {
			var dropped []int64
			seen = 0
			err := each(t.ctx, t.conn, func(rows *sql.Rows) error {
				seen++
				var isBetween bool
				err := scan(rows, &after, &isBetween)
				if isBetween {
					dropped = append(dropped, after)
				}
				return err
			}, betweenAttempts, after, atOnce)
			if err != nil || len(dropped) == 0 {
				return err
			}
			s.dropped.Store(time.Now().UnixNano())
			of, err := allRows(t.ctx, t.conn, itself[int64], "SELECT a.delivery FROM json_each(?) j CROSS JOIN attempt a ON a.number = j.value WHERE a.answer <> ''", array(dropped))
			return cmp.Or(err, t.staleAll(ofDeliveries, of), t.exec("DELETE FROM attempt WHERE number IN (SELECT value FROM json_each(?))", array(dropped)))
		})
		if err != nil {
			s.untrim.Store(true)
			return err
		}
	}
	return nil
}

// forgetSubscribers deletes the numbers of subscriptions that were deleted and of which there is
// no delivery any more.
func (s *Store) forgetSubscribers(ctx context.Context) error {
	const unused = `SELECT key FROM subscriber WHERE key NOT IN (SELECT key FROM subscription)
		AND NOT EXISTS (SELECT 1 FROM delivery WHERE subscription = subscriber.key)
		AND key NOT IN (SELECT j.value FROM fan f CROSS JOIN json_each(f.subscribers) j) LIMIT 1000`
	return s.write(ctx, "forget subscriptions", func(t *tx) error {
		if err := t.forgetFans(); err != nil {
			return err
		}
		keys, err := allRows(t.ctx, t.conn, itself[int64], unused)
		if err != nil || len(keys) == 0 {
			return err
		}
		t.subscribers = maps.Clone(t.subscribers)
		maps.DeleteFunc(t.subscribers, func(_ string, key int64) bool { return slices.Contains(keys, key) })
		return t.exec("DELETE FROM subscriber WHERE key IN (SELECT value FROM json_each(?))", array(keys))
	})
}

// forgetFans deletes lists of subscribers of which there is no delivery any more.
func (t *tx) forgetFans() error {
	const unused = "SELECT key FROM fan WHERE NOT EXISTS (SELECT 1 FROM pack WHERE fan = fan.key) LIMIT 1000"
	keys, err := allRows(t.ctx, t.conn, itself[int64], unused)
	if err != nil || len(keys) == 0 {
		return err
	}
	t.fans, t.lists = maps.Clone(t.fans), maps.Clone(t.lists)
	maps.DeleteFunc(t.fans, func(_ string, key int64) bool { return slices.Contains(keys, key) })
	maps.DeleteFunc(t.lists, func(key int64, _ []int64) bool { return slices.Contains(keys, key) })
	return t.exec("DELETE FROM fan WHERE key IN (SELECT value FROM json_each(?))", array(keys))
}

// The deliveries of notifications, and what goes with them.
const (
	theirs           = "FROM delivery WHERE notification IN (SELECT value FROM json_each(?))"
	deleteAttempts   = "DELETE FROM attempt WHERE delivery IN (SELECT number " + theirs + ")"
	deleteDeliveries = "DELETE " + theirs
	countPacked      = "SELECT coalesce(sum(waiting), 0), coalesce(sum(delivered), 0) FROM pack WHERE notification IN (SELECT value FROM json_each(?))"
	deletePacks      = "DELETE FROM pack WHERE notification IN (SELECT value FROM json_each(?1))"
	deleteChunks     = `DELETE FROM chunk WHERE number IN (SELECT c.number FROM json_each(?1) j CROSS JOIN chunk c
		WHERE c.number BETWEEN j.value * 1048576 AND j.value * 1048576 + 1048575)`
)

// forget deletes notifications with their deliveries and attempts.
func (t *tx) forget(notifications []int64) error {
	if len(notifications) == 0 {
		return nil
	}
	t.forgetPacks()
	if err := t.staleNotifications(notifications); err != nil {
		return err
	}
	numbers := array(notifications)
	err := each(t.ctx, t.conn, func(rows *sql.Rows) error {
		var state, count int64
		if err := scan(rows, &state, &count); err != nil {
			return err
		}
		return t.counts.move(state, -1, count)
	}, "SELECT state, count(*) "+theirs+" GROUP BY state", numbers)
	var waiting, delivered int64
	if err == nil {
		err = oneOf(t.ctx, t.conn, []any{&waiting, &delivered}, countPacked, numbers)
	}
	if err = cmp.Or(err, t.counts.move(0, -1, waiting), t.counts.move(1, -1, delivered)); err != nil {
		return err
	}
	t.counts.notifications -= int64(len(notifications))
	return t.exec(deleteChunks+";"+deletePacks+";"+deleteAttempts+";"+deleteDeliveries+"; DELETE FROM notification WHERE number IN (SELECT value FROM json_each(?))", numbers)
}

// Reset deletes everything but settings, subscriptions and stored scenarios. Numbers continue
// where they were, so that an old one that is still in use never means a new row.
func (s *Store) Reset(ctx context.Context) error {
	err := s.write(ctx, "reset", func(t *tx) error {
		t.forgetPacks()
		t.counts = counts{notification: t.counts.notification, delivery: t.counts.delivery, attempt: t.counts.attempt}
		t.subscribers = maps.Clone(t.subscribers)
		maps.DeleteFunc(t.subscribers, func(_ string, key int64) bool { return !t.live[key] })
		t.fans, t.lists, t.forms, t.headers = map[string]int64{}, map[int64][]int64{}, map[string]int64{}, map[int64]Header{}
		if err := t.staleEverything(); err != nil {
			return err
		}
		return t.exec(`DELETE FROM chunk; DELETE FROM pack; DELETE FROM fan; DELETE FROM form; DELETE FROM attempt; DELETE FROM delivery; DELETE FROM notification; DELETE FROM run; DELETE FROM conversation;
			DELETE FROM remembered; DELETE FROM subscriber WHERE key NOT IN (SELECT key FROM subscription)`)
	})
	if err != nil {
		return err
	}
	s.dropped.Store(0) // there is nothing left that lacks some
	if err := s.shrink(ctx); troubleOf(err) == nil {
		return err
	}
	return nil // what could not be returned now, MakeSpace returns
}

// shrink returns free pages to the system, if there are many.
func (s *Store) shrink(ctx context.Context) error {
	few := min(fewPages, s.bounds.file/4096/16)
	for last, some := int64(math.MaxInt64), false; ; some = true {
		var free int64
		err := s.read(func(q querier) error {
			return oneOf(ctx, q, []any{&free}, "SELECT freelist_count FROM pragma_freelist_count")
		})
		if err != nil {
			return s.failed(err, "measure the file")
		}
		if free < few || free >= last { // in memory, nothing is returned
			if some && s.readers != nil {
				// Until then, the file has its old length.
				return cmp.Or(s.pragma(ctx, "wal_checkpoint(TRUNCATE)", unread), s.limit(ctx))
			}
			return nil
		}
		last = free
		if err := s.pragma(ctx, fmt.Sprintf("incremental_vacuum(%d)", min(s.bounds.wal/4096, 2000)), unread); err != nil {
			return err
		}
	}
}
