"""What a notification of the contact centre is: is it authentic, what does it say, what follows from it."""

import base64
import binascii
import datetime
import hashlib
import hmac
import json
import re
import time
from dataclasses import dataclass, field


class NotAuthentic(Exception):
    pass


class Unusable(Exception):
    pass


# ---- Is it authentic?

def key_of(secret):
    return base64.b64decode(secret.strip(), validate=True)


def check_token(keys, headers, body):
    """Raise NotAuthentic unless headers (all values of Vonage-Signature) hold one token for this body."""
    if len(headers) != 1 or not 0 < len(headers[0]) <= 8192:
        raise NotAuthentic("no token")
    match = re.fullmatch(r"(([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+))\.([A-Za-z0-9_-]+)", headers[0].strip(" \t"))
    if not match:
        raise NotAuthentic("not a token")
    signed, head, claims, mac = match.groups()
    if token_part(head).get("alg") != "HS256":
        raise NotAuthentic("algorithm")
    macs = [base64.urlsafe_b64encode(hmac.digest(key, signed.encode(), "sha256")).rstrip(b"=") for key in keys]
    if True not in [hmac.compare_digest(m, mac.encode()) for m in macs]:
        raise NotAuthentic("another key")
    claims = token_part(claims)
    exp = claims.get("exp")
    if not isinstance(exp, float) or not exp > time.time():
        raise NotAuthentic("expired")
    claimed = claims.get("payload_hash")
    if not isinstance(claimed, str) or not hmac.compare_digest(
            claimed.encode("utf-8", "replace"), hashlib.sha256(body).hexdigest().encode()):
        raise NotAuthentic("another body")


def token_part(text):
    try:
        value = parse(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError, binascii.Error):
        raise NotAuthentic("not a token") from None
    if not isinstance(value, dict):
        raise NotAuthentic("not a token")
    return value


def parse(data):
    """Parse JSON. Numbers become floats: Python refuses to make an int of very many digits, which JSON allows."""
    def refuse(name):
        raise ValueError(name)
    return json.loads(data.decode("utf-8-sig"), parse_int=float, parse_constant=refuse)


# ---- What does it say?

@dataclass
class Notification:
    source: str
    id: str
    type: str
    kind: str = None  # None: about no channel, or of an unknown type
    version: int = None
    conversation: str = None
    channel: str = None
    interaction: str = None
    role: str = None
    agent: str = None
    at: int = None  # data.timestamp in 100 ns since 1970


# kind: (the phase in which it can happen, the phase that it begins), in the order in which they are taken in doubt
MOVES = {
    "alerted": (None, "alerting"),
    "connected": ("alerting", "connected"),
    "connectionfailed": ("alerting", "unexpected"),
    "held": ("connected", "held"),
    "parked": ("connected", "parked"),
    "interrupted": ("connected", "interrupted"),
    "retrieved": ("held", "connected"),
    "unparked": ("parked", "connected"),
    "resumed": ("interrupted", "connected"),
}
# These happen in several phases, and come behind the others of their instant.
CLOSING = {"disconnected": None, "wrapstarted": "wrap", "ended": "ended"}


def understand(body):
    try:
        message = parse(body)
    except (ValueError, RecursionError):
        raise Unusable("no JSON") from None
    if not isinstance(message, dict):
        raise Unusable("no object")
    n = Notification(text(message, "source"), text(message, "id"), text(message, "type"))
    match = re.fullmatch(r"channel\.([a-z]+)\.v([01])", n.type)
    if not match or match[1] not in {**MOVES, **CLOSING}:
        return n
    data = part(message, "data")
    channel = part(data, "channel")
    party = part(channel, "party")
    n.at = ticks(text(data, "timestamp"))
    n.conversation = text(channel, "conversationId").lower()
    n.channel = text(channel, "channelId").lower()
    n.interaction = text(channel, "interactionId")
    n.role = text(party, "role")
    n.agent = None if party.get("agentId") is None else text(party, "agentId")
    n.kind, n.version = match[1], int(match[2])
    return n


def text(members, name):
    value = members.get(name)
    if not isinstance(value, str) or not value:
        raise Unusable(f"no {name}")
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which no database takes
        raise Unusable(f"{name} is no Unicode") from None
    return value


def part(members, name):
    value = members.get(name)
    if not isinstance(value, dict):
        raise Unusable(f"no {name}")
    return value


EPOCH = datetime.datetime(1970, 1, 1)


def ticks(stamp):
    match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))", stamp, re.ASCII)
    if not match:
        raise Unusable("no timestamp")
    try:
        moment = datetime.datetime(*(int(match[i]) for i in range(1, 7))) - EPOCH
    except ValueError:
        raise Unusable("no such moment") from None
    seconds = moment.days * 86400 + moment.seconds
    if match[8]:
        seconds -= int(match[8] + "1") * (int(match[9]) * 3600 + int(match[10]) * 60)
    return seconds * 10**7 + int((match[7] or "")[:7].ljust(7, "0"))


# ---- What follows from all of a channel's notifications?

@dataclass
class Stay:
    phase: str
    begin: int
    end: int = None  # None: it lasts


@dataclass
class Channel:
    id: str
    interaction: str
    role: str
    agent: str
    events: list = field(default_factory=list)  # of (at, kind, version)
    stays: list = field(default_factory=list)

    def of(self, *phases):
        return [stay for stay in self.stays if stay.phase in phases]

    def ticks_in(self, phase):
        return sum(stay.end - stay.begin for stay in self.of(phase) if stay.end is not None)

    @property
    def phase(self):
        return self.stays[-1].phase if self.stays else None


def stays_of(events):
    """Return the stays that (at, kind, version) of a channel lead to; in which order they are given does not matter."""
    by_moment = {}
    for at, kind, version in events:
        by_moment.setdefault(at, []).append((kind, version))
    stays = []
    for at in sorted(by_moment):
        for phase in steps(stays[-1].phase if stays else None, by_moment[at]):
            if stays and stays[-1].phase in ("ended", phase):
                continue
            if stays:
                stays[-1].end = at
            stays.append(Stay(phase, at))
    return stays


def steps(phase, instant):
    """Return the phases that begin within an instant, in an order in which each event may follow the one before."""
    # An event of which both versions are sent has happened once; one that is told twice in a version, twice.
    often = {kind: max(instant.count((kind, 0)), instant.count((kind, 1))) for kind, _ in instant}
    moves = [kind for kind in MOVES for _ in range(often.get(kind, 0))]
    order = chain(phase, tuple(moves), {})
    if order is None:  # an event of the instant has not come yet
        order = []
        while moves:
            kind = next((kind for kind in moves if MOVES[kind][0] == phase), moves[0])
            moves.remove(kind)
            order.append(kind)
            phase = MOVES[kind][1]
    return [MOVES[kind][1] for kind in order] + [begins for kind, begins in CLOSING.items() if kind in often and begins]


def chain(phase, moves, known):
    if not moves:
        return []
    if (phase, moves) not in known:
        known[phase, moves] = None
        for kind in dict.fromkeys(moves):
            if MOVES[kind][0] == phase:
                rest = list(moves)
                rest.remove(kind)
                behind = chain(MOVES[kind][1], tuple(rest), known)
                if behind is not None:
                    known[phase, moves] = [kind] + behind
                    break
    return known[phase, moves]


# ---- What follows from all channels of a conversation?

LATER = float("inf")


def together(one, other):
    """Yield the moments from which both channels are connected at once, for longer than a moment."""
    for a in one.of("connected"):
        for b in other.of("connected"):
            begin = max(a.begin, b.begin)
            if begin < min(LATER if s.end is None else s.end for s in (a, b)):
                yield begin


def left(channel):
    return min((stay.begin for stay in channel.of("wrap", "ended")), default=LATER)


def figures(channels):
    def of_role(role):
        return [c for c in channels if c.role == role]
    agents, customers, boxes = of_role("agent"), of_role("external"), of_role("voicemail")
    talkers = [c for c in agents if c.of("connected")]
    meetings = [at for a in agents for b in agents + customers if a is not b for at in together(a, b)]
    heard_by_a_box = any(at for box in boxes for c in customers for at in together(box, c))

    def took_over(channel):
        begin = channel.of("connected")[0].begin
        before = [c for c in talkers if c.interaction.lower() == channel.interaction.lower() and c.of("connected")[0].begin < begin]
        return bool(before) and max(map(left, before)) < left(channel)

    return {
        "answered": bool(meetings),
        "abandoned": (not meetings and not heard_by_a_box and any(c.of("connected") for c in customers)
                      and all(c.phase == "ended" for c in customers)),
        "seconds_to_answer": (min(meetings) - min(c.events[0][0] for c in channels)) / 1e7 if meetings else None,
        "talk": sum(c.ticks_in("connected") for c in agents) / 1e7,
        "hold": sum(c.ticks_in("held") for c in customers) / 1e7,
        "wrap": sum(c.ticks_in("wrap") for c in agents) / 1e7,
        "agents": len({c.agent for c in talkers if c.agent is not None}),
        "transfers": sum(map(took_over, talkers)),
    }
