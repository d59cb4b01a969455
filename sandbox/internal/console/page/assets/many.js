// many.js acts on many deliveries at once, after asking.

import { attempt, confirmed, note } from "./dom.js";
import { get, post, query } from "./api.js";
import { count } from "./words.js";

const atOnce = 200;

// resendFailed resends the failed deliveries that match the filter.
export async function resendFailed(filter) {
  const answer = await attempt(() => get(`/deliveries${query({ ...filter, state: "failed", limit: atOnce })}`));
  if (!answer) return;
  const numbers = answer.deliveries.map((d) => d.number);
  if (!numbers.length) return note("No failed deliveries.");
  const rest = answer.next ? " There are more; repeat for those." : "";
  if (!(await confirmed("Resend", `Resend ${count(numbers.length)} failed ${numbers.length === 1 ? "delivery" : "deliveries"} matching the filter?${rest}`, "Resend"))) return;
  if (await attempt(() => post("/deliveries/resend", { deliveries: numbers, kind: "resend" }))) note(`Resending ${count(numbers.length)}.`);
}

// reset empties the sandbox.
export async function reset() {
  if (!(await confirmed("Reset", "End all runs and conversations, and delete all notifications and deliveries? Subscriptions and stored scenarios stay.", "Reset"))) return;
  if (await attempt(() => post("/reset"))) note("Sandbox reset.");
}
