// The event store: one row for each notification, appended and never changed. All else is folded from it when asked.
import Database from "better-sqlite3";

export class EventStore {
  constructor(file) {
    const db = new Database(file, { timeout: 5000 });
    db.pragma("journal_mode = wal");
    db.pragma("synchronous = normal");
    db.exec(`
      CREATE TABLE IF NOT EXISTS event (
        seq          INTEGER PRIMARY KEY,
        source       TEXT NOT NULL,
        id           TEXT NOT NULL,
        type         TEXT NOT NULL,
        kind         TEXT,     -- NULL: is about no channel, or of a type that we do not know
        version      TEXT,
        conversation TEXT,
        channel      TEXT,
        interaction  TEXT,
        role         TEXT,
        agent        TEXT,
        at           INTEGER,  -- 100 ns since 1970
        body         BLOB NOT NULL,
        UNIQUE (source, id)
      ) STRICT;
      CREATE INDEX IF NOT EXISTS event_conversation ON event (conversation, at) WHERE conversation IS NOT NULL;
    `);
    this.db = db;
    this.insert = db.prepare(`
      INSERT INTO event (source, id, type, kind, version, conversation, channel, interaction, role, agent, at, body)
      VALUES (@source, @id, @type, @kind, @version, @conversation, @channel, @interactionId, @role, @agentId, @at, @body)
      ON CONFLICT (source, id) DO NOTHING`);
    this.select = db.prepare(`
      SELECT kind, version, channel, interaction, role, agent, at FROM event WHERE conversation = ? ORDER BY at, seq`).safeIntegers();
  }

  // Appends, in a transaction of its own (of one statement); returns false for a duplicate.
  append(row, body) {
    const blank = { kind: null, version: null, conversation: null, channel: null, interactionId: null, role: null, agentId: null, at: null };
    return this.insert.run({ ...blank, ...row, body }).changes === 1;
  }

  eventsOf(conversation) {
    return this.select.all(conversation);
  }

  close() {
    this.db.close();
  }
}
