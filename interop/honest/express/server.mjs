// Receives the notifications of a contact centre: POST /events. Tells what happened: GET /calls/{conversationId}.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import express from "express";
import { conversation } from "./conversation.mjs";
import { Unusable, understand } from "./notification.mjs";
import { NotAuthentic, authenticate, keysFrom } from "./signature.mjs";
import { EventStore } from "./store.mjs";

const { PORT = "8080", SECRET, NEXT_SECRET, DATA = "." } = process.env;
const keys = keysFrom(SECRET, NEXT_SECRET);
mkdirSync(DATA, { recursive: true });
const store = new EventStore(join(DATA, "events.sqlite"));

const app = express();
app.disable("x-powered-by");
app.disable("etag");

// The raw bytes, whatever the Content-Type, and also if there is none ("*/*" would not match then).
const raw = express.raw({ type: () => true, limit: "1mb", inflate: false });

app.post("/events", raw, (request, response) => {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  authenticate(keys, request.headers["vonage-signature"], body);
  store.append(understand(body), body); // a duplicate is as good as stored
  response.status(204).end();
});
app.all("/events", (request, response) => response.set("Allow", "POST").status(405).end());

app.get("/calls/:conversationId", (request, response) => {
  const events = store.eventsOf(request.params.conversationId.toLowerCase());
  if (events.length === 0) return response.status(404).json(null);
  response.json(conversation(events));
});

app.use((request, response) => response.status(404).end());
app.use((error, request, response, next) => {
  if (response.headersSent) return next(error);
  if (error instanceof NotAuthentic) {
    console.error("refused: %s", error.message);
    return response.status(401).end();
  }
  if (error instanceof Unusable) {
    console.error("cannot be used: %s", error.message);
    return response.status(400).end();
  }
  if (error.status >= 400 && error.status < 500) { // too large, cut off, packed
    console.error("not read: %s", error.message);
    return response.status(error.status).end();
  }
  console.error("not stored: %s", error.stack);
  response.status(503).end(); // it comes again
});

const server = app.listen(Number(PORT), "127.0.0.1", (error) => {
  if (error) throw error;
  writeFileSync(join(DATA, "consumer.pid"), String(process.pid));
});
server.keepAliveTimeout = 90_000; // 5 s, the default, cuts connections that the sender is about to use again
server.headersTimeout = 95_000;

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => {
    server.close(() => { store.close(); process.exit(0); });
    server.closeIdleConnections();
  });
}
