// live.js hands the events of the server to whoever listens, and shows when there are none.

import { read } from "./stream.js";

const listeners = new Map();
let lost = false;

// on calls f for each event of a kind until the signal ends it. The kind "again" means that
// events may have been missed: load everything anew.
export function on(kind, f, signal) {
  if (!listeners.has(kind)) listeners.set(kind, new Set());
  listeners.get(kind).add(f);
  signal?.addEventListener("abort", () => listeners.get(kind).delete(f));
}

function tell(kind, data) {
  for (const f of listeners.get(kind) ?? []) f(data);
}

// An answer may be older than an event that arrives before it, and what it says would stay. So events wait until the answers to
// all requests are there, and until what was done with them at once is done.
const awaited = new Set();
export function beforeEvents(answer) {
  const done = () => setTimeout(() => awaited.delete(answer));
  awaited.add(answer);
  answer.then(done, done);
  return answer;
}

async function answered() {
  while (awaited.size) {
    await Promise.allSettled(awaited);
    await new Promise((r) => setTimeout(r));
  }
}

// What is asked before events arrive may be outdated when they do. opened resolves at the first connection, or without one.
let open;
export const opened = new Promise((r) => { open = r; });

// start connects, and shows a banner while disconnected.
export function start(banner) {
  const opened = () => {
    banner.hidden = true;
    if (lost) again();
    lost = false;
    open();
  };
  const gone = () => {
    lost = true;
    open();
    if (banner.hidden) banner.textContent = "⚠ Disconnected. Reconnecting… What you see may be outdated.";
    banner.hidden = false;
  };
  try {
    together(opened, gone);
  } catch { // there are no such workers
    alone(opened, gone);
  }
}

// asleep calls sleep when the page has been hidden for a while, and wake when it is seen again.
function asleep(sleep, wake) {
  let timer = 0;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(sleep, 20_000);
    else wake();
  });
  addEventListener("pageshow", (event) => event.persisted && wake());
}

// together has a worker read the events for all tabs.
function together(opened, gone) {
  const worker = new SharedWorker("/assets/tabs.js", { type: "module", name: "ringback events" });
  const { port } = worker;
  const queue = [];
  let handling = false;
  const handle = async () => {
    if (handling) return;
    handling = true;
    while (queue.length) {
      try {
        await take(queue.shift());
      } catch (error) {
        reportError(error); // the next one may be right
      }
      port.postMessage("read");
    }
    handling = false;
  };
  let heard = false;
  port.onmessage = ({ data }) => {
    heard = true;
    if (data.connected === true) opened();
    else if (data.connected === false) gone();
    else {
      queue.push(data.block);
      handle();
    }
  };
  worker.addEventListener("error", () => heard || alone(opened, gone)); // it could not be loaded
  asleep(() => port.postMessage("asleep"), () => port.postMessage("awake"));
  addEventListener("pagehide", (event) => port.postMessage(event.persisted ? "asleep" : "gone"));
}

// alone reads the events for this page. One that is hidden must not keep a connection.
function alone(opened, gone) {
  let reading;
  const stop = () => { reading?.abort(); reading = undefined; };
  const go = () => {
    if (reading) return;
    reading = new AbortController();
    read({ opened, lost: gone, take, signal: reading.signal });
  };
  asleep(stop, () => { lost ||= !reading; go(); });
  addEventListener("pagehide", stop);
  go();
}

// take handles one event, the lines "event: kind" and "data: {…}", and leaves time for keys, clicks and frames.
let began = 0;
async function take(block) {
  await answered();
  if (performance.now() - began > 8) {
    await new Promise((r) => setTimeout(r, 8));
    began = performance.now();
  }
  const kind = /^event: ?(.*)$/m.exec(block)?.[1];
  if (kind === "missed") again();
  else if (kind && listeners.get(kind)?.size) tell(kind, JSON.parse(/^data: ?(.*)$/m.exec(block)[1]));
}

// again loads everything again, at most once in three seconds.
let asked = 0;
function again() {
  if (asked) return;
  asked = setTimeout(() => { asked = 0; tell("again"); }, lost ? 0 : 3000);
}

// every limits the calls of f to one per interval, and always makes the last one: events come
// faster than anybody reads. Nothing is painted while the page is hidden.
export function every(milliseconds, f) {
  let timer = 0;
  let last = 0;
  return () => {
    if (timer) return;
    timer = setTimeout(() => requestAnimationFrame(() => {
      timer = 0;
      last = performance.now();
      f();
    }), Math.max(0, last + milliseconds - performance.now()));
  };
}
