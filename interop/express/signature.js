// The signature of a notification: a JWT whose payload_hash claim is the hash of the raw body.

import { createHash, timingSafeEqual } from "node:crypto";
import jwt from "jsonwebtoken";

// Refusal is the one error that a sender is told about: a status and one word of reason.
export class Refusal extends Error {
  constructor(status, reason, detail) {
    super(detail);
    this.status = status;
    this.reason = reason;
  }
}

// The messages of jsonwebtoken that have a reason of their own; all others are "malformed".
const reasons = new Map([
  ["jwt must be provided", "missing"],
  ["jwt expired", "expired"],
  ["jwt not active", "expired"],
  ["invalid signature", "wrong-key"],
  ["invalid algorithm", "algorithm"],
  ["jwt signature is required", "algorithm"], // what an unsigned token, alg none, runs into first
]);

// verify throws a Refusal unless token was made for exactly these bytes with this key and is
// still alive. There is no clock tolerance, because the vendor's own sample has none.
export function verify(token, body, key) {
  let claims;
  try {
    claims = jwt.verify(token, key, { algorithms: ["HS256"], clockTolerance: 0 });
  } catch (err) {
    throw new Refusal(401, reasons.get(err.message) ?? "malformed", err.message);
  }
  if (!Number.isInteger(claims.exp)) {
    throw new Refusal(401, "malformed", "the token has no exp claim and would live for ever");
  }
  const want = Buffer.from(createHash("sha256").update(body).digest("hex"));
  const got = Buffer.from(String(claims.payload_hash));
  // timingSafeEqual throws on unequal lengths; the length of a hash is no secret.
  if (got.length !== want.length || !timingSafeEqual(got, want)) {
    throw new Refusal(401, "payload-hash", "payload_hash does not fit the body");
  }
}

// verifyAny is verify with several keys, of which any one will do.
export function verifyAny(token, body, keys) {
  for (const [i, key] of keys.entries()) {
    try {
      return verify(token, body, key);
    } catch (err) {
      // Whatever else is wrong, another key does not put it right.
      if (err.reason !== "wrong-key" || i === keys.length - 1) throw err;
    }
  }
}
