"""A consumer of Vonage Contact Center webhooks in one file: it verifies each notification, stores it once,
answers, and tells what it knows of a conversation. Python 3.8 or newer, nothing to install.

VONAGE_SECRET is the secret in Base64; two, with a comma between them, while it is changed. DATABASE is a file,
and PORT is where it listens.
"""

import base64
import calendar
import hashlib
import hmac
import json
import os
import re
import sqlite3
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


# part: verify
class Refused(Exception):
    """Answer 401."""


def verify(secrets, header, body, now=None):
    """Return the claims of a token for body (bytes) made with one of the secrets (Base64), or raise Refused."""
    if not header or len(header) > 8192 or header.count(".") != 2 or not header.isascii():
        raise Refused("no token")
    text, _, signature = header.encode("ascii").rpartition(b".")
    head, payload = text.split(b".")
    if decode(head).get("alg") != "HS256":
        raise Refused("algorithm")

    def made_with(secret):
        key = base64.b64decode(secret, validate=True)
        digest = hmac.new(key, text, hashlib.sha256).digest()
        return hmac.compare_digest(signature, base64.urlsafe_b64encode(digest).rstrip(b"="))

    if not any(made_with(secret) for secret in secrets):
        raise Refused("wrong key")
    claims = decode(payload)
    exp = claims.get("exp")
    if not isinstance(exp, (int, float)) or not exp > (time.time() if now is None else now):
        raise Refused("expired")
    want = hashlib.sha256(body).hexdigest()
    if not hmac.compare_digest(str(claims.get("payload_hash")).encode(), want.encode()):
        raise Refused("hash")
    return claims


def decode(part):
    try:
        value = json.loads(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        raise Refused("malformed") from None
    if not isinstance(value, dict):
        raise Refused("malformed")
    return value
# end


# part: read
# The phases that events begin. disconnected begins none: what follows it at once does.
BEGINS = {
    "alerted": "alerting", "connected": "connected", "connectionfailed": "unexpected",
    "held": "held", "retrieved": "connected", "parked": "parked", "unparked": "connected",
    "interrupted": "interrupted", "resumed": "connected", "disconnected": None, "wrapstarted": "wrap", "ended": "ended",
}


class Unusable(Exception):
    """Answer 204: a retry would bring the same bytes."""


def read(body):
    """Return the columns of a notification; those behind id are None unless it is about a channel."""
    try:
        m = json.loads(body)
    except (ValueError, RecursionError):
        raise Unusable("no JSON") from None
    if not isinstance(m, dict) or not isinstance(m.get("data"), dict) or not all(is_text(m.get(k)) for k in ("type", "id", "source")):
        raise Unusable("no notification")
    known = re.fullmatch(r"channel\.(\w+)\.v[01]", m["type"])
    if not known or known[1] not in BEGINS:  # of an agent, or of a type that is new: it is stored as it is
        return [m["source"], m["id"]] + [None] * 7
    channel = m["data"].get("channel")
    if not isinstance(channel, dict) or not is_text(channel.get("conversationId")) or not is_text(channel.get("channelId")):
        raise Unusable("no channel")
    party = channel.get("party")
    if not isinstance(party, dict):
        raise Unusable("no party")
    texts = [channel.get("interactionId"), party.get("role"),
             party.get("agentId")]  # absent or null unless an agent or a monitor; a text, never a number
    if not all(text is None or isinstance(text, str) for text in texts):
        raise Unusable("no texts")
    return [m["source"], m["id"], channel["conversationId"].lower(), channel["channelId"].lower(), *texts,
            known[1], ticks(m["data"].get("timestamp"))]


def is_text(value):
    return isinstance(value, str) and value != ""


def ticks(moment):
    """Return a moment with 0 to 7 fractional digits in units of 100 ns since 1970."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z", str(moment))
    if not found:
        raise Unusable("no timestamp")
    try:
        seconds = calendar.timegm(time.strptime(found[1], "%Y-%m-%dT%H:%M:%S"))
    except ValueError:
        raise Unusable("no such moment") from None
    return seconds * 10**7 + int((found[2] or "")[:7].ljust(7, "0"))
# end


# part: lives
# The phases in which events can happen, and the order of events that no phase decides.
NEEDS = {
    "alerted": None, "connected": "alerting", "connectionfailed": "alerting", "held": "connected", "retrieved": "held",
    "parked": "connected", "unparked": "parked", "interrupted": "connected", "resumed": "interrupted",
}
USUAL = list(BEGINS)


def life(events):
    """Return the phases that (kind, ticks) of a channel lead to, each with its beginning and end in ticks."""
    stays = []
    for moment in sorted({at for _, at in events}):
        instant = sorted({kind for kind, at in events if at == moment}, key=USUAL.index)  # both versions of an event are one
        while instant:
            # Within an instant next comes whichever can happen in the phase that the channel is in.
            phase = stays[-1][0] if stays else None
            kind = next((k for k in instant if k in NEEDS and NEEDS[k] == phase), instant[0])
            instant.remove(kind)
            if BEGINS[kind] in (None, phase):
                continue
            if stays:
                stays[-1][2] = moment
            stays.append([BEGINS[kind], moment, None])
    return stays


def seconds(stays, phase):
    """Return how long a channel was in a phase, without a stay that lasts."""
    return sum(end - begin for name, begin, end in stays if name == phase and end is not None) / 10**7
# end


# part: figures
def figures(channels):
    """Return the figures of a conversation from its channels, which have a role, an agent, an interaction and stays."""
    agents = [c for c in channels if c["role"] == "agent"]
    customers = [c for c in channels if c["role"] == "external"]
    answered = min((at for a in agents for c in customers + agents if a is not c for at in meetings(a, c)), default=None)
    recorded = any(True for v in channels if v["role"] == "voicemail" for c in customers for _ in meetings(v, c))
    took = [c for c in agents if connected(c)]
    return {
        "answered": answered is not None,
        "abandoned": answered is None and not recorded and any(connected(c) for c in customers)
                     and all(c["stays"] and c["stays"][-1][0] == "ended" for c in customers),
        "seconds_to_answer": None if answered is None else (answered - min(c["stays"][0][1] for c in channels if c["stays"])) / 10**7,
        "talk": sum(seconds(c["stays"], "connected") for c in agents),
        "hold": sum(seconds(c["stays"], "held") for c in customers),
        "wrap": sum(seconds(c["stays"], "wrap") for c in agents),
        "agents": len({c["agent"] for c in took}),
        "transfers": sum(took_over(c, took) for c in took),
    }


def connected(channel):
    return [(begin, end) for phase, begin, end in channel["stays"] if phase == "connected"]


def meetings(a, b):
    """Return the moments at which both channels begin to be connected, for longer than a moment."""
    begins = [(max(x[0], y[0]), x[1], y[1]) for x in connected(a) for y in connected(b)]
    return [at for at, *ends in begins if all(end is None or end > at for end in ends)]


def left(channel):
    """Return when wrap begins or, without wrap, when the channel ends; endless if it has not."""
    return min((begin for phase, begin, _ in channel["stays"] if phase in ("wrap", "ended")), default=float("inf"))


def took_over(channel, others):
    """Tell whether another agent was connected before and was left before this channel is."""
    before = [o for o in others if o["interaction"] == channel["interaction"] and connected(o)[0][0] < connected(channel)[0][0]]
    return bool(before) and all(left(o) < left(channel) for o in before)
# end


# part: store
# One row for each notification. The primary key makes duplicates harmless, and since the row is the event, a crash
# leaves both behind or neither.
SCHEMA = """
CREATE TABLE IF NOT EXISTS notifications (
  source TEXT NOT NULL, id TEXT NOT NULL, conversation TEXT, channel TEXT, interaction TEXT, role TEXT, agent TEXT,
  kind TEXT, ticks INTEGER, body BLOB NOT NULL, PRIMARY KEY (source, id));
CREATE INDEX IF NOT EXISTS by_conversation ON notifications (conversation, ticks);
"""


class Store:
    def __init__(self, file):
        self.lock = threading.Lock()
        self.db = sqlite3.connect(file, check_same_thread=False, timeout=5)
        self.db.execute("PRAGMA journal_mode = wal")
        self.db.executescript(SCHEMA)

    def add(self, columns, body):
        with self.lock, self.db:  # a transaction, committed at its end
            self.db.execute("INSERT OR IGNORE INTO notifications VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", columns + [body])

    def channels(self, conversation):
        with self.lock:
            rows = self.db.execute("SELECT channel, interaction, role, agent, kind, ticks FROM notifications"
                                   " WHERE conversation = ? ORDER BY ticks", [conversation.lower()]).fetchall()
        by_channel = {}
        for row in rows:
            by_channel.setdefault(row[0], []).append(row)
        return [{"channel": channel, "interaction": of_it[0][1], "role": of_it[0][2], "agent": of_it[0][3],
                 "stays": life([row[4:] for row in of_it]), "notifications": len(of_it)} for channel, of_it in by_channel.items()]
# end


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    # part: receive
    def do_POST(self):
        if self.path != "/events":
            return self.answer(404)
        body = self.body()
        if body is None:
            self.close_connection = True
            return self.answer(413)
        try:
            verify(self.server.secrets, self.headers.get("Vonage-Signature"), body)
            self.server.store.add(read(body), body)
        except Refused as why:
            self.log_error("refused: %s", why)
            return self.answer(401)
        except Unusable as why:
            self.log_error("cannot be used: %s: %r", why, body[:200])
        except sqlite3.Error as why:
            self.log_error("not stored: %s", why)
            return self.answer(503)  # it comes again
        self.answer(204)
    # end

    def body(self):
        """Return the whole body, or None if it is larger than 1 MiB."""
        most = 1 << 20
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            length = int(self.headers.get("Content-Length") or 0)
            return self.exactly(length) if length <= most else None
        body = b""
        while True:
            size = int(self.rfile.readline(100).split(b";")[0], 16)
            if len(body) + size > most:
                return None
            body += self.exactly(size)
            self.rfile.readline(100)
            if size == 0:
                return body

    def exactly(self, length):
        got = self.rfile.read(length)
        if len(got) < length:
            raise ConnectionError("the connection broke off: it comes again")
        return got

    def do_GET(self):
        """Tell what is known of a conversation. Leave it out of what others can reach."""
        channels = self.server.store.channels(self.path.rpartition("/")[2]) if self.path.startswith("/calls/") else []
        told = {"channels": [{
            "channelId": c["channel"], "interactionId": c["interaction"], "role": c["role"], "agentId": c["agent"],
            "phase": c["stays"][-1][0] if c["stays"] else None, "notifications": c["notifications"],
            "seconds": {phase: seconds(c["stays"], phase) for phase, *_ in c["stays"] if phase != "ended"},
        } for c in channels]}
        if channels:
            told.update(figures(channels))
        self.answer(200 if channels else 404, json.dumps(told).encode())

    def answer(self, status, body=b""):
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 204:
            self.wfile.write(body)

    def log_request(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, request, address):
        print("connection lost:", sys.exc_info()[1], file=sys.stderr)


if __name__ == "__main__":
    server = Server(("127.0.0.1", int(os.environ["PORT"])), Handler)
    server.secrets = os.environ["VONAGE_SECRET"].split(",")
    server.store = Store(os.environ["DATABASE"])
    server.serve_forever()
