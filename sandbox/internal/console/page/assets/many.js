// many.js does something with many deliveries at once, after asking.

import { attempt, confirmed, note } from "./dom.js";
import { get, post, query } from "./api.js";

const atOnce = 200;

// resendGivenUp sends those once more that were given up and fit the filter.
export async function resendGivenUp(filter) {
  const answer = await attempt(() => get(`/deliveries${query({ ...filter, state: "failed", limit: atOnce })}`));
  if (!answer) return;
  const numbers = answer.deliveries.map((d) => d.number);
  if (!numbers.length) return note("Nothing was given up.");
  const rest = answer.next ? " There are more; do it again for those." : "";
  if (!(await confirmed("Resend", `Send ${numbers.length} deliveries once more that were given up and fit the filter?${rest}`, "Resend"))) return;
  if (await attempt(() => post("/deliveries/resend", { deliveries: numbers, kind: "resend" }))) note(`${numbers.length} go out again.`);
}

// reset begins anew.
export async function reset() {
  if (!(await confirmed("Reset", "End all runs and conversations, and forget all notifications and deliveries? Subscriptions and stored scenarios stay.", "Reset"))) return;
  if (await attempt(() => post("/reset"))) note("All is clean again.");
}
