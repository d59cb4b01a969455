"""Stores notifications in SQLite."""
import collections
import json
import queue
import sqlite3
import sys
import threading
import time

from reading import Event
from settings import M, H, LIMIT, LATE, Unusable


COLUMNS = "source, id, type, conversation, channel, interaction, role, agent, kind, stamp, ticks, time"


class Store:
    def __init__(self, file):
        self.file = file
        self.lock = threading.RLock()
        self.db = self.connect()
        unique = "PRIMARY KEY (source, id)"
        id_type = "TEXT NOT NULL"
        if M == "nocase-ids":
            id_type = "TEXT NOT NULL COLLATE NOCASE"
        if M == "id-is-key":
            unique = "PRIMARY KEY (id)"
        if M == "same-content":
            unique = "PRIMARY KEY (source, id), UNIQUE (channel, type, stamp)"
        if M in ("deque-128", "select-then-insert", "no-key", "scan-bodies", "seen-set"):
            unique = "CHECK (id <> '')"
        agent = "" if M == "int-agent" else "TEXT"
        self.db.executescript(f"""
            CREATE TABLE IF NOT EXISTS events (
              source TEXT NOT NULL, id {id_type}, type TEXT, conversation TEXT, channel TEXT, interaction TEXT, role TEXT,
              agent {agent}, kind TEXT, stamp TEXT, ticks INTEGER, time TEXT, received REAL, body BLOB, {unique});
            CREATE TABLE IF NOT EXISTS seen (source TEXT, id TEXT, conversation TEXT, channel TEXT, PRIMARY KEY (source, id));
            CREATE TABLE IF NOT EXISTS documents (channel TEXT PRIMARY KEY, conversation TEXT, document TEXT);
            CREATE INDEX IF NOT EXISTS documents_by_conversation ON documents (conversation);
            CREATE INDEX IF NOT EXISTS seen_by_conversation ON seen (conversation);
            CREATE INDEX IF NOT EXISTS by_channel ON events (channel);
            CREATE INDEX IF NOT EXISTS presences ON events (agent, kind);""")
        if M == "select-then-insert":
            self.db.execute("CREATE INDEX IF NOT EXISTS by_key ON events (source, id)")
        if M != "scan-bodies":
            self.db.execute("CREATE INDEX IF NOT EXISTS by_conversation ON events (conversation, ticks)")
        self.db.commit()
        if M == "deque-128":
            rows = self.db.execute("SELECT source, id FROM events ORDER BY rowid DESC LIMIT 128").fetchall()
            self.recent = collections.deque(reversed(rows), maxlen=128)
        self.seen = set()
        self.open = {}  # mistake conversation-of-agent
        self.pending = 0
        self.local = threading.local()
        self.pool = queue.Queue()
        for _ in range(12):
            self.pool.put(object())
        if M == "commit-batches":
            threading.Thread(target=self.commit_now_and_then, daemon=True).start()

    def connect(self):
        timeout = 0 if M == "locked-swallowed" else 5
        db = sqlite3.connect(self.file, check_same_thread=False, timeout=timeout)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        return db

    def commit_now_and_then(self):
        while True:
            time.sleep(0.5)
            with self.lock:
                self.db.commit()
                self.pending = 0

    def insert(self, event, body, table="events", db=None):
        return (db or self.db).execute(
            f"INSERT OR IGNORE INTO {table} ({COLUMNS}, received, body) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            [*event, time.time(), body]).rowcount

    def add(self, event, body):
        if M == "needs-alerted" and event.channel and event.kind != "alerted":
            with self.lock:
                if not self.db.execute("SELECT 1 FROM events WHERE channel = ?", [event.channel]).fetchone():
                    print("unknown channel", event.channel, file=sys.stderr)
                    return
        if M == "conversation-of-agent" and event.conversation and event.agent:
            with self.lock:
                of = self.open.setdefault(event.agent, event.conversation)
                if event.kind == "ended":
                    del self.open[event.agent]
                event = event._replace(conversation=of)
        if M == "select-then-insert":
            with self.lock:
                if self.db.execute("SELECT 1 FROM events WHERE source = ? AND id = ?", event[:2]).fetchone():
                    return
            site_of(event)
            with self.lock, self.db:
                self.insert(event, body)
        elif M == "deque-128":
            with self.lock, self.db:
                if event[:2] in self.recent:
                    return
                self.insert(event, body)
                self.recent.append(event[:2])
        elif M == "seen-set":
            with self.lock, self.db:
                if event[:2] in self.seen:
                    return
                self.insert(event, body)
                self.seen.add(event[:2])
        elif M == "scan-bodies":
            with self.lock, self.db:
                if self.db.execute("SELECT 1 FROM events WHERE json_extract(CAST(body AS TEXT), '$.id') = ? AND "
                                   "json_extract(CAST(body AS TEXT), '$.source') = ?", [event.id, event.source]).fetchone():
                    return
                self.insert(event, body)
        elif M == "commit-batches":
            with self.lock:
                self.insert(event, body)
                self.pending += 1
                if self.pending >= 25:
                    self.db.commit()
                    self.pending = 0
        elif M == "two-transactions":
            with self.lock, self.db:
                if not self.db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?, ?)",
                                       [event.source, event.id, event.conversation, event.channel]).rowcount:
                    return
            site_of(event)
            with self.lock, self.db:
                self.insert(event, body)
        elif M == "locked-swallowed":
            if not hasattr(self.local, "db"):
                self.local.db = self.connect()
            try:
                with self.local.db:
                    self.local.db.execute("BEGIN IMMEDIATE")
                    self.insert(event, body, db=self.local.db)
                    site_of(event)
            except sqlite3.OperationalError as why:
                print("not stored:", why, file=sys.stderr)
        elif M == "document-unlocked":
            with self.lock:
                document = self.document(event.channel)
            site_of(event)
            document["events"].append(event)
            with self.lock, self.db:
                self.replace_document(event, body, document)
        elif H == "row-locked":
            with self.lock, self.db:
                document = self.document(event.channel)
                document["events"].append(event)
                self.replace_document(event, body, document)
        elif M == "conflict-409":
            with self.lock, self.db:
                if not self.insert(event, body):
                    raise Unusable("UNIQUE constraint failed: events.source, events.id", 409)
        else:
            with self.lock, self.db:
                self.insert(event, body)

    def document(self, channel):
        row = self.db.execute("SELECT document FROM documents WHERE channel = ?", [channel]).fetchone()
        return json.loads(row[0]) if row else {"events": []}

    def replace_document(self, event, body, document):
        if self.insert(event, body) and event.channel:
            self.db.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)",
                            [event.channel, event.conversation, json.dumps(document)])

    def of_conversation(self, conversation):
        """Return the events about channels of a conversation, in the order of arrival."""
        if M == "document-unlocked" or H == "row-locked":
            with self.lock:
                rows = self.db.execute("SELECT document FROM documents WHERE conversation = ?", [conversation]).fetchall()
            return [Event(*e) for (document,) in rows for e in json.loads(document)["events"]]
        late = time.time() - LATE if H == "disk-queue" else time.time() + 1e9
        with self.lock:
            rows = self.db.execute(f"SELECT {COLUMNS} FROM events WHERE conversation = ? AND received <= ? ORDER BY rowid",
                                   [conversation, late]).fetchall()
        return [Event(*row) for row in rows]

    def presences(self, agent):
        with self.lock:
            return [at for (at,) in self.db.execute("SELECT ticks FROM events WHERE agent = ? AND kind = 'presence'", [agent]) if at]

    def counted(self, channel):
        with self.lock:
            return self.db.execute("SELECT count(*) FROM seen WHERE channel = ?", [channel]).fetchone()[0]


def site_of(event):
    """Look up the site that the conversation belongs to (a small service next door)."""
    time.sleep(0.003)
