// Who sent this? A request is believed only if its token was made with one of our keys, for exactly these bytes.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

const MAX_TOKEN = 8 * 1024;

export class NotAuthentic extends Error {}

export function keysFrom(...secrets) {
  const keys = secrets.filter(Boolean).map((secret) => Buffer.from(secret.trim(), "base64"));
  if (keys.length === 0 || keys.some((key) => key.length === 0)) throw new Error("SECRET must be Base64");
  return keys;
}

export function authenticate(keys, header, rawBody, nowSeconds = Date.now() / 1000) {
  if (typeof header !== "string" || header === "" || header.length > MAX_TOKEN) throw new NotAuthentic("no token");
  const token = header.startsWith("Bearer ") ? header.slice("Bearer ".length) : header; // as sent before October 2024
  const match = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(token); // two tokens in two headers are joined by ", " and fail here
  if (!match) throw new NotAuthentic("not a token");
  const [, head, claimsPart, mac] = match;

  if (jsonObject(head).alg !== "HS256") throw new NotAuthentic("alg is not HS256");

  let made = false;
  for (const key of keys) {
    const expected = createHmac("sha256", key).update(`${head}.${claimsPart}`, "ascii").digest("base64url");
    made = equal(expected, mac) || made;
  }
  if (!made) throw new NotAuthentic("made with another key");

  const claims = jsonObject(claimsPart);
  if (typeof claims.exp !== "number" || !(claims.exp > nowSeconds)) throw new NotAuthentic("expired, or without exp");
  const digest = createHash("sha256").update(rawBody).digest("hex");
  if (typeof claims.payload_hash !== "string" || !equal(digest, claims.payload_hash)) {
    throw new NotAuthentic("payload_hash is that of another body");
  }
}

function jsonObject(base64url) {
  let value;
  try {
    value = JSON.parse(Buffer.from(base64url, "base64url").toString("utf8"));
  } catch {
    throw new NotAuthentic("not a token");
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new NotAuthentic("not a token");
  return value;
}

function equal(a, b) {
  const x = Buffer.from(a, "utf8");
  const y = Buffer.from(b, "utf8");
  return x.length === y.length && timingSafeEqual(x, y);
}
