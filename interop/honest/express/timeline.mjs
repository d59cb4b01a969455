// What happened to a channel? Folds its events into stays: [{phase, from, to}], to being null while it lasts.
import { KINDS } from "./notification.mjs";

const MOVES = {
  alerted: { from: [null], to: "alerting" },
  connected: { from: ["alerting"], to: "connected" },
  connectionfailed: { from: ["alerting"], to: "unexpected" },
  held: { from: ["connected"], to: "held" },
  parked: { from: ["connected"], to: "parked" },
  interrupted: { from: ["connected"], to: "interrupted" },
  retrieved: { from: ["held"], to: "connected" },
  unparked: { from: ["parked"], to: "connected" },
  resumed: { from: ["interrupted"], to: "connected" },
};
const LAST = ["disconnected", "wrapstarted", "ended"]; // always behind all else of their instant

export function timeline(events) {
  const stays = [];
  const instants = new Map();
  for (const event of events) {
    if (!instants.has(event.at)) instants.set(event.at, []);
    instants.get(event.at).push(event);
  }
  const moments = [...instants.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  for (const at of moments) {
    const now = stays.at(-1);
    if (now?.phase === "ended") break; // nothing follows
    for (const kind of inOrder(now?.phase ?? null, happenings(instants.get(at)))) enter(stays, kind, at);
  }
  return stays;
}

function enter(stays, kind, at) {
  const phase = MOVES[kind]?.to ?? { wrapstarted: "wrap", ended: "ended" }[kind]; // none for disconnected
  const now = stays.at(-1);
  if (!phase || now?.phase === phase || now?.phase === "ended") return;
  if (now) now.to = at;
  stays.push({ phase, from: at, to: null });
}

// How often each kind happened within an instant. v0 and v1 tell of the same thing, so the version with more of them
// counts; two notifications of one version are two happenings.
function happenings(events) {
  const count = {};
  for (const { kind, version } of events) {
    (count[kind] ??= { v0: 0, v1: 0 })[version]++;
  }
  return Object.fromEntries(Object.entries(count).map(([kind, { v0, v1 }]) => [kind, Math.max(v0, v1)]));
}

// The order of the kinds of one instant: one in which each may follow the one before, if there is any.
function inOrder(phase, count) {
  const moves = Object.fromEntries(Object.keys(MOVES).filter((kind) => count[kind]).map((kind) => [kind, count[kind]]));
  const tail = LAST.filter((kind) => count[kind]);
  return [...(lawful(phase, moves, new Set()) ?? bestEffort(phase, moves)), ...tail];
}

function lawful(phase, left, dead) {
  const kinds = KINDS.filter((kind) => left[kind] > 0);
  if (kinds.length === 0) return [];
  const key = `${phase} ${kinds.map((kind) => kind + left[kind])}`;
  if (dead.has(key)) return null;
  for (const kind of kinds) {
    if (!MOVES[kind].from.includes(phase)) continue;
    const rest = lawful(MOVES[kind].to, { ...left, [kind]: left[kind] - 1 }, dead);
    if (rest) return [kind, ...rest];
  }
  dead.add(key);
  return null;
}

// One is missing yet: whichever fits, else the first of the table.
function bestEffort(phase, moves) {
  const left = { ...moves };
  const order = [];
  for (;;) {
    const kinds = KINDS.filter((kind) => left[kind] > 0);
    if (kinds.length === 0) return order;
    const kind = kinds.find((k) => MOVES[k].from.includes(phase)) ?? kinds[0];
    left[kind]--;
    order.push(kind);
    phase = MOVES[kind].to;
  }
}
