package store

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"strings"
)

// application marks a file as ours: the letters "rngb".
const application = 0x726e6762

// migrations lead from an empty file to the current schema. A published step never changes,
// because files that have taken it do not take it again.
func migrations() []string { return []string{version1, version2, version3} }

// version1 declares references, but SQLite does not enforce them: each row would cost a lookup,
// and all rows of a batch are numbered in one place. Check verifies them.
//
// Moments are nanoseconds since 1970, 0 for none. Each index ends in the number implicitly, so
// that lists need no sorting.
//
//go:embed version1.sql
var version1 string

// version2 keeps the text of a secret, which the API shows as it was given.
//
//go:embed version2.sql
var version2 string

// version3 counts how often the work of a run began without ending in order.
//
//go:embed version3.sql
var version3 string

// migrate takes the steps that the file has not taken yet, each in one transaction.
func migrate(ctx context.Context, c *sql.Conn, steps []string) error {
	var version, mark, tables int
	err := c.QueryRowContext(ctx, "SELECT user_version, application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version, pragma_application_id").
		Scan(&version, &mark, &tables)
	switch {
	case err != nil:
		return err
	case mark != application && (mark != 0 || version != 0 || tables != 0):
		return fmt.Errorf("this is a database of another program: give the sandbox a file of its own")
	case version > len(steps):
		return fmt.Errorf("the file has version %d, and this ringback knows versions up to %d: use a newer ringback, or another file", version, len(steps))
	}
	for ; version < len(steps); version++ {
		step := fmt.Sprintf("BEGIN IMMEDIATE;\n%s;\nPRAGMA application_id = %d;\nPRAGMA user_version = %d;\nCOMMIT", steps[version], application, version+1)
		if _, err := c.ExecContext(ctx, step); err != nil {
			_, _ = c.ExecContext(ctx, "ROLLBACK") // fails if the step has not begun
			return fmt.Errorf("bring the file from version %d to %d: %w", version, version+1, err)
		}
	}
	return nil
}

// Check verifies the file: SQLite's integrity, the references between rows, and the counts. It
// reads all of the file.
func (s *Store) Check(ctx context.Context) error {
	const what = "check the file"
	problems, err := list(ctx, s, what, itself[string], selectProblems)
	if err == nil && len(problems) > 0 {
		err = fmt.Errorf("%s: %s", what, strings.Join(problems, "\n"))
	}
	return err
}

const selectProblems = `SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'
	UNION ALL SELECT format('row %d of %s points to a row of %s that is not there', rowid, "table", parent) FROM pragma_foreign_key_check
	UNION ALL SELECT format('%d %s are counted, and %d are there', counted, what, there) FROM (
		SELECT 'notifications' what, notifications counted, (SELECT count(*) FROM notification) there FROM counts
		UNION ALL SELECT 'waiting deliveries', waiting, (SELECT count(*) FROM delivery WHERE state = 0) FROM counts
		UNION ALL SELECT 'delivered deliveries', delivered, (SELECT count(*) FROM delivery WHERE state = 1) FROM counts
		UNION ALL SELECT 'failed deliveries', failed, (SELECT count(*) FROM delivery WHERE state = 2) FROM counts
		UNION ALL SELECT 'cancelled deliveries', cancelled, (SELECT count(*) FROM delivery WHERE state = 3) FROM counts)
	WHERE counted <> there`
