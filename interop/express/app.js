// The consumer as an Express application: one route takes notifications, one tells what came.

import express from "express";
import { isKnown, parse } from "./notification.js";
import { Refusal, verifyAny } from "./signature.js";

// Real bodies have less than a kibibyte; the bound keeps a stranger from filling the memory.
const limit = "64kb";

// consumer makes the application. keys are the decoded secrets of the subscription: one, or while
// it is rotated the current and the next one.
export function consumer(...keys) {
  const stats = { accepted: 0, duplicates: 0, unknown: 0, refused: {}, ids: [] };
  // Every key is kept for ever, as the tests want. In production, 24 hours are enough: the
  // sender retries no longer than that.
  const seen = new Set();

  function take(event) {
    const key = JSON.stringify([event.source, event.id]);
    if (seen.has(key)) {
      stats.duplicates++;
      return "duplicate";
    }
    seen.add(key);
    stats.accepted++;
    stats.ids.push(event.id);
    if (isKnown(event.type)) return "accepted";
    stats.unknown++;
    return "ignored";
  }

  const app = express();
  app.disable("x-powered-by");

  // The raw bytes are what was signed: any parser that ran before would lose them.
  app.post("/", express.raw({ type: () => true, limit, inflate: false }), (req, res) => {
    const body = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
    verifyAny(req.get("Vonage-Signature"), body, keys);
    const event = parse(req.headers, body);
    res.json({ result: take(event), id: event.id });
  });

  app.get("/stats", (_req, res) => res.json(stats));

  // Express knows an error handler by its four parameters.
  app.use((err, _req, res, _next) => {
    const refusal = err instanceof Refusal ? err : new Refusal(400, "body", err.message);
    stats.refused[refusal.reason] = (stats.refused[refusal.reason] ?? 0) + 1;
    res.status(refusal.status).json({ reason: refusal.reason, message: refusal.message });
  });

  return app;
}
