package store

import (
	"context"
	"database/sql"
	"fmt"
)

// application marks a file as ours: the letters "rngb".
const application = 0x726e6762

// migrations lead from an empty file to the current schema. A published step never changes,
// because files that have taken it do not take it again.
func migrations() []string { return []string{version1} }

// version1 declares references, but SQLite does not enforce them: each row would cost a lookup,
// and all rows of a batch are numbered in one place. Check verifies them.
//
// Moments are nanoseconds since 1970, 0 for none. Each index ends in the number implicitly, so
// that lists need no sorting.
const version1 = `
CREATE TABLE tally (
	one           INTEGER PRIMARY KEY CHECK (one = 1),
	notification  INTEGER NOT NULL DEFAULT 0, -- highest numbers given so far
	delivery      INTEGER NOT NULL DEFAULT 0,
	attempt       INTEGER NOT NULL DEFAULT 0,
	notifications INTEGER NOT NULL DEFAULT 0, -- how many there are
	waiting       INTEGER NOT NULL DEFAULT 0,
	delivered     INTEGER NOT NULL DEFAULT 0,
	given_up      INTEGER NOT NULL DEFAULT 0,
	cancelled     INTEGER NOT NULL DEFAULT 0
);
INSERT INTO tally (one) VALUES (1);

CREATE TABLE setting (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
) WITHOUT ROWID;

-- A subscriber is the number of a subscription. It outlives it, for the sake of deliveries.
CREATE TABLE subscriber (
	key INTEGER PRIMARY KEY,
	id  TEXT NOT NULL UNIQUE
);

CREATE TABLE subscription (
	key     INTEGER PRIMARY KEY REFERENCES subscriber,
	name    TEXT NOT NULL UNIQUE,
	url     TEXT NOT NULL,
	events  TEXT NOT NULL, -- JSON
	enabled INTEGER NOT NULL,
	secret  BLOB NOT NULL,
	created INTEGER NOT NULL,
	changed INTEGER NOT NULL,
	version INTEGER NOT NULL
);

CREATE TABLE scenario (
	name   TEXT PRIMARY KEY,
	source TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE run (
	number   INTEGER PRIMARY KEY,
	id       TEXT NOT NULL UNIQUE,
	name     TEXT NOT NULL,
	source   TEXT NOT NULL,
	options  TEXT NOT NULL, -- JSON
	state    TEXT NOT NULL,
	seed     INTEGER NOT NULL,
	start    INTEGER NOT NULL,
	base     INTEGER NOT NULL,
	"offset" INTEGER NOT NULL,
	speed    REAL NOT NULL,
	position INTEGER NOT NULL,
	created  INTEGER NOT NULL,
	ended    INTEGER NOT NULL,
	error    TEXT NOT NULL
);
CREATE INDEX run_going ON run (state) WHERE state IN ('running', 'paused');

CREATE TABLE conversation (
	number  INTEGER PRIMARY KEY,
	id      TEXT NOT NULL UNIQUE,
	medium  TEXT NOT NULL,
	seed    INTEGER NOT NULL,
	created INTEGER NOT NULL,
	ended   INTEGER NOT NULL,
	actions TEXT NOT NULL -- JSON
);
CREATE INDEX conversation_going ON conversation (ended) WHERE ended = 0;

CREATE TABLE type (
	key  INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE
);

CREATE TABLE notification (
	number       INTEGER PRIMARY KEY,
	id           TEXT NOT NULL,
	type         INTEGER NOT NULL REFERENCES type,
	conversation TEXT NOT NULL,
	interaction  TEXT NOT NULL,
	channel      TEXT NOT NULL,
	role         TEXT NOT NULL,
	party        TEXT NOT NULL,
	agent        TEXT NOT NULL,
	run          TEXT NOT NULL,
	accepted     INTEGER NOT NULL,
	fault        TEXT NOT NULL,
	keys         INTEGER NOT NULL,
	body         BLOB NOT NULL,
	signed       BLOB
);
CREATE INDEX notification_id ON notification (id);
CREATE INDEX notification_type ON notification (type);
CREATE INDEX notification_conversation ON notification (conversation) WHERE conversation <> '';
CREATE INDEX notification_run ON notification (run) WHERE run <> '';

CREATE TABLE delivery (
	number       INTEGER PRIMARY KEY,
	notification INTEGER NOT NULL REFERENCES notification,
	subscription INTEGER NOT NULL REFERENCES subscriber,
	type         INTEGER NOT NULL REFERENCES type, -- of the notification, for lists
	state        INTEGER NOT NULL,
	attempts     INTEGER NOT NULL DEFAULT 0,
	first        INTEGER NOT NULL DEFAULT 0,
	due          INTEGER NOT NULL,
	status       INTEGER NOT NULL DEFAULT 0,
	latency      INTEGER NOT NULL DEFAULT 0, -- µs
	failure      TEXT NOT NULL DEFAULT '',
	kind         TEXT NOT NULL DEFAULT ''
);
CREATE INDEX delivery_due ON delivery (subscription, due, number) WHERE state = 0;
CREATE INDEX delivery_state ON delivery (subscription, state);
CREATE INDEX delivery_type ON delivery (type);
CREATE INDEX delivery_notification ON delivery (notification);

CREATE TABLE attempt (
	number   INTEGER PRIMARY KEY,
	delivery INTEGER NOT NULL REFERENCES delivery,
	try      INTEGER NOT NULL,
	sent     INTEGER NOT NULL,
	latency  INTEGER NOT NULL, -- µs
	status   INTEGER NOT NULL,
	failure  TEXT NOT NULL,
	header   TEXT NOT NULL, -- JSON
	answer   TEXT NOT NULL
);
CREATE INDEX attempt_delivery ON attempt (delivery);

CREATE TABLE remembered (
	key     TEXT PRIMARY KEY,
	request BLOB NOT NULL, -- its SHA-256
	status  INTEGER NOT NULL,
	answer  BLOB NOT NULL,
	at      INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX remembered_at ON remembered (at);
`

// migrate takes the steps that the file has not taken yet, each in one transaction.
func migrate(ctx context.Context, c *sql.Conn, steps []string) error {
	version, mark, tables, err := state(ctx, c)
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

// state reads the version of the schema, and the application that the file belongs to.
func state(ctx context.Context, c *sql.Conn) (version, mark, tables int, err error) {
	err = c.QueryRowContext(ctx, "SELECT user_version, application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version, pragma_application_id").
		Scan(&version, &mark, &tables)
	return version, mark, tables, err
}
