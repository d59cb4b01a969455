"""Works out the phases of a channel from its events."""
import datetime

from reading import BEGINS, NEEDS, RANK, parse_ticks
from settings import M


def in_order(events):
    """Yield (kind, ticks) of a channel's events as they happened."""
    if M == "arrival-order":
        yield from ((e.kind, e.ticks) for e in events)
        return
    if M == "ksuid-order":
        yield from ((e.kind, e.ticks) for e in sorted(events, key=lambda e: e.id))
        return
    if M == "ties-as-they-came":
        yield from ((e.kind, e.ticks) for e in sorted(events, key=lambda e: e.ticks))
        return
    if M == "ties-by-name":
        yield from ((e.kind, e.ticks) for e in sorted(events, key=lambda e: (e.ticks, e.kind)))
        return
    phase = None
    key = (lambda e: e.stamp) if M == "text-stamps" else (lambda e: e.ticks)
    if M == "time-order":
        key = lambda e: parse_ticks(e.time)
    instants = {}
    for e in events:
        instants.setdefault(key(e), {})[e.kind] = e.ticks
    for moment in sorted(instants):
        instant = instants[moment]
        left = sorted(instant, key=RANK.get)
        while left:
            kind = next((k for k in left if k in NEEDS and NEEDS[k] == phase), left[0])
            left.remove(kind)
            phase = BEGINS[kind] or phase
            yield kind, instant[kind]


def life(events, ends=()):
    """Return the stays [phase, begin, end] of a channel, and what ended each."""
    stays = []
    sequence = list(in_order(events))
    if M == "presence-frees" and sequence:
        sequence = sorted(sequence + [("ended", at) for at in ends if at > sequence[0][1]], key=lambda s: s[1])
    for kind, at in sequence:
        phase = BEGINS[kind]
        if stays and stays[-1][0] == "ended" and M not in ("arrival-order",):
            break
        if M == "only-later" and stays and phase and at <= stays[-1][1]:
            continue
        if phase is None or (stays and stays[-1][0] == phase):
            continue
        if stays:
            stays[-1][2] = at
            stays[-1][3] = kind
        stays.append([phase, at, None, None])
    return stays


def length(begin, end):
    if M in ("local-times", "timedelta-seconds", "midnight-cut"):
        epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
        a, b = (epoch + datetime.timedelta(microseconds=t / 10) for t in (begin, end))
        if M == "local-times":
            from zoneinfo import ZoneInfo
            a, b = (t.astimezone(ZoneInfo("Europe/Berlin")).replace(tzinfo=None) for t in (a, b))
            return (b - a).total_seconds()
        if M == "midnight-cut":
            if b.date() != a.date():
                b = datetime.datetime.combine(a.date() + datetime.timedelta(days=1), datetime.time(0), datetime.timezone.utc)
            return (b - a).total_seconds()
        return (b - a).seconds
    return (end - begin) / 10**7


CLOSERS = {"held": "retrieved", "parked": "unparked", "interrupted": "resumed"}


def seconds(stays, wanted):
    total = 0
    for phase, begin, end, closer in stays:
        if phase != wanted or end is None:
            continue
        if M == "close-on-retrieved" and phase in CLOSERS and closer != CLOSERS[phase]:
            continue
        total += length(begin, end)
        if M == "first-hold-only" and phase == "held":
            break
    return total
