// Starts the consumer. Settings come from the environment:
//
//   RINGBACK_SECRET  the secret of the subscription in Base64, required; while it is rotated, the
//                    current and the next one with a comma between them
//   PORT             the port, 0 for any free one (default)
//   HOST             the address; 127.0.0.1 by default, 0.0.0.0 in a container

import { consumer } from "./app.js";

const keys = (process.env.RINGBACK_SECRET ?? "").split(",").map((secret) => {
  const key = Buffer.from(secret, "base64");
  // Buffer.from skips what is no Base64 instead of refusing it, so compare with the way back.
  if (key.length < 32 || key.toString("base64") !== secret) {
    console.error("RINGBACK_SECRET is not the Base64 of at least 32 bytes");
    process.exit(2);
  }
  return key;
});

const server = consumer(...keys).listen(Number(process.env.PORT ?? 0), process.env.HOST ?? "127.0.0.1", (err) => {
  if (err) {
    console.error(`cannot listen: ${err.message}`);
    process.exit(1);
  }
  const { address, port } = server.address();
  console.log(`listening on http://${address}:${port}`);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
}
