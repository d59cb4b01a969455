package store

import (
	"cmp"
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
func migrations() []string {
	return []string{version1, version2, version3, version4, version5, version6}
}

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

// version4 keeps deliveries of one notification together that have no row of their own.
//
//go:embed version4.sql
var version4 string

// version5 tells what the response to an attempt meant, and which fault it carried.
//
//go:embed version5.sql
var version5 string

// version6 keeps what is searched.
//
//go:embed version6.sql
var version6 string

// migrate takes the steps that the file has not taken yet, each in one transaction.
func migrate(ctx context.Context, c *sql.Conn, steps []string) error {
	var version, mark, tables int
	err := oneOf(ctx, c, []any{&version, &mark, &tables}, "SELECT user_version, application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version, pragma_application_id")
	if err != nil {
		return err
	}
	if mark != application && (mark != 0 || version != 0 || tables != 0) {
		return &Trouble{Kind: Foreign, Cause: "it is a database of another program"}
	}
	if err := checkVersion(version, len(steps)); err != nil {
		return err
	}
	if version == 0 && tables != 0 {
		return &Trouble{Kind: Damaged, Cause: "its version is 0, but there are tables in it"}
	}
	for ; version < len(steps); version++ {
		step := fmt.Sprintf("BEGIN IMMEDIATE;\n%s;\nPRAGMA application_id = %d;\nPRAGMA user_version = %d;\nCOMMIT", steps[version], application, version+1)
		if _, err := c.ExecContext(ctx, step); err != nil {
			_, _ = c.ExecContext(ctx, "ROLLBACK") // fails if the step has not begun
			if troubleOf(err) == nil {
				err = &Trouble{Kind: Damaged, Cause: fmt.Sprintf("it cannot be brought from version %d to %d: %v", version, version+1, err), err: err}
			}
			return err
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
	return cmp.Or(err, s.checkPacks(ctx, what), s.checkBlocks(ctx, what))
}

const selectProblems = `SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'
	UNION ALL SELECT format('row %d of %s points to a row of %s that is not there', rowid, "table", parent) FROM pragma_foreign_key_check
	UNION ALL SELECT format('%d %s are counted, and %d are there', counted, what, there) FROM (
		SELECT 'notifications' what, notifications counted, (SELECT count(*) FROM notification) there FROM counts
		UNION ALL SELECT 'waiting deliveries', waiting, (SELECT count(*) FROM delivery WHERE state = 0) + (SELECT coalesce(sum(waiting), 0) FROM pack) FROM counts
		UNION ALL SELECT 'delivered deliveries', delivered, (SELECT count(*) FROM delivery WHERE state = 1) + (SELECT coalesce(sum(delivered), 0) FROM pack) FROM counts
		UNION ALL SELECT 'failed deliveries', failed, (SELECT count(*) FROM delivery WHERE state = 2) FROM counts
		UNION ALL SELECT 'cancelled deliveries', cancelled, (SELECT count(*) FROM delivery WHERE state = 3) FROM counts
		UNION ALL SELECT 'correctly refused deliveries', correctly_refused, (SELECT count(*) FROM delivery WHERE state = 4) FROM counts
		UNION ALL SELECT 'wrongly accepted deliveries', wrongly_accepted, (SELECT count(*) FROM delivery WHERE state = 5) FROM counts
		UNION ALL SELECT 'dropped deliveries', dropped, (SELECT count(*) FROM delivery WHERE state = 6) FROM counts)
	WHERE counted <> there`
