package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"
)

// Store keeps everything that must survive the end of the program, in one file. Its methods
// may be called by several goroutines at a time.
//
// One connection writes, and others read beside it; in memory one does both.
type Store struct {
	options Options
	now     func() time.Time

	lock            *sql.DB // nil in memory
	writer, readers *sql.DB // readers are nil in memory

	mu   sync.Mutex // of whatever follows
	conn *sql.Conn  // the one that writes; nil when closed
	statements

	known atomic.Pointer[facts] // replaced under mu
}

// Options bound what is kept.
type Options struct {
	KeepFor  time.Duration // notifications that are done and older are forgotten; 0: 7 days
	KeepMost int64         // bytes of the file beyond which the oldest that are done are forgotten; 0: 1 GiB
}

// statements are those of the paths that are gone thousands of times a second.
type statements struct {
	begin, commit, rollback *sql.Stmt
	saveTally               *sql.Stmt
	addNotification         *sql.Stmt
	addDeliveries           *sql.Stmt
	addAttempt              *sql.Stmt
	changeWaiting           *sql.Stmt
}

func (s *Store) prepare(ctx context.Context) (err error) {
	for _, p := range []struct {
		to   **sql.Stmt
		text string
	}{
		{&s.begin, "BEGIN IMMEDIATE"},
		{&s.commit, "COMMIT"},
		{&s.rollback, "ROLLBACK"},
		{&s.saveTally, "UPDATE tally SET notification = ?, delivery = ?, attempt = ?, notifications = ?, waiting = ?, delivered = ?, given_up = ?, cancelled = ?"},
		{&s.addNotification, addNotification},
		{&s.addDeliveries, addDeliveries},
		{&s.addAttempt, addAttempt},
		{&s.changeWaiting, changeWaiting},
	} {
		if *p.to, err = s.conn.PrepareContext(ctx, p.text); err != nil {
			return err
		}
	}
	return nil
}

func (s *statements) close() error {
	var first error
	for _, p := range []*sql.Stmt{s.begin, s.commit, s.rollback, s.saveTally, s.addNotification, s.addDeliveries, s.addAttempt, s.changeWaiting} {
		if p == nil {
			continue
		}
		if err := p.Close(); first == nil {
			first = err
		}
	}
	return first
}

// asker is what reads: the connection that writes, or the others.
type asker interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// read lets f ask the file. f sees what was written before read was called.
func (s *Store) read(f func(asker) error) error {
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

// each calls f for each row of the answer.
func each(ctx context.Context, from asker, f func(*sql.Rows) error, query string, args ...any) error {
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

// ns is the column's value for t.
func ns(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// document is a value in a column of JSON.
type document struct{ to any }

// Scan implements sql.Scanner.
func (d document) Scan(from any) error {
	text, _ := from.(string)
	return json.Unmarshal([]byte(text), d.to)
}

// jsonText is the column's value for v, which can always be written as JSON.
func jsonText(v any) (string, error) {
	text, err := json.Marshal(v)
	return string(text), err
}
