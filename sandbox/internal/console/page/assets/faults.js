// faults.js arms a fault for the next deliveries, to see what the consumer makes of it.

import { el, button, choice, field, dialog, attempt, note } from "./dom.js";
import { get, post, remove } from "./api.js";
import { every, on } from "./live.js";

const kinds = [
  ["duplicate", "sent twice"], ["delay", "late"], ["reorder", "after a later one"], ["drop", "never sent"],
  ["late-retry", "first attempt lost"], ["slow-body", "body in pieces"], ["reset", "connection cut"],
  ["wrong-key", "signed with another key"], ["expired-token", "token has run out"], ["unsigned", "no token"],
  ["alg-none", "token without signature"], ["tampered-body", "body is not the signed one"], ["malformed-json", "body is no JSON"],
  ["unknown-type", "type nobody knows"], ["unknown-member", "member nobody knows"], ["missing-member", "member is missing"],
];

// faultButton opens the dialog and tells how many deliveries are still to go wrong.
export function faultButton(signal) {
  const open = button("Arm a fault…", () => ask(show));
  const show = async () => {
    const answer = await get("/faults", signal).catch(() => null);
    if (!answer) return;
    const left = answer.faults.reduce((sum, f) => sum + f.count, 0);
    open.textContent = left ? `Arm a fault… (${left} to come)` : "Arm a fault…";
  };
  on("delivery", every(2000, () => signal.aborted || show()), signal);
  show();
  return open;
}

async function ask(done) {
  const kind = choice(kinds.map(([k, does]) => [k, `${k}: ${does}`]), "duplicate");
  const count = el("input", { type: "number", min: 1, max: 10000, value: "1", required: true });
  const type = el("input", { type: "text", placeholder: "any, or channel.held.*" });
  const armed = (await get("/faults").catch(() => ({ faults: [] }))).faults;
  const now = armed.length ? el("p", { text: `Armed now: ${armed.map((f) => `${f.kind} × ${f.count}`).join(", ")}` }) : null;
  const valid = () => count.reportValidity();
  const what = await dialog("Let the next deliveries go wrong", el("div", {}, now, field("Fault", kind),
    field("For how many deliveries", count), field("Of which type", type)),
  [["", "Cancel"], ...(armed.length ? [["disarm", "Take all away"]] : []), ["arm", "Arm"]], (value) => value !== "arm" || valid());
  if (what === "arm" && await attempt(() => post("/faults", { kind: kind.value, count: Number(count.value), type: type.value.trim() }))) note(`Armed: ${kind.value}.`);
  if (what === "disarm") await attempt(() => remove("/faults"));
  done();
}
