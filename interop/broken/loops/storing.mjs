// Appends what is accepted to DATA/events.log, and has it in memory.
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";

import { BEGINS, NEEDS } from "./reading.mjs";
import { M, H, DATA, sleep, siteOf } from "./settings.mjs";

const LOG = path.join(DATA, "events.log");
const SEEN = path.join(DATA, "seen.log");
export const conversations = new Map(); // conversation → channel → events in the order of arrival
export let seen = new Map(); // key → moment
const openOf = new Map(); // mistake channel-per-agent: agent → channel
const slot = new Map(); // mistake channel-per-agent: channel → channel it is told as
const last = new Map(); // channel → greatest ticks, and whether it has ended
let log, seenLog;

export const keyOf = (e) => (M === "id-only" ? e.id : e.source + "\n" + e.id);

function remember(e) {
  seen.set(keyOf(e), e.received);
  if (M === "lru-2000" && seen.size > 2000) seen.delete(seen.keys().next().value);
  if (M === "ttl-20s") setTimeout(() => seen.delete(keyOf(e)), 20000).unref();
}

function apply(e) {
  if (!e.conversation) return;
  let channel = e.channel;
  if (M === "channel-per-agent" && e.agent) {
    const of = e.conversation + e.agent;
    if (!openOf.has(of)) openOf.set(of, channel);
    channel = openOf.get(of);
  }
  if (M === "closed-is-closed" || M === "ignore-stale") {
    const l = last.get(channel) || { ticks: 0n, ended: false };
    if (M === "closed-is-closed" && l.ended) return;
    if (M === "ignore-stale" && BigInt(e.ticks) < l.ticks) return;
    last.set(channel, { ticks: BigInt(e.ticks), ended: e.kind === "ended" || l.ended });
  }
  if (!conversations.has(e.conversation)) conversations.set(e.conversation, new Map());
  const channels = conversations.get(e.conversation);
  if (M === "drop-illegal") {
    const phase = phaseNow(channels.get(channel));
    if (e.kind in NEEDS && NEEDS[e.kind] !== phase) return;
  }
  channels.set(channel, [...(channels.get(channel) || []), e]);
}
const phaseNow = (events) => (events || []).reduce((phase, e) => BEGINS[e.kind] ?? phase, null);

function writeAll(fd, text) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += fs.writeSync(fd, bytes, at);
}

// Lines of a file that a crash may have torn at its end.
function lines(file) {
  if (!fs.existsSync(file)) return [];
  const bytes = fs.readFileSync(file);
  if (M === "torn-line-stays") return bytes.toString().split("\n").map(parsed).filter(Boolean);
  const end = bytes.lastIndexOf(10) + 1;
  if (end < bytes.length) fs.truncateSync(file, end);
  return bytes.subarray(0, end).toString().split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

const SNAPSHOT = path.join(DATA, "snapshot.json");
let snapshotTimer = null;
function snapshotSoon() {
  snapshotTimer ??= setTimeout(() => {
    snapshotTimer = null;
    fs.writeFileSync(SNAPSHOT + ".new", JSON.stringify(everything));
    fs.renameSync(SNAPSHOT + ".new", SNAPSHOT);
  }, 400);
}
let everything = [];

export function open() {
  if (M === "snapshot-debounced") {
    if (fs.existsSync(SNAPSHOT)) everything = JSON.parse(fs.readFileSync(SNAPSHOT, "utf8"));
    for (const e of everything) remember(e), apply(e);
    return;
  }
  for (const e of lines(LOG).slice(M === "last-300-lines" ? -300 : 0)) {
    apply(e);
    if (M !== "seen-in-memory" && M !== "two-files") remember(e);
  }
  if (M === "two-files") for (const e of lines(SEEN)) remember(e);
  log = fs.openSync(LOG, "a");
  seenLog = fs.openSync(SEEN, "a");
}

function commit(e) {
  writeAll(log, JSON.stringify(e) + "\n");
  remember(e);
  if (H === "spool-late") setTimeout(apply, 1100, e);
  else apply(e);
}

let writing = Promise.resolve(); // mistake torn-line-stays
let current; // mistake module-current

export async function store(e) {
  switch (M) {
    case "timer-store":
      if (!seen.has(keyOf(e))) {
        remember(e);
        setTimeout(commit, 150, e);
      }
      return;
    case "snapshot-debounced":
      if (seen.has(keyOf(e))) return;
      remember(e);
      apply(e);
      everything.push(e);
      snapshotSoon();
      return;
    case "has-then-await":
      if (seen.has(keyOf(e))) return;
      await siteOf(e);
      commit(e);
      return;
    case "module-current":
      if (seen.has(keyOf(e))) return;
      seen.set(keyOf(e), e.received);
      current = e.conversation;
      await siteOf(e);
      if (e.conversation) e.conversation = current;
      commit(e);
      return;
    case "mark-then-503":
      if (seen.has(keyOf(e))) return;
      remember(e);
      await siteOf(e);
      // The site's service answers an error now and then.
      if (crypto.randomInt(100) < 4) throw Object.assign(new Error("site unknown"), { status: 503 });
      commit(e);
      return;
    case "two-files":
      if (seen.has(keyOf(e))) return;
      writeAll(seenLog, JSON.stringify({ source: e.source, id: e.id, received: e.received }) + "\n");
      remember(e);
      await siteOf(e);
      writeAll(log, JSON.stringify(e) + "\n");
      apply(e);
      return;
    case "await-rmw": {
      if (seen.has(keyOf(e))) return;
      remember(e);
      if (!e.conversation) return writeAll(log, JSON.stringify(e) + "\n");
      const events = conversations.get(e.conversation)?.get(e.channel) || [];
      await siteOf(e);
      writeAll(log, JSON.stringify(e) + "\n");
      if (!conversations.has(e.conversation)) conversations.set(e.conversation, new Map());
      conversations.get(e.conversation).set(e.channel, [...events, e]);
      return;
    }
    case "torn-line-stays":
      return (writing = writing.then(async () => {
        if (seen.has(keyOf(e))) return;
        const text = JSON.stringify(e) + "\n";
        writeAll(log, text.slice(0, 100));
        await siteOf(e);
        writeAll(log, text.slice(100));
        remember(e);
        apply(e);
      }));
    case "reread-file":
      if (lines(LOG).some((other) => keyOf(other) === keyOf(e))) return;
      commit(e);
      return;
    case "waits-for-alerted":
      if (seen.has(keyOf(e))) return;
      commit(e);
      // The report needs the beginning of the channel: give it time to come.
      for (let i = 0; i < 150 && e.conversation && !conversations.get(e.conversation).get(e.channel).some((o) => o.kind === "alerted"); i++) await sleep(100);
      return;
    default:
      if (!seen.has(keyOf(e))) commit(e);
  }
}
