// bulk.js is what is done to many deliveries at once.

import { attempt, confirmed, note } from "./dom.js";
import { get, post, query } from "./api.js";
import { count } from "./format.js";

const most = 500; // that one request resends

// resendFailed resends the failed deliveries that match the filter, all of them.
export async function resendFailed(filter) {
  if (filter.state && filter.state !== "failed") return note("The filter leaves out what has failed.");
  const failed = { ...filter, state: "failed" };
  const answer = await attempt(() => get(`/deliveries/count${query(failed)}`));
  if (!answer) return;
  const total = `${answer.complete ? "" : "over "}${count(answer.total)}`;
  if (!answer.total) return note("No failed deliveries.");
  if (!(await confirmed("Resend", `Resend ${total} failed ${answer.total === 1 ? "delivery" : "deliveries"} matching the filter?`, "Resend"))) return;
  let resent = 0;
  // What fails again meanwhile has a higher number, so each is resent once.
  for (let before = ""; before !== 0;) {
    const page = await attempt(() => get(`/deliveries${query({ ...failed, limit: most, before })}`));
    if (!page) break;
    const deliveries = page.deliveries.map((d) => d.number);
    if (deliveries.length && !(await attempt(() => post("/deliveries/resend", { deliveries, kind: "resend" })))) break;
    resent += deliveries.length;
    before = page.next;
  }
  if (resent) note(`Resending ${count(resent)}.`);
}

// reset empties the sandbox.
export async function reset() {
  if (!(await confirmed("Reset", "End all runs and conversations, and delete all notifications and deliveries? Subscriptions and stored scenarios stay.", "Reset"))) return;
  if (await attempt(() => post("/reset"))) note("Sandbox reset.");
}
