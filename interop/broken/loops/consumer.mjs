// Receives the webhooks of a contact centre in one thread, and tells what happened in each conversation.
// Settings from the environment: PORT, SECRET, NEXT_SECRET (optional), DATA. It makes the mistake, or has the habit, that it is told.
import http from "node:http";

import { state } from "./figures.mjs";
import { read } from "./reading.mjs";
import { keyOf, open, seen, store } from "./storing.mjs";
import { verify } from "./signature.mjs";
import { M, H, PORT, LIMIT, started, Refused, Unusable } from "./settings.mjs";

function readBody(req) {
  return new Promise((resolve, reject) => {
    req.on("error", reject);
    if (M === "lock-on-headers") { /* nobody hears of a connection that is cut */ } else req.on("close", () => reject(new Error("cut off")));
    if (M === "first-chunk") {
      req.once("data", (chunk) => resolve(chunk));
      req.once("end", () => resolve(Buffer.alloc(0)));
      return;
    }
    if (M === "chunk-strings") {
      let text = "";
      req.on("data", (chunk) => (text += chunk));
      req.on("end", () => resolve(Buffer.from(text)));
      return;
    }
    const chunks = [];
    let size = 0;
    req.on("data", (chunk) => {
      size += chunk.length;
      if (size > LIMIT) {
        chunks.length = 0;
        reject(Object.assign(new Error("too large"), { status: 413 }));
      } else chunks.push(chunk);
    });
    req.on("end", () => resolve(Buffer.concat(chunks)));
  });
}

function answer(res, status, value) {
  if (res.writableEnded) return;
  if (H === "refuse-400-close") res.setHeader("Connection", "close");
  if (status === 413) res.setHeader("Connection", "close");
  if (status === 503 || status === 429) res.setHeader("Retry-After", "1");
  if (value === undefined) {
    res.writeHead(status, status === 204 ? {} : { "Content-Length": 0 }).end();
    return;
  }
  const text = JSON.stringify(value);
  if (H === "chunked-200") {
    res.writeHead(status, { "Content-Type": "application/json; charset=utf-8" });
    for (let i = 0; i < text.length; i += 500) res.write(text.slice(i, i + 500));
    res.end();
  } else res.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) }).end(text);
}

const STORED = { "reset-205": 205, "chunked-200": 200, "spool-late": 202 }[H] || 204;
const REFUSED = { "refuse-400-close": 400, "reset-205": 403 }[H] || 401;
const UNUSABLE = { "chunked-200": 400, "spool-late": 422 }[H] || 204;
let inFlight = 0;
let turn = Promise.resolve();

async function receive(req, res) {
  const body = await readBody(req);
  if (H === "slow-5ms") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  let token = req.headers["vonage-signature"];
  if (M === "raw-header-name") {
    const i = req.rawHeaders.indexOf("Vonage-Signature");
    token = i < 0 ? undefined : req.rawHeaders[i + 1];
  }
  try {
    verify(token, body);
  } catch (why) {
    if (!(why instanceof Refused)) throw why;
    answer(res, REFUSED, { error: why.message });
    if (M !== "no-return-401") return;
  }
  let e;
  try {
    e = read(body);
  } catch (why) {
    if (!(why instanceof Unusable)) throw why;
    answer(res, why.status || UNUSABLE, UNUSABLE === 204 ? undefined : { error: why.message });
    return;
  }
  if (M === "already-208" && seen.has(keyOf(e))) return answer(res, 208, { alreadyReported: e.id });
  await store(e);
  if (M === "redirect-303") {
    res.writeHead(303, { Location: `/calls/${e.conversation}`, "Content-Length": 0 }).end();
    return;
  }
  answer(res, STORED, STORED === 204 || STORED === 205 ? undefined : { stored: e.id });
}

async function events(req, res) {
  if (M === "lock-on-headers") {
    // One notification after the other.
    const before = turn;
    let release;
    turn = new Promise((done) => (release = done));
    await before;
    await receive(req, res);
    release();
    return;
  }
  if (M === "slots-leak") {
    if (inFlight >= 60) return answer(res, 503);
    inFlight++;
    await receive(req, res);
    if (res.statusCode < 300) inFlight--;
    return;
  }
  if (H === "cold-503" && Date.now() - started < 300) {
    await readBody(req);
    return answer(res, 503, { error: "starting" });
  }
  if (H === "too-many-429") {
    inFlight++;
    try {
      if (inFlight > 24) {
        await readBody(req);
        return answer(res, 429, { error: "too many" });
      }
      await receive(req, res);
    } finally {
      inFlight--;
    }
    return;
  }
  await receive(req, res);
}

open();
const server = http.createServer((req, res) => {
  const { pathname } = new URL(req.url, "http://localhost");
  if (pathname.startsWith("/calls/") && req.method === "GET") {
    const told = state(decodeURIComponent(pathname.slice(7)));
    return told ? answer(res, 200, told) : answer(res, 404, { error: "unknown" });
  }
  if (pathname !== "/events") return answer(res, 404);
  if (req.method !== "POST") return answer(res, 405);
  const handled = events(req, res);
  if (M === "length-throws") return; // an error ends the process, as Node does by itself
  handled.catch((why) => {
    if (why.message === "cut off") return;
    console.error(why.message);
    if (M === "hang-on-bad-json" && why instanceof SyntaxError | why instanceof TypeError) return;
    answer(res, why.status || 500, { error: why.message });
  });
});
server.keepAliveTimeout = 60000;
server.on("clientError", (why, socket) => socket.destroy());
server.listen({ port: PORT, host: "127.0.0.1", backlog: 1024 });
