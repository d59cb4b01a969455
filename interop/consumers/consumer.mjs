// A consumer of Vonage Contact Center webhooks in one file: it verifies each notification, stores it once,
// answers, and tells what it knows of a conversation. Nothing to install; Node.js 18 or newer. From 22.13 on it
// stores in SQLite; before that in memory, which a restart empties: put your own database there.
//
// VONAGE_SECRET is the secret in Base64; two, with a comma between them, while it is changed. DATABASE is a file,
// and PORT is where it listens.

import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

// part: verify
class Refused extends Error {} // answer 401

// verify returns the claims of a token for body (a Buffer) made with one of the keys (decoded secrets: Buffers, never texts
// made of them), or throws Refused.
function verify(keys, header, body, now = Date.now()) {
  const parts = (header ?? "").split(".");
  if (parts.length !== 3 || header.length > 8192) throw new Refused("no token");
  if (decode(parts[0]).alg !== "HS256") throw new Refused("algorithm");

  const madeWith = (key) => same(parts[2], createHmac("sha256", key).update(`${parts[0]}.${parts[1]}`).digest("base64url"));
  if (!keys.some(madeWith)) throw new Refused("wrong key");

  const claims = decode(parts[1]);
  if (typeof claims.exp !== "number" || !(claims.exp > now / 1000)) throw new Refused("expired");
  if (!same(String(claims.payload_hash), createHash("sha256").update(body).digest("hex"))) throw new Refused("hash");
  return claims;
}

function decode(part) {
  let value = null;
  try {
    value = JSON.parse(Buffer.from(part, "base64url").toString());
  } catch {}
  if (value === null || typeof value !== "object") throw new Refused("malformed");
  return value;
}

function same(a, b) {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
// end

// part: read
// begins are the phases that events begin. disconnected begins none: what follows it at once does.
const begins = {
  alerted: "alerting", connected: "connected", connectionfailed: "unexpected", held: "held", retrieved: "connected",
  parked: "parked", unparked: "connected", interrupted: "interrupted", resumed: "connected",
  disconnected: null, wrapstarted: "wrap", ended: "ended",
};

class Unusable extends Error {} // answer 204: a retry would bring the same bytes

// isText tells whether value is a text of Unicode. JSON can hold half of a surrogate pair, which becomes U+FFFD in a database.
const isText = (value) => typeof value === "string" && value !== "" && Buffer.from(value).toString() === value;
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

// read returns what a notification says: source and id, and the rest only if it is about a channel.
function read(body) {
  let m;
  try {
    m = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)); // toString would make U+FFFD of what is no UTF-8
  } catch {
    throw new Unusable("no JSON");
  }
  if (!isObject(m) || !isObject(m.data) || ![m.type, m.id, m.source].every(isText)) throw new Unusable("no notification");
  const { source, id } = m;
  const kind = /^channel\.(\w+)\.v[01]$/.exec(m.type)?.[1];
  if (!kind || !Object.hasOwn(begins, kind)) return { source, id }; // of an agent, or of a type that is new: it is stored as it is
  const channel = m.data.channel;
  if (!isObject(channel) || !isObject(channel.party)) throw new Unusable("no channel");
  const { conversationId, channelId, interactionId } = channel, { role } = channel.party;
  const agent = channel.party.agentId ?? null; // absent or null unless an agent or a monitor; a text, never a number
  if (![conversationId, channelId, interactionId, role].every(isText) || (agent !== null && !isText(agent))) throw new Unusable("no texts");
  return { source, id, conversation: conversationId.toLowerCase(), channel: channelId.toLowerCase(),
    interaction: interactionId.toLowerCase(), role, agent, event: m.type.slice("channel.".length), ticks: ticks(m.data.timestamp) };
}

// ticks returns a moment with 0 to 7 fractional digits in units of 100 ns since 1970: a BigInt, since a number holds 15 digits,
// and a Date milliseconds.
function ticks(moment) {
  const [, seconds, fraction = ""] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/.exec(moment) ?? [];
  const whole = Date.parse(`${seconds}Z`);
  if (Number.isNaN(whole)) throw new Unusable("no timestamp");
  return BigInt(whole) * 10000n + BigInt(fraction.slice(0, 7).padEnd(7, "0"));
}
// end

// part: lives
// needs are the phases in which events can happen, and back are the events that lead back from a phase.
const needs = {
  alerted: null, connected: "alerting", connectionfailed: "alerting", held: "connected", retrieved: "held",
  parked: "connected", unparked: "parked", interrupted: "connected", resumed: "interrupted",
};
const back = { held: "retrieved", parked: "unparked", interrupted: "resumed" };

// life returns the phase that events of a channel lead to, and how many seconds it was in each phase.
function life(events) {
  let phase = null, since = 0n;
  const seconds = {}, instants = new Map();
  for (const { ticks, event } of events) instants.set(ticks, [...(instants.get(ticks) ?? []), event]);
  for (const [at, instant] of [...instants].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const kind of inOrder(instant, phase)) {
      if (begins[kind] === null || begins[kind] === phase || phase === "ended") continue; // nothing follows ended
      if (phase !== null) seconds[phase] = (seconds[phase] ?? 0) + Number(at - since) / 1e7;
      [phase, since] = [begins[kind], at];
    }
  }
  return { phase, seconds };
}

// inOrder returns the kinds of events of one instant, such as "held.v0", in an order in which each may follow the one before.
function inOrder(events, phase) {
  const times = (event) => events.filter((other) => other === event).length;
  const often = {}; // both versions of an event are one
  for (const kind of Object.keys(begins)) often[kind] = Math.max(times(`${kind}.v0`), times(`${kind}.v1`));
  const order = [];
  for (;;) {
    const left = Object.keys(begins).filter((kind) => often[kind] > 0);
    if (left.length === 0) return order;
    const fits = left.filter((kind) => kind in needs && needs[kind] === phase);
    // Of several that fit, one goes first from which there is a way back; if none fits, one is still to come.
    const kind = fits.find((kind) => often[back[kind]] > 0) ?? fits[0] ?? left[0];
    often[kind]--;
    order.push(kind);
    phase = begins[kind] ?? phase;
  }
}
// end

// part: store
// sqlite has one row for each notification. The primary key makes duplicates harmless, and since the row is the event,
// a crash leaves both behind or neither.
function sqlite(DatabaseSync, file) {
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA journal_mode = wal; PRAGMA busy_timeout = 5000;
    CREATE TABLE IF NOT EXISTS notifications (
      source TEXT NOT NULL, id TEXT NOT NULL, conversation TEXT, channel TEXT, interaction TEXT, role TEXT, agent TEXT,
      event TEXT, ticks INTEGER, body BLOB NOT NULL, PRIMARY KEY (source, id));
    CREATE INDEX IF NOT EXISTS by_conversation ON notifications (conversation, ticks);`);
  const insert = db.prepare("INSERT INTO notifications VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
  const select = db.prepare("SELECT * FROM notifications WHERE conversation = ?");
  select.setReadBigInts(true);
  const or = (value) => value ?? null;
  return {
    add: (n, body) => insert.run(n.source, n.id, or(n.conversation), or(n.channel), or(n.interaction), or(n.role), or(n.agent), or(n.event), or(n.ticks), body),
    of: (conversation) => select.all(conversation),
  };
}
// end

function memory() {
  const known = new Set(), conversations = new Map();
  return {
    add(n) {
      const key = JSON.stringify([n.source, n.id]);
      if (known.has(key)) return;
      known.add(key);
      if (!n.conversation) return;
      if (!conversations.has(n.conversation)) conversations.set(n.conversation, []);
      conversations.get(n.conversation).push(n);
    },
    of: (conversation) => conversations.get(conversation) ?? [],
  };
}

const keys = process.env.VONAGE_SECRET.split(",").map((secret) => {
  if (!/^[A-Za-z0-9+/]{2,}={0,2}$/.test(secret)) throw new Error("VONAGE_SECRET is not Base64");
  return Buffer.from(secret, "base64");
});
const { DatabaseSync } = await import("node:sqlite").catch(() => ({}));
const store = DatabaseSync ? sqlite(DatabaseSync, process.env.DATABASE) : memory();

// part: receive
async function receive(request) {
  const body = await whole(request);
  if (!body) return 413;
  try {
    verify(keys, request.headers["vonage-signature"], body);
    store.add(read(body), body);
  } catch (error) {
    console.error(error.message);
    if (error instanceof Refused) return 401;
    if (!(error instanceof Unusable)) return 503; // not stored: it comes again
  }
  return 204;
}

// whole is the raw body, or null if it is larger than 1 MiB.
async function whole(request) {
  const pieces = [];
  let length = 0;
  for await (const piece of request) {
    if ((length += piece.length) <= 1 << 20) pieces.push(piece); // whoever stops reading cuts the connection, and cannot answer
  }
  return length > 1 << 20 ? null : Buffer.concat(pieces);
}
// end

// tell returns what is known of a conversation. Leave it out of what others can reach.
function tell(conversation) {
  const channels = new Map();
  for (const n of store.of(conversation.toLowerCase())) channels.set(n.channel, [...(channels.get(n.channel) ?? []), n]);
  return [...channels].map(([channelId, of]) => ({
    channelId, interactionId: of[0].interaction, role: of[0].role, agentId: of[0].agent, ...life(of), notifications: of.length,
  }));
}

const server = createServer(async (request, response) => {
  try {
    if (request.method === "POST" && request.url === "/events") return response.writeHead(await receive(request)).end();
    const channels = request.url.startsWith("/calls/") ? tell(request.url.slice("/calls/".length)) : [];
    response.writeHead(channels.length ? 200 : 404, { "Content-Type": "application/json" }).end(JSON.stringify({ channels }));
  } catch (error) { // the connection broke off: it comes again
    console.error(error.message);
    response.destroy();
  }
});
server.keepAliveTimeout = 75_000; // else 5 s, and connections are cut that the sender is about to use
server.listen(Number(process.env.PORT), "127.0.0.1");
