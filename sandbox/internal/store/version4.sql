-- The subscriptions of a notification that has many, and of all others with the same ones.
CREATE TABLE fan (
	key         INTEGER PRIMARY KEY,
	subscribers TEXT NOT NULL -- JSON: their keys, in the order of the deliveries
);

-- The deliveries of one notification that have no row of their own: those that wait for their first attempt, and those that
-- were delivered by it.
CREATE TABLE pack (
	notification INTEGER PRIMARY KEY REFERENCES notification,
	first        INTEGER NOT NULL, -- number of the first delivery; the others follow
	fan          INTEGER NOT NULL REFERENCES fan,
	type         INTEGER NOT NULL REFERENCES type,
	due          INTEGER NOT NULL, -- of the first attempts
	waiting      INTEGER NOT NULL,
	delivered    INTEGER NOT NULL,
	states       BLOB NOT NULL -- a byte for each: 0 waiting, 1 delivered, 2 a row of the table delivery, 3 forgotten
);
CREATE UNIQUE INDEX pack_first ON pack (first);
CREATE INDEX pack_type ON pack (type, first);
CREATE INDEX pack_fan ON pack (fan, first);
CREATE INDEX pack_open ON pack (first) WHERE waiting > 0;
CREATE INDEX pack_due ON pack (due, notification) WHERE waiting > 0;

-- What became of some deliveries of a pack, as one transaction recorded it.
CREATE TABLE chunk (
	number  INTEGER PRIMARY KEY, -- that of the notification, times 1048576, and how many were before
	entries BLOB NOT NULL
);

-- What the headers of many requests have in common.
CREATE TABLE form (
	key    INTEGER PRIMARY KEY,
	header TEXT NOT NULL -- JSON
)
