"""Reads notifications."""
import calendar
import collections
import datetime
import json
import re
import time
import uuid

from settings import M, H, Unusable


BEGINS = {
    "alerted": "alerting", "connected": "connected", "connectionfailed": "unexpected",
    "held": "held", "retrieved": "connected", "parked": "parked", "unparked": "connected",
    "interrupted": "interrupted", "resumed": "connected", "disconnected": None, "wrapstarted": "wrap", "ended": "ended",
}
NEEDS = {
    "alerted": None, "connected": "alerting", "connectionfailed": "alerting", "held": "connected", "retrieved": "held",
    "parked": "connected", "unparked": "parked", "interrupted": "connected", "resumed": "interrupted",
}
USUAL = list(BEGINS)
RANK = {kind: n for n, kind in enumerate(USUAL)}

Event = collections.namedtuple(
    "Event", "source id type conversation channel interaction role agent kind stamp ticks time", defaults=[None] * 9)


def is_text(value):
    return isinstance(value, str) and value != ""


def parse_int(text):
    return int(text) if len(text) < 400 else float(text)


class Channel:
    """What a notification says of a channel (mistake channel-kwargs: takes it by keyword)."""

    def __init__(self, conversationId=None, interactionId=None, channelId=None, party=None):
        self.conversationId, self.interactionId, self.channelId, self.party = conversationId, interactionId, channelId, party


def parse_ticks(stamp):
    if M == "strptime-micros":
        moment = datetime.datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%S.%fZ")
        return calendar.timegm(moment.timetuple()) * 10**7 + moment.microsecond * 10
    found = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|\+00:00)", str(stamp))
    if not found:
        raise Unusable("no timestamp")
    try:
        seconds = calendar.timegm(time.strptime(found[1], "%Y-%m-%dT%H:%M:%S"))
    except ValueError:
        raise Unusable("no such moment") from None
    return seconds * 10**7 + int((found[2] or "")[:7].ljust(7, "0"))


def read(body):
    """Return the Event of a body; beyond `type` only if it is one of the twelve about a channel."""
    if M == "find-in-text":
        text = body.decode(errors="replace")
        if '"specversion":"1.0"' not in text:
            raise Unusable("no CloudEvent", 400)
    try:
        m = json.loads(body, parse_int=parse_int)
    except (ValueError, RecursionError):
        if M == "unusable-500":
            raise
        raise Unusable("no JSON") from None
    if not isinstance(m, dict) or not all(is_text(m.get(k)) for k in ("type", "id", "source")):
        raise Unusable("no notification")
    data = m.get("data")
    if not isinstance(data, dict):
        raise Unusable("no data")
    known = re.fullmatch(r"channel\.([a-z]+)\.v[01]", m["type"])
    if M == "only-v0" and m["type"].endswith(".v1"):
        raise Unusable("unsupported event type version", 422)
    if m["type"].startswith("agent.presencechanged.v"):
        if M == "presence-keyerror":
            data["channel"]["channelId"]
        user = data.get("user")
        agent = user.get("agentId") if isinstance(user, dict) else None
        try:
            at = parse_ticks(data.get("timestamp"))
        except (Unusable, ValueError):
            at = None
        return Event(m["source"], m["id"], m["type"], agent=agent if isinstance(agent, str) else None, kind="presence", ticks=at)
    if not known or known[1] not in BEGINS:
        if M == "enum-types":
            raise Unusable("%r is not a valid EventType" % m["type"], 422)
        return Event(m["source"], m["id"], m["type"])
    c = data.get("channel")
    if not isinstance(c, dict) or not is_text(c.get("channelId")) or not is_text(c.get("conversationId")):
        raise Unusable("no channel")
    if M == "channel-kwargs":
        c = vars(Channel(**c))
    party = c.get("party")
    if not isinstance(party, dict):
        raise Unusable("no party")
    role = party.get("role")
    agent = party.get("agentId")
    if M == "agent-keyerror":
        agent = party["agentId"]
    if M == "none-strip":
        agent = party.get("agentId", "").strip() or None
    if M == "int-agent" and isinstance(agent, str) and agent.isdigit():
        agent = int(agent)
    if M == "monitor-is-agent":
        role = "agent" if agent else role
    if M == "uuid4-only":
        try:
            if any(uuid.UUID(c[k]).version != 4 for k in ("conversationId", "interactionId", "channelId")):
                raise ValueError
        except ValueError:
            raise Unusable("not a UUID of version 4", 422) from None
    interaction = c.get("interactionId")
    if M == "subject-is-interaction":
        interaction = m.get("subject")
    for value in (role, interaction):
        if value is not None and not isinstance(value, str):
            raise Unusable("no text")
    if agent is not None and not isinstance(agent, (str, int)):
        raise Unusable("no text")
    kind = known[1]
    if M == "park-is-hold":
        kind = {"parked": "held", "unparked": "retrieved"}.get(kind, kind)
    channel = c["channelId"].lower()
    if M == "channel-by-agent":
        channel = "%s/%s" % (interaction, agent or role)
    event = Event(m["source"], m["id"], m["type"], c["conversationId"].lower(), channel,
                  interaction, role, agent, kind, str(data.get("timestamp")), parse_ticks(data.get("timestamp")), str(m.get("time")))
    try:
        "".join(str(v) for v in event).encode()
    except UnicodeEncodeError:
        raise Unusable("no Unicode") from None
    return event
