// Reads notifications.
import { M, Unusable } from "./settings.mjs";

export const BEGINS = {
  alerted: "alerting", connected: "connected", connectionfailed: "unexpected", held: "held", retrieved: "connected",
  parked: "parked", unparked: "connected", interrupted: "interrupted", resumed: "connected", disconnected: null,
  wrapstarted: "wrap", ended: "ended",
};
export const NEEDS = {
  alerted: null, connected: "alerting", connectionfailed: "alerting", held: "connected", retrieved: "held",
  parked: "connected", unparked: "parked", interrupted: "connected", resumed: "interrupted",
};
export const USUAL = Object.keys(BEGINS);
const isText = (v) => typeof v === "string" && v !== "";
const isObject = (v) => v !== null && typeof v === "object" && !Array.isArray(v);

export function ticksOf(stamp) {
  const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|\+00:00)$/.exec(stamp);
  const ms = found ? Date.parse(found[1] + "Z") : NaN;
  if (Number.isNaN(ms)) throw new Unusable("no timestamp");
  if (M === "fraction-as-ms") return BigInt(ms + Number(found[2] || 0)) * 10000n;
  return BigInt(ms) * 10000n + BigInt((found[2] || "").slice(0, 7).padEnd(7, "0"));
}

const MEMBERS = {
  "": ["specversion", "type", "id", "source", "subject", "time", "datacontenttype", "data"],
  data: ["timestamp", "channel", "reason"],
  channel: ["conversationId", "interactionId", "channelId", "party"],
  party: ["role", "agentId", "userId"],
};
function strict(m) {
  const check = (value, name) => {
    for (const key of Object.keys(value || {}))
      if (!MEMBERS[name].includes(key)) throw new Unusable(`${name} must NOT have additional property ${key}`, 422);
  };
  check(m, "");
  if (m.data && m.data.channel) {
    check(m.data, "data");
    check(m.data.channel, "channel");
    check(m.data.channel.party, "party");
  }
}

export function read(body) {
  let m;
  if (M === "regex-fields") {
    const text = body.toString();
    const field = (name) => (new RegExp(`"${name}":"([^"]*)"`).exec(text) || [])[1];
    if (!isText(field("type"))) throw new Unusable("no type", 400);
    m = {
      type: field("type"), id: field("id"), source: field("source"), subject: field("subject"), time: field("time"),
      data: {
        timestamp: field("timestamp"), user: { agentId: field("agentId") },
        channel: {
          conversationId: field("conversationId"), interactionId: field("interactionId"), channelId: field("channelId"),
          party: { role: field("role"), agentId: field("agentId") },
        },
      },
    };
  } else {
    try {
      m = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    } catch (why) {
      if (M === "hang-on-bad-json") throw why;
      throw new Unusable("no JSON");
    }
  }
  if (!isObject(m) || !["type", "id", "source"].every((k) => isText(m[k])) || !isObject(m.data)) throw new Unusable("no notification");
  if (M === "strict-schema") strict(m);
  const e = { source: m.source, id: m.id, type: m.type, received: Date.now() };
  const known = /^channel\.([a-z]+)\.v[01]$/.exec(m.type);
  if (M === "reread-file") e.body = body.toString();
  if (!known || !USUAL.includes(known[1])) {
    if (M === "presence-typeerror" && m.type.startsWith("agent.")) e.channel = m.data.channel.channelId;
    e.body = body.toString();
    return e;
  }
  const c = m.data.channel;
  if (!isObject(c) || !isText(c.channelId) || !isText(c.conversationId) || !isObject(c.party)) throw new Unusable("no channel");
  e.kind = known[1];
  e.conversation = c.conversationId.toLowerCase();
  e.channel = c.channelId.toLowerCase();
  e.interaction = M === "subject-interaction" ? m.subject : c.interactionId;
  e.role = c.party.role;
  e.agent = c.party.agentId ?? null;
  e.stamp = String(m.data.timestamp);
  e.time = String(m.time);
  e.ticks = String(ticksOf(e.stamp));
  if (M === "voicemail-is-agent" && e.role !== "external") e.role = e.role === "voicemail" ? "agent" : e.role;
  return e;
}
