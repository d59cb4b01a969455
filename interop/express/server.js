// Starts the consumer on a loopback address. Settings come from the environment:
//
//   RINGBACK_SECRET  the secret of the subscription in Base64, required
//   PORT             the port, 0 for any free one (default)

import { consumer } from "./app.js";

const secret = process.env.RINGBACK_SECRET ?? "";
const key = Buffer.from(secret, "base64");
// Buffer.from skips what is no Base64 instead of refusing it, so compare with the way back.
if (key.length < 32 || key.toString("base64") !== secret) {
  console.error("RINGBACK_SECRET is not the Base64 of at least 32 bytes");
  process.exit(2);
}

const server = consumer(key).listen(Number(process.env.PORT ?? 0), "127.0.0.1", (err) => {
  if (err) {
    console.error(`cannot listen: ${err.message}`);
    process.exit(1);
  }
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
}
