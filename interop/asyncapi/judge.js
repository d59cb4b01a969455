// judge.js parses an AsyncAPI document with the parser of the AsyncAPI Initiative, and validates
// notifications by the payloads that the parser finds in it, with Ajv.
//
//   node judge.js DOCUMENT < BODIES
//
// Each line of standard input is the body of a notification as a JSON string. One JSON object on
// standard output says what the parser thinks of the document, what it found in it, and which bodies
// do not fit the payload of the message that their type names.

import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";
import Ajv from "ajv";
import addFormats from "ajv-formats";

const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], "utf8"));
const verdict = {
  diagnostics: diagnostics.map(({ code, message, severity, path }) => ({ code, message, severity, path: path.join("/") })),
  operations: {}, payloads: {}, read: 0, refused: [],
};
if (document) {
  for (const operation of document.operations()) {
    verdict.operations[operation.id()] = { action: operation.action(), messages: operation.messages().all().map((m) => m.name()) };
  }
  const ajv = addFormats(new Ajv({ strict: false, allErrors: true }));
  const validators = new Map();
  for (const message of document.messages()) {
    verdict.payloads[message.name()] = message.payload().json();
    validators.set(message.name(), ajv.compile(message.payload().json()));
  }
  for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
    verdict.read++;
    const body = JSON.parse(JSON.parse(line));
    const validate = validators.get(body.type);
    if (!validate) verdict.refused.push({ line: verdict.read, why: `no message is called ${body.type}` });
    else if (!validate(body)) verdict.refused.push({ line: verdict.read, why: ajv.errorsText(validate.errors) });
  }
}
process.stdout.write(JSON.stringify(verdict));
