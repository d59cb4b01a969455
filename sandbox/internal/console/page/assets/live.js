// live.js receives the events of the server, reconnects when the stream ends, and shows that.

const listeners = new Map();
let stream; // what ends the connection
let wait = 500; // ms until the next try
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

// start connects, shows a banner while disconnected, and reconnects.
export function start(banner) {
  // A browser opens six connections to a server. A hidden page must not keep one.
  let sleep = 0;
  const stop = () => { stream?.abort(); stream = undefined; };
  const go = () => { if (!stream) { lost = true; connect(banner); } };
  document.addEventListener("visibilitychange", () => {
    clearTimeout(sleep);
    if (document.hidden) sleep = setTimeout(stop, 20_000);
    else go();
  });
  addEventListener("pagehide", stop);
  addEventListener("pageshow", go);
  connect(banner);
}

async function connect(banner) {
  const mine = stream = new AbortController();
  try {
    const response = await fetch("/sandbox/v1/events", { headers: { Accept: "text/event-stream" }, signal: mine.signal, cache: "no-store" });
    if (!response.ok) throw new Error(`the server responded with ${response.status}`);
    wait = 500;
    banner.hidden = true;
    if (lost) again();
    lost = false;
    open();
    await read(response.body.pipeThrough(new TextDecoderStream()).getReader());
  } catch {
    // Disconnected, whatever the reason; the banner says so.
  }
  if (stream !== mine) return;
  lost = true;
  open();
  if (banner.hidden) banner.textContent = "⚠ Disconnected. Reconnecting… What you see may be outdated.";
  banner.hidden = false;
  setTimeout(() => { if (stream === mine) connect(banner); }, wait);
  wait = Math.min(wait * 2, 5000);
}

// read reads the stream only as fast as the page can handle it. The server then skips events and
// says so; an EventSource would read and queue all of them.
async function read(reader) {
  let rest = "";
  let began = performance.now();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      await answered();
      take(block);
      if (performance.now() - began > 8) {
        await new Promise((r) => setTimeout(r, 8)); // for keys, clicks and frames
        began = performance.now();
      }
    }
  }
}

// take handles one event: the lines "event: kind" and "data: {…}".
function take(block) {
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
