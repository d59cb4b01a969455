// faults.js injects faults into the next deliveries, to see how the consumer handles them.

import { el, button, choice, field, dialog, attempt, note } from "./dom.js";
import { get, post, remove } from "./api.js";
import { every, on } from "./live.js";
import { count } from "./format.js";

// notOffered needs a second secret of the subscription.
const notOffered = "rotate-key";

// faultButton opens the dialog and shows how many faults are pending.
export function faultButton(signal) {
  const open = button("Inject fault…", () => ask(show));
  const show = async () => {
    const answer = await get("/faults", signal).catch(() => null);
    if (!answer) return;
    const left = answer.faults.reduce((sum, f) => sum + f.count, 0);
    open.textContent = left ? `Inject fault… (${count(left)} pending)` : "Inject fault…";
  };
  on("delivery", every(2000, () => signal.aborted || show()), signal);
  show();
  return open;
}

async function ask(done) {
  const known = await attempt(() => get("/explain?group=fault"));
  if (!known) return;
  const faults = known.entries.filter((f) => f.subject !== notOffered);
  const kind = choice(faults.map((f) => f.subject), "duplicate");
  const does = el("p", { class: "quiet", role: "status" });
  const say = () => {
    const chosen = faults.find((f) => f.subject === kind.value);
    does.textContent = [chosen.is, chosen.why, chosen.mend].filter(Boolean).join(" ");
  };
  kind.addEventListener("change", say);
  say();
  const times = el("input", { type: "number", min: 1, max: 10000, value: "1", required: true });
  const type = el("input", { type: "text", placeholder: "any, or channel.held.*" });
  const pending = (await get("/faults").catch(() => ({ faults: [] }))).faults;
  const now = pending.length ? el("p", { text: `Pending: ${pending.map((f) => `${f.kind} × ${count(f.count)}`).join(", ")}` }) : null;
  const valid = () => times.reportValidity();
  const what = await dialog("Inject a fault", el("div", {}, now, field("Fault", kind), does,
    field("Deliveries", times), field("Event type", type)),
  [["", "Cancel"], ...(pending.length ? [["clear", "Clear all"]] : []), ["inject", "Inject"]], (value) => value !== "inject" || valid());
  if (what === "inject" && await attempt(() => post("/faults", { kind: kind.value, count: Number(times.value), type: type.value.trim() }))) note(`Fault injected: ${kind.value}.`);
  if (what === "clear") await attempt(() => remove("/faults"));
  done();
}
