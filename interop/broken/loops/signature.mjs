// Verifies the tokens of notifications.
import crypto from "node:crypto";

import { M, Refused } from "./settings.mjs";

const KEYS = [process.env.SECRET, M === "next-secret-ignored" ? undefined : process.env.NEXT_SECRET]
  .filter(Boolean)
  .map((s) => Buffer.from(s, "base64"))
  .map((key) => (M === "secret-to-string" ? Buffer.from(key.toString()) : key));

function same(a, b) {
  const x = Buffer.from(String(a)), y = Buffer.from(b);
  if (M === "length-throws") return crypto.timingSafeEqual(x, y);
  return x.length === y.length && crypto.timingSafeEqual(x, y);
}

function decodePart(part) {
  let value;
  try {
    value = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  } catch {
    throw new Refused("malformed");
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Refused("malformed");
  return value;
}

export function verify(token, body) {
  if (M === "token-optional" && !token) return;
  if (typeof token !== "string" || token.length > 8192) throw new Refused("no token");
  if (M === "bearer-required") {
    const [scheme, rest] = token.split(" ");
    if (scheme !== "Bearer" || !rest) throw new Refused("no bearer token");
    token = rest;
  }
  if (token.startsWith("Bearer ")) token = token.slice(7);
  const parts = token.split(".");
  if (parts.length !== 3) throw new Refused("no token");
  const header = decodePart(parts[0]);
  const unsigned = M === "alg-none" && String(header.alg).toLowerCase() === "none";
  if (header.alg !== "HS256" && !unsigned) throw new Refused("algorithm");
  if (!unsigned && M !== "decode-not-verify") {
    const made = KEYS.some((key) => same(parts[2], crypto.createHmac("sha256", key).update(parts[0] + "." + parts[1]).digest("base64url")));
    if (!made) throw new Refused("signature");
  }
  const claims = decodePart(parts[1]);
  const tolerance = M === "tolerance-hour" ? 3600 : 0;
  if (typeof claims.exp !== "number" || !(claims.exp + tolerance > Date.now() / 1000)) throw new Refused("expired");
  if (M === "hash-if-present" && !claims.payload_hash) return;
  let bytes = body;
  if (M === "stringify-body") {
    try {
      bytes = JSON.stringify(JSON.parse(body.toString()));
    } catch { /* the hash decides */ }
  }
  const hash = crypto.createHash("sha256").update(bytes).digest("hex");
  if (typeof claims.payload_hash !== "string" || !same(claims.payload_hash, hash)) throw new Refused("hash");
}
