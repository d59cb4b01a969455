// Package store keeps the state of the sandbox in one SQLite file.
//
// It holds subscriptions, runs, notifications, deliveries and attempts across any end of the
// program. When a method that writes returns, its change is on the disk, complete. Only one
// process at a time has the file open, and only its owner can read it: secrets are in it in
// plain text, and in no error. The store does not decide what is sent, or when.
//
// Deliveries of one notification to several subscriptions are kept together until there is more to say of one of them than
// that its first attempt was accepted; readers cannot tell.
//
// Each change is one transaction, which waits for the disk. Batches are therefore much faster:
// a hundred rows take little longer than one.
package store

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Store holds everything that must survive the end of the program, in one file. Its methods
// may be called by several goroutines at a time.
//
// One connection writes while others read; in memory, one does both.
type Store struct {
	options  Options
	bounds   bounds
	fewest   int               // deliveries of a pack
	inBlock  [blockKinds]int64 // numbers
	path     string            // empty: in memory
	file     os.FileInfo       // what was at the path when it was opened
	wal      os.FileInfo       // the same of its WAL; nil: that is not known
	walThere bool              // before it was opened
	marked   bool              // the file has the mark that it is open; Open and Recover change it
	volume   int64             // bytes that the volume has for the state; 0: more than Options.KeepMost

	readers *sql.DB // nil in memory
	recent  reading

	mu       sync.Mutex           // guards the fields below
	conn     *sql.Conn            // the one that writes; nil when closed
	prepared map[string]*sql.Stmt // by their texts
	mark     mark                 // the last one that was written
	least    int64                // bytes that the file has at least; 0: that is not known
	leastWAL int64                // the same of the WAL
	locked   time.Time            // when Look found it locked first, and since then always; zero: it did not
	last     io.Closer            // a connection that cannot write; while it is open, closing the others leaves the WAL as it is
	opened   []io.Closer          // closed in reverse; first the lock, so that nobody opens a file that is being closed
	packs
	indexed

	cache       atomic.Pointer[cached] // replaced under mu
	trouble     atomic.Pointer[Trouble]
	untrim      atomic.Bool  // there may be attempts between the first and the last of a delivery
	uncancelled atomic.Bool  // there may be waiting deliveries of a subscription that was deleted
	dropped     atomic.Int64 // when attempts were dropped last, as ns; 0: never
	inVain      atomic.Int64 // what had ended when nothing could be deleted any more
	woken       chan struct{}
	indexable   chan struct{}
}

// Options are the limits of retention.
type Options struct {
	KeepFor  time.Duration // older notifications are deleted once they are done; 0: 7 days
	KeepMost int64         // size of the file and those beside it, in bytes, 1 MiB or more; beyond it the oldest that are done are deleted; 0: 1 GiB
}

// querier reads: it is the connection that writes, or one of the others.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// read calls f with a connection for queries. f sees what was written before.
func (s *Store) read(f func(querier) error) error {
	if s.readers != nil {
		return f(s.readers)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return errClosed
	}
	return f(s.conn)
}

// each calls f for each row of a query.
func each(ctx context.Context, from querier, f func(*sql.Rows) error, query string, args ...any) error {
	rows, err := from.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// scan reads the columns of a row. It fails with unreadable if they hold something else.
func scan(rows *sql.Rows, to ...any) error {
	if err := rows.Scan(to...); err != nil {
		return unreadable{err}
	}
	return nil
}

// allRows returns the rows of a query. Fields are the destinations of its columns.
func allRows[T any](ctx context.Context, from querier, fields func(*T) []any, query string, args ...any) (all []T, err error) {
	err = each(ctx, from, func(rows *sql.Rows) error {
		var v T
		err := scan(rows, fields(&v)...)
		all = append(all, v)
		return err
	}, query, args...)
	return all, err
}

// oneRow returns the first row of a query, or fails with sql.ErrNoRows.
func oneRow[T any](ctx context.Context, from querier, fields func(*T) []any, query string, args ...any) (v T, err error) {
	err = oneOf(ctx, from, fields(&v), query, args...)
	return v, err
}

// oneOf reads the columns of the first row of a query, or fails with sql.ErrNoRows.
func oneOf(ctx context.Context, from querier, to []any, query string, args ...any) error {
	rows, err := from.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		return cmp.Or(rows.Err(), sql.ErrNoRows)
	}
	return cmp.Or(scan(rows, to...), rows.Close())
}

// list reads the rows of a query. What describes it in errors.
func list[T any](ctx context.Context, s *Store, what string, fields func(*T) []any, query string, args ...any) (all []T, err error) {
	err = s.read(func(q querier) error {
		all, err = allRows(ctx, q, fields, query, args...)
		return err
	})
	return all, s.failed(err, what)
}

// find reads the first row of a query, or fails with ErrNotFound.
func find[T any](ctx context.Context, s *Store, what string, fields func(*T) []any, query string, args ...any) (v T, err error) {
	err = s.read(func(q querier) error {
		v, err = oneRow(ctx, q, fields, query, args...)
		return err
	})
	return v, s.failed(err, what)
}

// itself is the destination of a query with one column.
func itself[T any](v *T) []any { return []any{v} }

// moment is a time.Time in a column: nanoseconds since 1970, in UTC, and 0 for the zero time.
type moment struct{ *time.Time }

// Scan implements sql.Scanner.
func (m moment) Scan(from any) error {
	*m.Time = time.Time{}
	if ns, ok := from.(int64); ok && ns != 0 {
		*m.Time = time.Unix(0, ns).UTC()
	}
	return nil
}

// unsigned is a uint64 in a column.
type unsigned struct{ *uint64 }

// Scan implements sql.Scanner.
func (u unsigned) Scan(from any) error {
	n, _ := from.(int64)
	*u.uint64 = uint64(n)
	return nil
}

// ns is the column's value for t.
func ns(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// document is a value in a column of JSON.
type document struct{ of any }

// Scan implements sql.Scanner.
func (d document) Scan(from any) error {
	text, _ := from.(string)
	return json.Unmarshal([]byte(text), d.of)
}

// Value implements driver.Valuer.
func (d document) Value() (driver.Value, error) {
	text, err := json.Marshal(d.of)
	return string(text), err
}
