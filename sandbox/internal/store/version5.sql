-- What a response meant, and the fault that the request carried: of each attempt, and of the last one of a delivery. 0: it is of version 4.
ALTER TABLE attempt ADD COLUMN outcome INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempt ADD COLUMN fault TEXT NOT NULL DEFAULT '';
ALTER TABLE delivery ADD COLUMN outcome INTEGER NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN fault TEXT NOT NULL DEFAULT '';

-- The states 4 to 6.
ALTER TABLE counts ADD COLUMN correctly_refused INTEGER NOT NULL DEFAULT 0;
ALTER TABLE counts ADD COLUMN wrongly_accepted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE counts ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0
;

-- What was kept before has other states now, see renameStates.
INSERT INTO setting (name, value) SELECT 'earlier states', '1' WHERE EXISTS (SELECT 1 FROM delivery)
