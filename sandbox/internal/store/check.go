package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Check is SQLite's own integrity check, and one that nothing points to what is not there, and that the counts
// are right; nil if the file is whole. It reads all of the file.
func (s *Store) Check(ctx context.Context) error {
	var faults []error
	err := s.read(func(q asker) error {
		return errors.Join(
			each(ctx, q, func(rows *sql.Rows) error {
				var fault string
				err := rows.Scan(&fault)
				if fault != "ok" {
					faults = append(faults, errors.New(fault))
				}
				return err
			}, "PRAGMA integrity_check"),
			each(ctx, q, func(rows *sql.Rows) error {
				var table, parent string
				var row, key sql.NullInt64
				err := rows.Scan(&table, &row, &parent, &key)
				faults = append(faults, fmt.Errorf("row %d of %s points to a row of %s that is not there", row.Int64, table, parent))
				return err
			}, "PRAGMA foreign_key_check"),
			each(ctx, q, func(rows *sql.Rows) error {
				var what string
				var told, there int64
				err := rows.Scan(&what, &told, &there)
				if told != there {
					faults = append(faults, fmt.Errorf("%d %s are counted, and %d are there", told, what, there))
				}
				return err
			}, counted))
	})
	return about(errors.Join(err, errors.Join(faults...)), "check the file")
}

// counted compares the tally with what there is.
const counted = `SELECT 'notifications', notifications, (SELECT count(*) FROM notification) FROM tally
	UNION ALL SELECT 'waiting deliveries', waiting, (SELECT count(*) FROM delivery WHERE state = 0) FROM tally
	UNION ALL SELECT 'delivered deliveries', delivered, (SELECT count(*) FROM delivery WHERE state = 1) FROM tally
	UNION ALL SELECT 'given-up deliveries', given_up, (SELECT count(*) FROM delivery WHERE state = 2) FROM tally
	UNION ALL SELECT 'cancelled deliveries', cancelled, (SELECT count(*) FROM delivery WHERE state = 3) FROM tally`
