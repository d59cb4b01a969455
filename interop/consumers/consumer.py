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


def verify(keys, header, body, now=None):
    """Return the claims of a token for body (bytes) made with one of the keys (decoded secrets), or raise Refused."""
    if not header or len(header) > 8192 or header.count(".") != 2 or not header.isascii():
        raise Refused("no token")
    text, _, signature = header.encode("ascii").rpartition(b".")
    head, payload = text.split(b".")
    if decode(head).get("alg") != "HS256":
        raise Refused("algorithm")

    def made_with(key):
        digest = hmac.new(key, text, hashlib.sha256).digest()
        return hmac.compare_digest(signature, base64.urlsafe_b64encode(digest).rstrip(b"="))

    if not any(made_with(key) for key in keys):
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
        value = parse(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        raise Refused("malformed") from None
    if not isinstance(value, dict):
        raise Refused("malformed")
    return value


def parse(text):
    """Parse JSON. Left alone, Python takes NaN and UTF-16 for JSON, and refuses integers of more than 4,300 digits."""
    def refuse(name):
        raise ValueError(name)
    return json.loads(text.decode("utf-8"), parse_int=float, parse_constant=refuse)
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
        m = parse(body)
    except (ValueError, RecursionError):
        raise Unusable("no JSON") from None
    if not isinstance(m, dict) or not isinstance(m.get("data"), dict) or not all(is_text(m.get(k)) for k in ("type", "id", "source")):
        raise Unusable("no notification")
    known = re.fullmatch(r"channel\.(\w+)\.v[01]", m["type"])
    if not known or known[1] not in BEGINS:  # of an agent, or of a type that is new: it is stored as it is
        return [m["source"], m["id"]] + [None] * 7
    channel = m["data"].get("channel")
    party = channel.get("party") if isinstance(channel, dict) else None
    if not isinstance(party, dict):
        raise Unusable("no party")
    needed = [channel.get("conversationId"), channel.get("channelId"), channel.get("interactionId"), party.get("role")]
    agent = party.get("agentId")  # absent or null unless an agent or a monitor; a text, never a number
    if not all(is_text(text) for text in needed) or not (agent is None or is_text(agent)):
        raise Unusable("no texts")
    conversation, channel, interaction, role = needed
    return [m["source"], m["id"], conversation.lower(), channel.lower(), interaction.lower(), role, agent,
            m["type"][len("channel."):], ticks(m["data"].get("timestamp"))]


def is_text(value):
    """Tell whether value is a text of Unicode. JSON can hold half of a surrogate pair, which no database takes."""
    return isinstance(value, str) and value != "" and not re.search("[\ud800-\udfff]", value)


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
# The phases in which events can happen, and the events that lead back from a phase.
NEEDS = {
    "alerted": None, "connected": "alerting", "connectionfailed": "alerting", "held": "connected", "retrieved": "held",
    "parked": "connected", "unparked": "parked", "interrupted": "connected", "resumed": "interrupted",
}
BACK = {"held": "retrieved", "parked": "unparked", "interrupted": "resumed"}


def life(events):
    """Return the phases that events of a channel, such as ("held.v0", ticks), lead to, each with its beginning and end in ticks."""
    stays, phase = [], None
    for moment in sorted({at for _, at in events}):
        for kind in in_order([event for event, at in events if at == moment], phase):
            if BEGINS[kind] in (None, phase) or phase == "ended":  # nothing follows ended
                continue
            if stays:
                stays[-1][2] = moment
            phase = BEGINS[kind]
            stays.append([phase, moment, None])
    return stays


def in_order(events, phase):
    """Return the kinds of events of one instant in an order in which each may follow the one before."""
    often = {kind: max(events.count(kind + ".v0"), events.count(kind + ".v1")) for kind in BEGINS}  # both versions of an event are one
    order = []
    while any(often.values()):
        left = [kind for kind in BEGINS if often[kind]]
        fits = [kind for kind in left if kind in NEEDS and NEEDS[kind] == phase]
        # Of several that fit, one goes first from which there is a way back; if none fits, one is still to come.
        kind = next((kind for kind in fits if often.get(BACK.get(kind))), (fits or left)[0])
        often[kind] -= 1
        order.append(kind)
        phase = BEGINS[kind] or phase
    return order


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
        "agents": len({c["agent"] for c in took} - {None}),
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
    """Tell whether others, agents' channels, were connected before this channel, and are left before it is left."""
    before = [o for o in others if o["interaction"] == channel["interaction"] and connected(o)[0][0] < connected(channel)[0][0]]
    return bool(before) and all(left(o) < left(channel) for o in before)
# end


# part: store
# One row for each notification. The primary key makes duplicates harmless, and since the row is the event, a crash
# leaves both behind or neither.
SCHEMA = """
CREATE TABLE IF NOT EXISTS notifications (
  source TEXT NOT NULL, id TEXT NOT NULL, conversation TEXT, channel TEXT, interaction TEXT, role TEXT, agent TEXT,
  event TEXT, ticks INTEGER, body BLOB NOT NULL, PRIMARY KEY (source, id));
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
            rows = self.db.execute("SELECT channel, interaction, role, agent, event, ticks FROM notifications"
                                   " WHERE conversation = ? ORDER BY ticks", [conversation.lower()]).fetchall()
        by_channel = {}
        for row in rows:
            by_channel.setdefault(row[0], []).append(row)
        return [{"channel": channel, "interaction": of_it[0][1], "role": of_it[0][2], "agent": of_it[0][3],
                 "stays": life([row[4:] for row in of_it]), "notifications": len(of_it)} for channel, of_it in by_channel.items()]
# end


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # else 1.0: a connection for each notification
    disable_nagle_algorithm = True
    timeout = 60

    # part: receive
    def do_POST(self):
        if self.path != "/events":
            return self.answer(404)
        body = self.body()
        if body is None:
            return self.too_large()
        try:
            verify(self.server.keys, self.headers.get("Vonage-Signature"), body)
            self.server.store.add(read(body), body)
        except Refused as why:
            self.log_error("refused: %s", why)
            return self.answer(401)
        except Unusable as why:
            self.log_error("cannot be used: %s: %r", why, body[:200])
        except Exception as why:
            self.log_error("not stored: %r", why)
            return self.answer(503)  # it comes again
        self.answer(204)
    # end

    def body(self):
        """Return the whole body, or None if it is larger than 1 MiB."""
        most = 1 << 20
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            length = int(self.headers.get("Content-Length") or 0)
            return self.exactly(length) if 0 <= length <= most else None
        body = b""
        while True:
            size = int(self.rfile.readline(100).split(b";")[0], 16)
            if not 0 <= size <= most - len(body):
                return None
            body += self.exactly(size)
            self.rfile.readline(100)
            if size == 0:
                return body

    def too_large(self):
        """Answer 413, and read on for a moment, or else the sender might see a reset in place of the answer."""
        self.close_connection = True
        self.answer(413)
        self.connection.settimeout(1)
        for _ in range(256):
            if not self.rfile.read1(65536):
                break

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
        if self.close_connection:
            self.send_header("Connection", "close")
        if status != 204:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 204:
            self.wfile.write(body)

    def log_request(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128  # else 5, and some of a burst of connections wait for a second

    def handle_error(self, request, address):
        print("connection lost:", sys.exc_info()[1], file=sys.stderr)


if __name__ == "__main__":
    server = Server(("127.0.0.1", int(os.environ["PORT"])), Handler)
    server.keys = [base64.b64decode(secret, validate=True) for secret in os.environ["VONAGE_SECRET"].split(",")]
    if not all(server.keys):
        sys.exit("VONAGE_SECRET is empty")
    server.store = Store(os.environ["DATABASE"])
    server.serve_forever()
