-- What version 1 left behind. It never changes.
PRAGMA application_id = 1919838050;
PRAGMA user_version = 1;
CREATE TABLE counts (
	one           INTEGER PRIMARY KEY CHECK (one = 1),
	notification  INTEGER NOT NULL DEFAULT 0, -- highest numbers given so far
	delivery      INTEGER NOT NULL DEFAULT 0,
	attempt       INTEGER NOT NULL DEFAULT 0,
	notifications INTEGER NOT NULL DEFAULT 0, -- how many there are
	waiting       INTEGER NOT NULL DEFAULT 0,
	delivered     INTEGER NOT NULL DEFAULT 0,
	failed        INTEGER NOT NULL DEFAULT 0,
	cancelled     INTEGER NOT NULL DEFAULT 0
);
INSERT INTO counts (one) VALUES (1);

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

UPDATE counts SET notification = 2, delivery = 2, attempt = 1, notifications = 2, waiting = 1, delivered = 1;
INSERT INTO setting VALUES ('client id', 'one');
INSERT INTO subscriber VALUES (1, '2tnejWeTxhrXAdBM4HQiAqjK4Sc');
INSERT INTO subscription VALUES (1, 'first', 'http://127.0.0.1:8080/', '["*"]', 1, CAST('0123456789abcdef0123456789abcdef' AS BLOB), 1740990000000000000, 1740990000000000000, 1);
INSERT INTO type VALUES (1, 'channel.held.v1');
INSERT INTO notification VALUES (1, '2tnejWeTxhrXAdBM4HQiAqjK4Sd', 1, 'c', 'i', 'ch', 'agent', 'alice', '1544', '', 1740990000000000000, '', 0, CAST('{"first":true}' AS BLOB), NULL);
INSERT INTO notification VALUES (2, '2tnejWeTxhrXAdBM4HQiAqjK4Se', 1, 'c', 'i', 'ch', 'agent', 'alice', '1544', '', 1740990000000000000, '', 0, CAST('{"second":true}' AS BLOB), NULL);
INSERT INTO delivery VALUES (1, 1, 1, 1, 1, 1, 1740990000000000000, 0, 200, 800, '', '');
INSERT INTO delivery VALUES (2, 2, 1, 1, 0, 0, 0, 1740990000000000000, 0, 0, '', '');
INSERT INTO attempt VALUES (1, 1, 1, 1740990000000000000, 800, 200, '', '[["A","b"]]', '');
