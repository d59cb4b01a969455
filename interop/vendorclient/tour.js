// A tour of the management API: everything a client does with it, and the usual mistakes. It
// prints a line for each stop and ends with status 1 at the first surprise. What it makes it
// takes away again.
//
//   VCC_HOST=https://… VCC_CLIENT_ID=… VCC_CLIENT_SECRET=… node tour.js

import assert from "node:assert/strict";
import { Vcc, VccError } from "./vcc.js";

const { VCC_HOST: host, VCC_TOKEN_HOST: tokenHost = host, VCC_CLIENT_ID: clientId, VCC_CLIENT_SECRET: clientSecret } = process.env;
for (const name of ["VCC_HOST", "VCC_CLIENT_ID", "VCC_CLIENT_SECRET"]) {
  if (!process.env[name]) {
    console.error(`${name} is missing; VCC_HOST is a base URL, such as https://api.example.com`);
    process.exit(2);
  }
}
const account = { host, tokenHost, clientId, clientSecret };

async function stop(name, visit) {
  const seen = await visit();
  console.log(`ok  ${name}${seen === undefined ? "" : `: ${seen}`}`);
}

// refused expects an error with one of some statuses, and a reason.
async function refused(promise, ...statuses) {
  const err = await promise.then(
    () => assert.fail(`accepted; want one of the statuses ${statuses}`),
    (reason) => reason,
  );
  if (!(err instanceof VccError)) throw err;
  assert.ok(statuses.includes(err.status), `${err.message}; want one of the statuses ${statuses}`);
  assert.ok(err.body?.message || err.body?.error, `status ${err.status} gives no reason`);
  return err.message;
}

async function tour(authentication) {
  const vcc = new Vcc({ ...account, authentication });
  const name = `tour-${authentication}-${process.pid}-${Date.now()}`;
  const wanted = { name, url: "https://127.0.0.1:9/notifications", events: ["channel.*"] };
  let made;

  await stop(`a token, the client in the ${authentication}`, async () => {
    await vcc.token();
    assert.equal(vcc.granted.token_type, "Bearer");
    return `good for ${vcc.granted.expires_in} s`;
  });
  await stop("event types", async () => {
    const types = await vcc.eventTypes();
    assert.ok(types.some((t) => t.name === "channel.held.v0"), "there is no channel.held.v0");
    for (const { name, description, jsonSchema } of types) {
      assert.equal(typeof description, "string");
      const schema = typeof jsonSchema === "string" ? JSON.parse(jsonSchema) : jsonSchema;
      assert.equal(schema.title, name);
      assert.match(schema.$schema, /draft\/2020-12/);
    }
    return types.length;
  });
  await stop("create", async () => {
    made = await vcc.create(wanted);
    assert.match(made.subscriptionId, /^[0-9A-Za-z]{27}$/);
    assert.ok(made.secret?.length > 0, "the answer shows no secret");
    const { secret, subscriptionId, ...rest } = made;
    assert.deepEqual(rest, { ...wanted, enabled: true });
    return made.subscriptionId;
  });
  try {
    await mistakes(vcc, wanted, made.subscriptionId);
    await changes(vcc, wanted, made);
  } finally {
    await stop("delete", async () => assert.equal(await vcc.remove(made.subscriptionId), undefined));
  }
  await stop("what was deleted is gone", () => refused(vcc.subscription(made.subscriptionId), 404));
  await stop("and cannot be deleted again", () => refused(vcc.remove(made.subscriptionId), 404));
}

async function changes(vcc, wanted, made) {
  const id = made.subscriptionId;
  const same = { subscriptionId: id, ...wanted, enabled: true };
  await stop("list", async () => {
    const list = await vcc.subscriptions();
    assert.deepEqual(list.find((s) => s.subscriptionId === id), same);
    assert.ok(!JSON.stringify(list).includes(made.secret), "the list shows a secret");
    return list.length;
  });
  await stop("get one", async () => assert.deepEqual(await vcc.subscription(id), same));
  await stop("change one member", async () => {
    assert.deepEqual(await vcc.change(id, { enabled: false }), { ...same, enabled: false });
  });
  await stop("change several, the secret too", async () => {
    const secret = Buffer.from("a secret of more than thirty-two bytes").toString("base64");
    const events = ["channel.held.v0", "agent.*"];
    const changed = await vcc.change(id, { events, enabled: true, secret });
    assert.deepEqual(changed, { ...same, events });
    assert.deepEqual(await vcc.subscription(id), { ...same, events });
  });
}

async function mistakes(vcc, wanted, id) {
  await stop("a name that is taken", () => refused(vcc.create(wanted), 400, 409));
  await stop("a name that is too short", () => refused(vcc.create({ ...wanted, name: "ab" }), 400));
  await stop("a URL that is none", () => refused(vcc.change(id, { url: "somewhere" }), 400));
  await stop("no events", () => refused(vcc.change(id, { events: [] }), 400));
  await stop("a subscription that is none", () => refused(vcc.subscription("0ujsswThIGTUYm2K8FjOOfXtY1K"), 404));
  await stop("a wrong secret of the client", () =>
    refused(new Vcc({ ...account, clientSecret: clientSecret + "x", authentication: vcc.authentication }).token(), 400, 401));
  const reader = new Vcc({ ...account, scope: "admin:read", authentication: vcc.authentication });
  await stop("a reader reads", async () => (await reader.subscriptions()).length);
  await stop("a reader does not write", () => refused(reader.remove(id), 401, 403));
}

try {
  await tour("body");
  await tour("basic");
} catch (err) {
  console.error(err);
  process.exitCode = 1;
}
