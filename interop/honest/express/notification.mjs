// What does it say? Turns the raw bytes of a body into a row of the event store.
export class Unusable extends Error {}

export const KINDS = [
  "alerted", "connected", "connectionfailed", "held", "parked", "interrupted",
  "retrieved", "unparked", "resumed", "disconnected", "wrapstarted", "ended",
];

const utf8 = new TextDecoder("utf-8", { fatal: true }); // also drops a byte order mark

export function understand(rawBody) {
  let message;
  try {
    message = JSON.parse(utf8.decode(rawBody));
  } catch {
    throw new Unusable("no JSON");
  }
  if (!isObject(message)) throw new Unusable("no JSON object");
  for (const name of ["id", "source", "type"]) {
    if (!isText(message[name])) throw new Unusable(`no ${name}`);
  }
  const row = { source: message.source, id: message.id, type: message.type };
  const type = /^(channel)\.([a-z]+)\.(v[01])$/.exec(message.type);
  if (!type || !KINDS.includes(type[2])) {
    // A presence, or a type that is new: kept as it is, it is about no channel that we tell of.
    if (message.type.startsWith("agent.presencechanged.") && !isObject(message.data)) throw new Unusable("no data");
    return row;
  }

  const channel = message.data?.channel;
  if (!isObject(channel)) throw new Unusable("no data.channel");
  for (const name of ["conversationId", "interactionId", "channelId"]) {
    if (!isText(channel[name])) throw new Unusable(`no data.channel.${name}`);
  }
  if (!isObject(channel.party) || !isText(channel.party.role)) throw new Unusable("no data.channel.party");
  const agentId = channel.party.agentId ?? null;
  if (agentId !== null && typeof agentId !== "string") throw new Unusable("agentId is no text");

  return {
    ...row,
    kind: type[2],
    version: type[3],
    conversation: channel.conversationId.toLowerCase(),
    channel: channel.channelId.toLowerCase(),
    interactionId: channel.interactionId,
    role: channel.party.role,
    agentId: agentId === "" ? null : agentId,
    at: instant(message.data.timestamp),
  };
}

// An instant in units of 100 ns since 1970, as a BigInt: a Number has no room for them.
export function instant(text) {
  const m = typeof text === "string"
    && /^(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)$/.exec(text);
  const ms = m ? Date.parse(`${m[1].toUpperCase()}${m[3].toUpperCase()}`) : NaN;
  if (Number.isNaN(ms)) throw new Unusable("no data.timestamp");
  return BigInt(ms) * 10_000n + BigInt((m[2] ?? "").slice(0, 7).padEnd(7, "0"));
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const isText = (value) => typeof value === "string" && value !== "";
