// api.js calls the control API. Every response that is not a success is thrown as Refused.

import { beforeEvents, opened } from "./live.js";

const base = "/sandbox/v1";

// Refused is a response other than 2xx; answer is its body.
export class Refused extends Error {
  constructor(status, answer) {
    super(answer.message || `the server responded with ${status}`);
    this.status = status;
    this.answer = answer;
  }
}

// call sends one request. A creating POST carries a key, so that a repeat creates nothing twice.
async function call(method, path, body, signal) {
  await opened;
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method === "POST") headers["Idempotency-Key"] = key();
  let response;
  try {
    response = await fetch(base + path, {
      method, headers, signal, credentials: "same-origin", cache: "no-store",
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, { message: "the server does not respond" });
  }
  const text = await response.text();
  let answer = {};
  try {
    answer = text ? JSON.parse(text) : {};
  } catch {
    answer = { message: text.trim().slice(0, 200) };
  }
  if (response.status === 401) answer.message ||= "reload this page to log in again";
  if (!response.ok) throw new Refused(response.status, answer);
  return answer;
}

// key is 128 random bits. crypto.randomUUID is missing where the page came by plain HTTP.
function key() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}

export const get = (path, signal) => beforeEvents(call("GET", path, undefined, signal));
export const post = (path, body, signal) => beforeEvents(call("POST", path, body, signal));
export const put = (path, body) => beforeEvents(call("PUT", path, body));
export const patch = (path, body) => beforeEvents(call("PATCH", path, body));
export const remove = (path) => beforeEvents(call("DELETE", path));

// look asks for what no event brings up to date, and may take its time: they do not wait for the answer.
export const look = (path, signal) => call("GET", path, undefined, signal);

// ask posts what changes nothing that events tell of, and may take its time: they do not wait for the answer.
export const ask = (path, body, signal) => call("POST", path, body, signal);

// query makes ?a=b of the values that are not empty.
export function query(values) {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== "") params.set(name, value);
  }
  return params.size ? `?${params}` : "";
}

// part encodes a text as a segment of a path.
export const part = encodeURIComponent;
