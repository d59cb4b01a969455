-- What is searched of notifications whose numbers follow each other, and of deliveries; without a row, their own rows are read.
-- The block of a number is the number divided by 1024, or by 2048.
CREATE TABLE notification_block (
	block   INTEGER PRIMARY KEY,
	content BLOB NOT NULL
);
CREATE TABLE delivery_block (
	block   INTEGER PRIMARY KEY,
	content BLOB NOT NULL
)
