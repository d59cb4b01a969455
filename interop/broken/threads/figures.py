"""Works out what a conversation looks like."""
from phases import life, seconds
from settings import M


def connected(channel):
    return [(begin, end) for phase, begin, end, _ in channel["stays"] if phase == "connected"]


def meetings(a, b):
    begins = [(max(x[0], y[0]), x[1], y[1]) for x in connected(a) for y in connected(b)]
    return [at for at, *ends in begins if all(end is None or end > at for end in ends)]


def left(channel):
    return min((begin for phase, begin, _, _ in channel["stays"] if phase in ("wrap", "ended")), default=float("inf"))


def took_over(channel, others):
    before = [o for o in others if o["interaction"] == channel["interaction"] and connected(o)[0][0] < connected(channel)[0][0]]
    return bool(before) and all(left(o) < left(channel) for o in before)


def figures(channels):
    agents = [c for c in channels if c["role"] == "agent"]
    customers = [c for c in channels if c["role"] == "external"]
    answered = min((at for a in agents for c in customers + agents if a is not c for at in meetings(a, c)), default=None)
    recorded = any(True for v in channels if v["role"] == "voicemail" for c in customers for _ in meetings(v, c))
    took = [c for c in agents if connected(c)]
    first = min((c["stays"][0][1] for c in channels if c["stays"]), default=None)
    talk = sum(seconds(c["stays"], "connected") for c in (channels if M == "talk-of-all" else agents))
    return {
        "answered": answered is not None,
        "abandoned": answered is None and not recorded and any(connected(c) for c in customers)
        and all(c["stays"] and c["stays"][-1][0] == "ended" for c in customers),
        "seconds_to_answer": None if answered is None else (answered - first) / 10**7,
        "talk": talk,
        "hold": sum(seconds(c["stays"], "held") for c in customers),
        "wrap": sum(seconds(c["stays"], "wrap") for c in agents),
        "agents": len({c["agent"] for c in took}),
        "transfers": sum(took_over(c, took) for c in took),
    }


def state(store, conversation):
    by_channel = {}
    for e in store.of_conversation(conversation.lower()):
        by_channel.setdefault(e.channel, []).append(e)
    if not by_channel:
        return None
    channels = []
    for channel, events in by_channel.items():
        e = events[0]
        ends = store.presences(e.agent) if M == "presence-frees" and e.agent else ()
        channels.append({"channel": channel, "interaction": e.interaction, "role": e.role, "agent": e.agent,
                         "stays": life(events, ends), "count": store.counted(channel) if M == "two-transactions" else len(events)})
    told = []
    for c in channels:
        phases = {s[0] for s in c["stays"]} - {"ended"}
        told.append({
            "channelId": c["channel"], "interactionId": c["interaction"], "role": c["role"], "agentId": c["agent"],
            "phase": c["stays"][-1][0] if c["stays"] else None,
            "seconds": {p: round(seconds(c["stays"], p), 7) for p in sorted(phases)},
            "notifications": c["count"]})
    return {"channels": told, **figures(channels)}
