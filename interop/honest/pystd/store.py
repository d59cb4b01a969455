"""Notifications are appended; a worker makes summaries of the conversations that they change.

The mark that a conversation has changed is set in the transaction that appends, and is taken away in the one that writes
its summary, so that a crash between the two costs nothing but time.
"""

import logging
import sqlite3
import threading

import vcc

PHASES = ["alerting", "connected", "held", "parked", "interrupted", "unexpected", "wrap"]

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS notification (
  seq INTEGER PRIMARY KEY, source TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, kind TEXT, version INTEGER,
  conversation TEXT, channel TEXT, interaction TEXT, role TEXT, agent TEXT, at INTEGER, body BLOB NOT NULL,
  UNIQUE (source, id));
CREATE INDEX IF NOT EXISTS notification_conversation ON notification (conversation, at) WHERE conversation IS NOT NULL;
CREATE TABLE IF NOT EXISTS changed (conversation TEXT PRIMARY KEY, seq INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS channel_summary (
  conversation TEXT NOT NULL, channel TEXT NOT NULL, interaction TEXT, role TEXT, agent TEXT, phase TEXT,
  notifications INTEGER NOT NULL, {", ".join(phase + " REAL NOT NULL" for phase in PHASES)},
  PRIMARY KEY (conversation, channel)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS conversation_summary (
  conversation TEXT PRIMARY KEY, answered INTEGER, abandoned INTEGER, seconds_to_answer REAL,
  talk REAL, hold REAL, wrap REAL, agents INTEGER, transfers INTEGER) WITHOUT ROWID;
"""


class Store:
    def __init__(self, file):
        self.file = file
        self.writer = self.connect()
        self.writer.executescript("PRAGMA journal_mode = wal;" + SCHEMA)
        self.writing = threading.Lock()
        self.reader = self.connect()
        self.reading = threading.Lock()
        self.news = threading.Event()
        self.news.set()  # what was left over when we stopped
        threading.Thread(target=self.work, name="summaries", daemon=True).start()

    def connect(self):
        db = sqlite3.connect(self.file, isolation_level=None, check_same_thread=False, timeout=5)
        db.execute("PRAGMA synchronous = normal")
        return db

    def transaction(self, do):
        with self.writing:
            self.writer.execute("BEGIN IMMEDIATE")
            try:
                do(self.writer)
                self.writer.execute("COMMIT")
            except BaseException:
                if self.writer.in_transaction:
                    self.writer.execute("ROLLBACK")
                raise

    def append(self, n, body):
        """Store a notification, unless it is a duplicate."""
        def do(db):
            added = db.execute(
                "INSERT INTO notification (source, id, type, kind, version, conversation, channel, interaction, role, agent, at, body)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source, id) DO NOTHING",
                (n.source, n.id, n.type, n.kind, n.version, n.conversation, n.channel, n.interaction, n.role, n.agent, n.at, body))
            if added.rowcount == 1 and n.conversation is not None:
                db.execute("INSERT INTO changed VALUES (?, ?) ON CONFLICT (conversation) DO UPDATE SET seq = excluded.seq",
                           (n.conversation, added.lastrowid))
        self.transaction(do)
        if n.conversation is not None:
            self.news.set()

    # ---- the worker

    def work(self):
        db = self.connect()
        while True:
            self.news.wait()
            self.news.clear()
            try:
                while self.summarise_some(db):
                    pass
            except Exception:
                logging.exception("no summary: again in a moment")
                threading.Event().wait(0.2)
                self.news.set()

    def summarise_some(self, db):
        """Summarise some of the conversations that have changed, and return how many."""
        db.execute("BEGIN")  # all that is read is of one moment
        try:
            todo = db.execute("SELECT conversation, seq FROM changed ORDER BY seq LIMIT 100").fetchall()
            summaries = [(seq, conversation, channels_of(db, conversation)) for conversation, seq in todo]
        finally:
            db.execute("COMMIT")

        rows = [(conversation, c.id, c.interaction, c.role, c.agent, c.phase, len(c.events), *(c.ticks_in(phase) / 1e7 for phase in PHASES))
                for _, conversation, channels in summaries for c in channels]
        totals = [(conversation, *vcc.figures(channels).values()) for _, conversation, channels in summaries]
        done = [(conversation, seq) for seq, conversation, _ in summaries]

        def do(db):
            db.executemany(f"INSERT OR REPLACE INTO channel_summary VALUES ({marks(7 + len(PHASES))})", rows)
            db.executemany(f"INSERT OR REPLACE INTO conversation_summary VALUES ({marks(9)})", totals)
            db.executemany("DELETE FROM changed WHERE conversation = ? AND seq = ?", done)  # unless it has changed again
        if todo:
            self.transaction(do)
        return len(todo)

    # ---- reports

    def report(self, conversation):
        """Return the summary of a conversation, or None."""
        with self.reading:
            self.reader.execute("BEGIN")
            try:
                channels = self.reader.execute(
                    f"SELECT channel, interaction, role, agent, phase, notifications, {', '.join(PHASES)}"
                    " FROM channel_summary WHERE conversation = ? ORDER BY channel", (conversation,)).fetchall()
                total = self.reader.execute(
                    "SELECT answered, abandoned, seconds_to_answer, talk, hold, wrap, agents, transfers"
                    " FROM conversation_summary WHERE conversation = ?", (conversation,)).fetchone()
            finally:
                self.reader.execute("COMMIT")
        if total is None:
            return None
        report = {"channels": []}
        for channel, interaction, role, agent, phase, notifications, *seconds in channels:
            c = {"channelId": channel, "interactionId": interaction, "role": role,
                 "seconds": dict(zip(PHASES, seconds)), "notifications": notifications}
            if agent is not None:
                c["agentId"] = agent
            if phase is not None:
                c["phase"] = phase
            report["channels"].append(c)
        names = ["answered", "abandoned", "seconds_to_answer", "talk", "hold", "wrap", "agents", "transfers"]
        report.update(zip(names, total))
        report["answered"], report["abandoned"] = bool(total[0]), bool(total[1])
        return report


def channels_of(db, conversation):
    channels = {}
    for channel, interaction, role, agent, at, kind, version in db.execute(
            "SELECT channel, interaction, role, agent, at, kind, version FROM notification WHERE conversation = ? ORDER BY at, seq",
            (conversation,)):
        channels.setdefault(channel, vcc.Channel(channel, interaction, role, agent)).events.append((at, kind, version))
    for c in channels.values():
        c.stays = vcc.stays_of(c.events)
    return list(channels.values())


def marks(n):
    return ", ".join("?" * n)
