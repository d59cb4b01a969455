// Works out the phases of a channel from its events.
import { BEGINS, NEEDS, USUAL, ticksOf } from "./reading.mjs";
import { M } from "./settings.mjs";

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const RANKS = {
  alerted: 0, connected: 1, retrieved: 2, unparked: 2, resumed: 2, held: 3, parked: 3, interrupted: 3, connectionfailed: 3,
  disconnected: 4, wrapstarted: 5, ended: 6,
};

function inOrder(events) {
  const of = (e) => ({ kind: e.kind, at: BigInt(e.ticks), received: BigInt(e.received) * 10000n });
  if (M === "drop-illegal") return events.map(of);
  if (M === "rank-table") return [...events].sort((a, b) => compare(BigInt(a.ticks), BigInt(b.ticks)) || RANKS[a.kind] - RANKS[b.kind]).map(of);
  const instants = new Map();
  for (const e of events) {
    const moment = M === "sort-strings" ? e.stamp : M === "sort-by-time" ? ticksOf(e.time) : BigInt(e.ticks);
    if (!instants.has(moment)) instants.set(moment, new Map());
    if (!instants.get(moment).has(e.kind)) instants.get(moment).set(e.kind, e);
  }
  const result = [];
  let phase = null;
  for (const moment of [...instants.keys()].sort(compare)) {
    const left = [...instants.get(moment).values()].sort((a, b) => USUAL.indexOf(a.kind) - USUAL.indexOf(b.kind));
    while (left.length) {
      const fits = left.findIndex((e) => e.kind in NEEDS && NEEDS[e.kind] === phase);
      const [e] = left.splice(Math.max(fits, 0), 1);
      phase = BEGINS[e.kind] ?? phase;
      result.push(of(e));
    }
  }
  return result;
}

export function life(events) {
  const stays = [];
  for (const { kind, at, received } of inOrder(events)) {
    let phase = BEGINS[kind];
    const now = stays.at(-1);
    if (now?.phase === "ended") break;
    if (M === "unexpected-is-wrap" && phase === "unexpected") phase = "wrap";
    if (M === "any-answer" && now?.phase === "alerting" && kind === "connectionfailed") phase = "connected";
    if (M === "only-later" && now && phase && at <= now.begin) continue;
    if (!phase || now?.phase === phase) continue;
    if (now) Object.assign(now, { end: at, gone: received });
    stays.push({ phase, begin: at, came: received });
  }
  return stays;
}

function lengthOf({ begin, end, came, gone }) {
  if (M === "arrival-durations") return Number(gone - came) / 1e7;
  if (M === "time-of-day") {
    const ofDay = (t) => {
      const d = new Date(Number(t / 10000n));
      return d.getUTCHours() * 3600 + d.getUTCMinutes() * 60 + d.getUTCSeconds() + d.getUTCMilliseconds() / 1000;
    };
    return Math.max(0, ofDay(end) - ofDay(begin));
  }
  if (M === "round-seconds") return Math.round(Number(end - begin) / 1e7);
  return Number(end - begin) / 1e7;
}

export function seconds(stays, phase) {
  const lengths = stays.filter((s) => s.phase === phase && s.end !== undefined).map(lengthOf);
  if (M === "hold-once" && phase !== "connected") return lengths.at(-1) ?? 0;
  return lengths.reduce((sum, s) => sum + s, 0);
}
