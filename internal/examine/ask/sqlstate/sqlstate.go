// Package sqlstate asks a database for the state of conversations, where the consumer keeps it.
//
// The URL of a database and a query come in; a way to ask goes out. The query is executed with the
// identifier of a conversation bound to :conversation, within a transaction that can only read where the
// database has such, and its rows are read as package ask says. It promises that the identifier is
// never pasted into the query and that no password is shown. It stands beside package ask so
// that only those who ask databases link the drivers.
package sqlstate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/ringback/ringback/internal/examine/ask"
	"github.com/ringback/ringback/internal/examine/trial"
	"github.com/ringback/ringback/internal/show"
)

// The most that is read.
const (
	maxRows     = 10_000
	maxValue    = 1 << 16 // bytes of a text
	connections = 4
	maxText     = 300 // characters of an error of the database's
)

// Options say how to ask. All may be zero.
type Options struct {
	Allow   []string      // public hosts that may be dialled; Target.Allow says what the rule is
	Timeout time.Duration // of a question; 0 means 10 s
}

// database asks with a query.
type database struct {
	db      *sql.DB
	dialect *dialect
	query   string
	params  int // how often the identifier is bound
	timeout time.Duration
}

// Open connects to the database at postgres://…, mysql://… or sqlite:FILE, and tells what is wrong
// with the URL, with the database or with the query as far as that can be seen. Its errors show no
// password.
func Open(ctx context.Context, address, query string, o Options) (ask.Way, error) {
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	d, err := dialectOf(address)
	if err != nil {
		return nil, err
	}
	bound, params, err := d.bind(query)
	if err != nil {
		return nil, fmt.Errorf("the query of the state: %w", err)
	}
	db, err := d.open(address, &o)
	if err != nil {
		return nil, fmt.Errorf("the database of the state: %w", err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("the database of the state is not reached: %w", &unreachable{err})
	}
	return &database{db, d, bound, params, o.Timeout}, nil
}

// short is an error as one line.
type short struct{ err error }

func (s *short) Error() string { return show.Line(s.err.Error(), maxText) }
func (s *short) Unwrap() error { return s.err }

// unreachable is why a database is not reached, as one line.
type unreachable struct{ err error }

func (u *unreachable) Error() string { return failure(u.err) }
func (u *unreachable) Unwrap() error { return u.err }

// Close ends all connections.
func (d *database) Close() error { return d.db.Close() }

// Ask executes the query once.
func (d *database) Ask(ctx context.Context, conversation string) (*trial.State, error) {
	bound, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	columns, rows, err := d.rows(bound, conversation)
	var problem *ask.Problem
	switch {
	case errors.As(err, &problem):
		return nil, problem
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case bound.Err() != nil:
		return nil, &ask.Problem{Text: fmt.Sprintf("no state: the query did not end within %v", d.timeout), Err: context.DeadlineExceeded}
	case err != nil:
		if text, _ := unreached(err); text != "" {
			return nil, &ask.Problem{Text: "no state: the database is not reached: " + failure(err), Err: err}
		}
		return nil, &ask.Problem{Text: "no state: " + show.Line(err.Error(), maxText), Lasting: d.dialect.lasting(err), Err: err}
	}
	return ask.FromRows(columns, rows)
}

// querier executes a query, within a transaction or without.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// rows are those of the query.
func (d *database) rows(ctx context.Context, conversation string) (columns []string, all [][]any, err error) {
	var q querier = d.db
	if d.dialect.readOnly {
		tx, err := d.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
		if err != nil {
			return nil, nil, err
		}
		defer tx.Rollback()
		q = tx
	}
	args := make([]any, d.params)
	for i := range args {
		args[i] = conversation
	}
	rows, err := q.QueryContext(ctx, d.query, args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, nil, err
	}
	for _, t := range types {
		columns = append(columns, t.Name())
	}
	for rows.Next() {
		if len(all) == maxRows {
			return nil, nil, &ask.Problem{Text: fmt.Sprintf("the query has more than %d rows for one conversation; want one for each of its channels", maxRows), Lasting: true}
		}
		row, to := make([]any, len(types)), make([]any, len(types))
		for i := range row {
			to[i] = &row[i]
		}
		if err := rows.Scan(to...); err != nil {
			return nil, nil, err
		}
		for i := range row {
			row[i] = value(row[i], types[i].DatabaseTypeName())
		}
		all = append(all, row)
	}
	return columns, all, rows.Err()
}

// value is one of a database as package ask reads it. Sixteen bytes in a column of bytes are a GUID.
func value(v any, kind string) any {
	switch v := v.(type) {
	case nil, string, float64, bool:
		return v
	case int64:
		return float64(v)
	case float32:
		return float64(v)
	case [16]byte:
		return uuid.UUID(v).String()
	case []byte:
		kind = strings.ToUpper(kind)
		bytes := kind == "" || strings.Contains(kind, "BINARY") || strings.Contains(kind, "BLOB") || kind == "BYTEA"
		if id, err := uuid.FromBytes(v); err == nil && (bytes || !utf8.Valid(v)) {
			return id.String()
		}
		return string(v[:min(len(v), maxValue)])
	case time.Time:
		return v.Format(time.RFC3339Nano)
	}
	return fmt.Sprint(v)
}
