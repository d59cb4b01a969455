-- How often its work began since that last went well or ended in order, and why it is paused if nobody paused it.
ALTER TABLE run ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN reason TEXT NOT NULL DEFAULT ''
