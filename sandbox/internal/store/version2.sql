-- As it was given; empty: generated, or of version 1.
ALTER TABLE subscription ADD COLUMN secret_text TEXT NOT NULL DEFAULT ''
