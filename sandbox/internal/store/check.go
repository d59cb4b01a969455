package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Check verifies the file: SQLite's integrity, the references between rows, and the counts. It
// reads all of the file.
func (s *Store) Check(ctx context.Context) error {
	var problems []error
	err := s.read(func(q querier) error {
		return errors.Join(
			each(ctx, q, func(rows *sql.Rows) error {
				var problem string
				err := rows.Scan(&problem)
				if problem != "ok" {
					problems = append(problems, errors.New(problem))
				}
				return err
			}, "PRAGMA integrity_check"),
			each(ctx, q, func(rows *sql.Rows) error {
				var table, parent string
				var row, key sql.NullInt64
				err := rows.Scan(&table, &row, &parent, &key)
				problems = append(problems, fmt.Errorf("row %d of %s points to a row of %s that is not there", row.Int64, table, parent))
				return err
			}, "PRAGMA foreign_key_check"),
			each(ctx, q, func(rows *sql.Rows) error {
				var what string
				var tallied, there int64
				err := rows.Scan(&what, &tallied, &there)
				if tallied != there {
					problems = append(problems, fmt.Errorf("%d %s are counted, and %d are there", tallied, what, there))
				}
				return err
			}, counted))
	})
	return wrap(errors.Join(err, errors.Join(problems...)), "check the file")
}

// counted compares the tally with the rows.
const counted = `SELECT 'notifications', notifications, (SELECT count(*) FROM notification) FROM tally
	UNION ALL SELECT 'waiting deliveries', waiting, (SELECT count(*) FROM delivery WHERE state = 0) FROM tally
	UNION ALL SELECT 'delivered deliveries', delivered, (SELECT count(*) FROM delivery WHERE state = 1) FROM tally
	UNION ALL SELECT 'given-up deliveries', given_up, (SELECT count(*) FROM delivery WHERE state = 2) FROM tally
	UNION ALL SELECT 'cancelled deliveries', cancelled, (SELECT count(*) FROM delivery WHERE state = 3) FROM tally`
