// health.js is the badge at the top: whether consumers accept what is sent to them, in every view.

import { el } from "./dom.js";
import { get } from "./api.js";
import { on, every } from "./live.js";
import { link } from "./address.js";
import { count, minute } from "./format.js";

// health shows in badge what fails, and says in spoken, which is for screen readers, when that has become something else.
export function health(badge, spoken) {
  let known;
  const speak = every(5000, () => { // who listens is not told of each retry, nor of a consumer that comes and goes
    const text = known.down ? summary(known) : known.retrying ? "Deliveries are retried." : spoken.textContent && "All consumers accept deliveries.";
    if (spoken.textContent !== text) spoken.textContent = text;
  });
  const show = (failing) => {
    known = failing;
    const text = summary(failing);
    badge.hidden = !text;
    badge.classList.toggle("bad", failing.down > 0);
    paint(badge, text, failing);
    if (text || spoken.textContent) speak();
  };
  const load = () => get("/state").then((state) => state.failing && show(state.failing), () => {}); // without an answer, a banner says so
  badge.addEventListener("keydown", (event) => {
    const list = badge.querySelector("details[open]");
    if (event.key !== "Escape" || !list) return;
    list.open = false;
    list.firstChild.focus();
  });
  on("failing", show);
  on("again", load);
  load();
}

// summary is what fails, in a few words; "" if nothing does.
function summary({ down, retrying, subscriptions }) {
  if (down > 1) return `${count(down)} consumers down`;
  if (down) return `consumer down since ${minute(subscriptions[0].since)}`;
  return retrying ? `${count(retrying)} retrying` : "";
}

// paint shows one subscription as a link, and several as a list to unfold, which stays unfolded.
function paint(badge, text, { down, subscriptions }) {
  const sign = down ? "✕ " : "◷ ";
  if (subscriptions.length < 2) {
    const one = subscriptions[0];
    return fill(badge, one ? [el("a", { href: deliveriesOf(one), text: sign + text, title: detail(one), "aria-label": `${text}: ${one.name}, show the deliveries` })] : []);
  }
  let list = badge.querySelector("details");
  if (!list) fill(badge, [list = el("details", {}, el("summary", {}), el("ul", {}))]);
  list.firstChild.textContent = sign + text;
  const focused = document.activeElement?.closest("#health li")?.dataset.id;
  list.lastChild.replaceChildren(...subscriptions.map((s) => el("li", { "data-id": s.subscription_id },
    el("a", { href: deliveriesOf(s), text: s.name, onclick: () => { list.open = false; } }), `: ${detail(s)}`)));
  if (focused) list.querySelector(`[data-id="${CSS.escape(focused)}"] a`)?.focus();
}

// fill replaces what the badge shows, and keeps the focus in it.
function fill(badge, nodes) {
  const within = badge.contains(document.activeElement);
  badge.replaceChildren(...nodes);
  if (within) badge.querySelector("a, summary")?.focus();
}

// deliveriesOf is the address of those that wait for another attempt, or that have failed if none does.
const deliveriesOf = (s) => link("deliveries", [], { target: s.subscription_id, state: s.retrying ? "waiting" : "failed" });

// detail is how a subscription stands, in words.
function detail({ down, since, retrying, attempts, last }) {
  return [down && `down since ${minute(since)}`, retrying && `${count(retrying)} retrying`,
    attempts && `${count(attempts)} failed ${attempts === 1 ? "attempt" : "attempts"}, the last one: ${last}`].filter(Boolean).join("; ");
}
