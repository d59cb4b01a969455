// The body of a notification: a structured CloudEvent, one in each request.

import { HTTP } from "cloudevents";
import { Refusal } from "./signature.js";

const kinds = [
  "channel.alerted", "channel.connected", "channel.connectionfailed", "channel.held",
  "channel.retrieved", "channel.parked", "channel.unparked", "channel.interrupted",
  "channel.resumed", "channel.disconnected", "channel.wrapstarted", "channel.ended",
  "agent.presencechanged",
];
const known = new Set(kinds.flatMap((kind) => [`${kind}.v0`, `${kind}.v1`]));

// isKnown tells whether a type is documented. The others are accepted and ignored: the API may
// add some, and an error would only make the sender retry.
export function isKnown(type) {
  return known.has(type);
}

// parse reads and validates a body with the CloudEvents SDK; anything else is a Refusal.
export function parse(headers, body) {
  try {
    requireStructured(headers["content-type"]);
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    requireUnique(JSON.parse(text));
    const event = HTTP.toEvent({ headers, body: text });
    if (event.validate() !== true) {
      throw new Error("not a CloudEvent of version 1.0");
    }
    requireData(event);
    return event;
  } catch (err) {
    throw new Refusal(400, "event", err.message);
  }
}

// requireStructured keeps the SDK from reading the attributes out of the headers, as it does for
// other content types: the signature covers the body alone, so anybody could have set those.
function requireStructured(contentType = "") {
  if (!/^application\/cloudevents\+json *(;|$)/i.test(contentType)) {
    throw new Error(`content type "${contentType}" is not application/cloudevents+json`);
  }
}

// requireData refuses a documented notification that says nothing: for CloudEvents, data may be
// missing, and the SDK does not mind.
function requireData(event) {
  if (isKnown(event.type) && (typeof event.data !== "object" || event.data === null)) {
    throw new Error("data is missing or no object");
  }
}

// requireUnique looks at the members that make a notification unique. It runs before the SDK,
// which would invent an id that is missing and so make every retry a new event.
function requireUnique(sent) {
  for (const name of ["specversion", "type", "id", "source"]) {
    if (typeof sent?.[name] !== "string" || sent[name] === "") {
      throw new Error(`${name} is missing or no text`);
    }
  }
}
