package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"

	"modernc.org/sqlite"
)

var errClosed = errors.New("the store is closed")

// counts is the numbers of rows, and the highest numbers given so far. It is a row of the file
// that each transaction updates, so that nothing is ever counted.
type counts struct {
	notification, delivery, attempt int64 // numbers
	notifications                   int64
	states                          [len(states)]int64 // deliveries
}

// move counts n deliveries as being in another state; -1 is none. It fails if there is no such
// state.
func (c *counts) move(from, to, n int64) error {
	for _, state := range []int64{from, to} {
		if state < -1 || state >= int64(len(states)) {
			return unreadable{fmt.Errorf("%d is no state of a delivery", state)}
		}
	}
	if from >= 0 {
		c.states[from] -= n
	}
	if to >= 0 {
		c.states[to] += n
	}
	return nil
}

// cached is what is known without a query. Its maps are never changed, only replaced.
type cached struct {
	counts      counts
	used, pages int64            // bytes of the file that are in use, and all
	ended       int64            // how much has come to an end since Open, and may be deleted
	types       map[string]int64 // the numbers that stand for names of types
	subscribers map[string]int64 // and for IDs of subscriptions, deleted ones too
	live        map[int64]bool   // subscribers that have a subscription
	fans        map[string]int64 // the numbers that stand for lists of subscribers, by their texts
	lists       map[int64][]int64
	forms       map[string]int64 // and for forms of headers, by what formOf returns
	headers     map[int64]Header
}

// tx is a transaction. There is one at a time.
type tx struct {
	*Store
	cached                 // that of the store after the commit
	ctx    context.Context // never cancelled, so that a change is made or not begun
	grows  bool

	touched []*pack // whose changes are to be written
	first   bool    // all of the WAL is in the file, so that this may be the first transaction of the next one
	marks   *mark   // the one that is written, nil if none is

	stales map[block]bool // that were deleted, because a row of theirs changed
	made   *block         // that was written
}

const saveCounts = `UPDATE counts SET notification = ?, delivery = ?, attempt = ?, notifications = ?, waiting = ?, delivered = ?, failed = ?, cancelled = ?, correctly_refused = ?, wrongly_accepted = ?, dropped = ?`

// write makes a change in one transaction. What describes it in errors. Into a damaged file
// nothing is written, which could make it worse. Where there is no space, what is done is deleted,
// and change called once more.
func (s *Store) write(ctx context.Context, what string, change func(*tx) error) error {
	err := s.transact(ctx, change)
	if t := troubleOf(err); t != nil && t.need > 0 && s.Trouble() == nil {
		if err := s.forgetMost(ctx, t.need); err != nil {
			return err
		}
		err = s.tooLarge(s.transact(ctx, change))
	}
	return s.failed(err, what)
}

func (s *Store) transact(ctx context.Context, change func(*tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return errClosed
	}
	if t := s.trouble.Load(); t != nil && t.Lasts() {
		return t
	}
	if t := s.changed(); t != nil {
		return t
	}
	s.seen(false) // until this is committed
	if err := ctx.Err(); err != nil {
		return err
	}
	before := s.cache.Load()
	t := &tx{Store: s, cached: *before, ctx: context.WithoutCancel(ctx), first: s.marked && s.isInFile()}
	if err := t.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	done := false
	defer func() {
		if t.trim(); !done { // also if change panicked
			t.forgetPacks()
			_ = t.exec("ROLLBACK") // the first error is reported
		}
	}()
	if err := t.make(change, before); err != nil {
		return err
	}
	done = true
	s.cache.Store(&t.cached)
	if t.marks != nil {
		s.hasMarked(*t.marks)
	}
	t.indexedNow(before)
	s.committed(t.ctx)
	return nil
}

// make makes the change and commits it.
func (t *tx) make(change func(*tx) error, before *cached) error {
	if err := change(t); err != nil {
		return t.full(err, before)
	}
	if n := &t.counts; *n != before.counts {
		if err := t.exec(saveCounts, n.notification, n.delivery, n.attempt, n.notifications,
			n.states[0], n.states[1], n.states[2], n.states[3], n.states[4], n.states[5], n.states[6]); err != nil {
			return err
		}
	}
	if err := cmp.Or(t.markWAL(), t.fits(before)); err != nil {
		return err
	}
	return t.exec("COMMIT")
}

// run runs a statement, and returns how many rows it changed. Some run thousands of times a second.
func (t *tx) run(text string, args ...any) (changed int64, err error) {
	p, err := t.statement(t.ctx, text)
	if err != nil {
		return 0, err
	}
	r, err := p.ExecContext(t.ctx, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// statement is the one of a text, prepared once. The lock is held.
func (s *Store) statement(ctx context.Context, text string) (p *sql.Stmt, err error) {
	if p = s.prepared[text]; p != nil {
		return p, nil
	}
	if p, err = s.conn.PrepareContext(ctx, text); err == nil {
		s.prepared[text], s.opened = p, append(s.opened, p)
	}
	return p, err
}

func (t *tx) exec(text string, args ...any) error {
	_, err := t.run(text, args...)
	return err
}

// one changes one row, or fails with ErrNotFound.
func (t *tx) one(text string, args ...any) error {
	changed, err := t.run(text, args...)
	if err == nil && changed == 0 {
		err = ErrNotFound
	}
	return err
}

// fill fills the cache from the file.
func (s *Store) fill(ctx context.Context) error {
	k := cached{types: map[string]int64{}, subscribers: map[string]int64{}, live: map[int64]bool{},
		fans: map[string]int64{}, lists: map[int64][]int64{}, forms: map[string]int64{}, headers: map[int64]Header{}}
	n := &k.counts
	err := oneOf(ctx, s.conn, []any{&n.notification, &n.delivery, &n.attempt, &n.notifications, &n.states[0], &n.states[1], &n.states[2], &n.states[3], &n.states[4], &n.states[5], &n.states[6]},
		"SELECT notification, delivery, attempt, notifications, waiting, delivered, failed, cancelled, correctly_refused, wrongly_accepted, dropped FROM counts")
	if isMissing(err) {
		err = &Trouble{Kind: Damaged, Cause: "the row of counts is missing"}
	}
	if err == nil {
		err = k.measure(ctx, s.conn)
	}
	if err != nil {
		return missing(err)
	}
	s.cache.Store(&k)
	err = each(ctx, s.conn, func(rows *sql.Rows) error {
		var kind, text string
		var key int64
		err := scan(rows, &kind, &text, &key)
		switch kind {
		case "type":
			k.types[text] = key
		case "subscriber":
			k.subscribers[text] = key
		case "subscription":
			k.live[key] = true
		case "fan":
			err = cmp.Or(err, k.addFan(text, key))
		case "form":
			err = cmp.Or(err, k.addForm(text, key))
		}
		return err
	}, `SELECT 'type', name, key FROM type UNION ALL SELECT 'subscriber', id, key FROM subscriber
		UNION ALL SELECT 'subscription', '', key FROM subscription
		UNION ALL SELECT 'fan', subscribers, key FROM fan UNION ALL SELECT 'form', header, key FROM form`)
	if err == nil { // each of the other tables is there
		err = each(ctx, s.conn, unread,
			"SELECT 1 FROM setting, scenario, run, conversation, notification, delivery, attempt, remembered, pack, chunk, notification_block, delivery_block LIMIT 0")
	}
	return missing(err)
}

// missing takes an error about the schema of a file of ours for damage: a table is not there.
func missing(err error) error {
	if e, ok := errors.AsType[*sqlite.Error](err); ok && e.Code()&0xff == sqliteError {
		return &Trouble{Kind: Damaged, Cause: e.Error(), err: err}
	}
	return err
}

func (t *tx) subscriberKey(id string) (int64, error) {
	return t.key(&t.subscribers, "INSERT INTO subscriber (id) VALUES (?)", id)
}

// key returns the number that stands for a text, a new one if needed.
func (t *tx) key(all *map[string]int64, insert, text string) (int64, error) {
	if key, ok := (*all)[text]; ok {
		return key, nil
	}
	r, err := t.conn.ExecContext(t.ctx, insert, text)
	if err != nil {
		return 0, err
	}
	key, err := r.LastInsertId()
	*all = maps.Clone(*all) // others read it
	(*all)[text] = key
	return key, err
}
