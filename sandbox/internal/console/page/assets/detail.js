// detail.js shows one delivery with its requests and responses, and can send it again.

import { el, button, attempt, copy, note } from "./dom.js";
import { get, post, part, query } from "./api.js";
import { on, every } from "./live.js";
import { link, read } from "./address.js";
import { time, ms, span, latency, sign, standing, look, short } from "./format.js";

// detail fills pane with delivery number until the signal ends it. at is the address of another one in the same view. It resolves to the
// notification, or to nothing if that is not there.
export async function detail(pane, number, targets, signal, close, at = (n) => link("deliveries", [n], Object.fromEntries(read().values))) {
  const load = async (focus) => {
    const all = await attempt(() => get(`/deliveries/${number}`, signal));
    const same = all && await get(`/deliveries${query({ notification: all.notification.number, limit: 100 })}`, signal).catch(() => null);
    if (!all || signal.aborted) return undefined;
    all.same = same?.deliveries ?? [];
    const heading = el("h2", { text: all.notification.type, tabindex: "-1" });
    const folded = new Map([...pane.querySelectorAll("details")].map((d) => [d.dataset.name, !d.open]));
    const scrolled = pane.scrollTop;
    pane.hidden = false;
    pane.replaceChildren(
      el("div", { class: "pane-top" }, heading, button("Close", close, { "aria-label": "Close the delivery" })),
      summary(all, targets, at), buttons(all, at), ...attempts(all), body(all), token(all.token));
    for (const d of pane.querySelectorAll("details")) d.open = folded.has(d.dataset.name) ? !folded.get(d.dataset.name) : d.open;
    if (focus) heading.focus({ preventScroll: true });
    else pane.scrollTop = scrolled;
    return all.notification;
  };
  pane.onkeydown = (event) => {
    if (event.key === "Escape") close();
  };
  const again = every(300, () => {
    const inside = pane.contains(document.activeElement) ? document.activeElement.dataset.do : undefined;
    if (signal.aborted) return;
    load(false).then(() => inside && pane.querySelector(`[data-do="${inside}"]`)?.focus());
  });
  let notification = 0;
  on("delivery", (d) => (d.number === number || d.notification === notification) && again(), signal);
  const known = await load(true);
  notification = known?.number;
  return known;
}

// undelivered fills pane with a notification that nobody got.
export async function undelivered(pane, number, signal, close) {
  const n = await attempt(() => get(`/notifications/${part(number)}`, signal));
  if (!n || signal.aborted) return undefined;
  const heading = el("h2", { text: n.type, tabindex: "-1" });
  pane.hidden = false;
  pane.onkeydown = (event) => event.key === "Escape" && close();
  pane.replaceChildren(
    el("div", { class: "pane-top" }, heading, button("Close", close, { "aria-label": "Close the event" })),
    el("p", {}, el("strong", { text: sign(n.fault === "drop" ? "dropped" : "nobody-got-this") }),
      n.fault === "drop" ? "" : ": when it happened, no subscription that was enabled took this type. It is not sent later."),
    facts([["Type", el("a", { href: `#/reference/${part(n.type)}`, text: "what is known of it" })], ["ID", n.id], ["Accepted", time(n.accepted)],
      ["Party", party(n)], ["Subscriptions", el("a", { href: "#/subscriptions", text: "who takes what" })]]),
    body(n));
  heading.focus({ preventScroll: true });
  return n;
}

const party = (n) => [n.party, n.role, n.agent_id && `agent ${n.agent_id}`].filter(Boolean).join(", ");

// facts are names and values, those that there are.
function facts(rows) {
  return el("dl", { class: "facts" }, rows.filter(([, value]) => value).map(([name, value]) => el("div", {}, el("dt", { text: name }), el("dd", {}, value))));
}

function summary({ delivery: d, notification: n, same }, targets, at) {
  const due = d.state === "waiting" && ms(d.due) > Date.now() ? `, next attempt in ${span(ms(d.due) - Date.now())}` : "";
  const inLane = at(d.number).startsWith("#/conversations");
  const others = same.filter((s) => s.number !== d.number).map((s) => [el("a", { href: at(s.number), "data-do": `other-${s.number}`,
    text: `${targets.get(s.subscription_id) ?? short(s.subscription_id)}: ${sign(standing(s))}${s.kind ? ` (${s.kind})` : ""}` }), el("br")]);
  return facts([
    ["State", `${sign(d.state)}${d.status ? `, ${d.status}` : ""}${d.failure ? `, ${d.failure}` : ""}${due}`],
    ["Target", targets.get(d.subscription_id) ?? d.subscription_id],
    ["Type", el("a", { href: `#/reference/${part(n.type)}`, text: "what is known of it" })],
    ["ID", n.id], ["Accepted", time(n.accepted)],
    ["Party", party(n)],
    ["Conversation", n.conversation_id && [
      el("a", { href: link("deliveries", inLane ? [d.number] : [], { conversation: n.conversation_id }), text: short(n.conversation_id), title: n.conversation_id, "aria-label": `Deliveries of conversation ${short(n.conversation_id)}` }),
      inLane ? "" : [", ", el("a", { href: link("conversations", [n.conversation_id, d.number]), text: "show in its lane" })]]],
    ["Fault", n.fault], ["Sent as", d.kind], ["Also sent", others.length > 0 && others],
  ]);
}

function buttons({ delivery, curl }, at) {
  const send = (kind, said) => async () => {
    const answer = await attempt(() => post("/deliveries/resend", { deliveries: [delivery.number], kind }));
    if (answer) note(said, { href: at(answer.deliveries[0].number) });
  };
  return el("div", { class: "row" },
    button("Copy as curl", () => copy(curl), { "data-do": "curl" }),
    button("Resend", send("resend", "Resending: the same event, which your consumer should accept and not count twice."), { "data-do": "resend" }),
    button("Send expired", send("expired", "Sending with an expired token: your consumer should respond with 401."), { "data-do": "expired" }));
}

// section is a part that can be folded.
function section(name, title, ...content) {
  return el("details", { open: true, "data-name": name }, el("summary", { text: title }), content);
}

function attempts({ attempts: all, attempts_dropped: dropped }) {
  if (!all?.length) return [el("p", { class: "quiet", text: "No attempt yet." })];
  const note = dropped ? [el("p", { class: "quiet", text: `${dropped} of the attempts between these are not kept, because the state is nearly as large as it may be.` })] : [];
  return note.concat([...all].reverse().map((a, i) => {
    const answer = a.status ? `response ${a.status}, ${sign(a.outcome)}` : `${sign(a.outcome)}, ${a.failure || "no response"}`;
    const headers = (a.request_header ?? []).map(([name, value]) => `${name}: ${value}`).join("\n");
    const node = section(`try-${a.number}`, `Attempt ${a.try}, ${time(a.sent)}: ${answer}, ${latency(a.latency_us)}`,
      a.fault ? el("p", {}, "It carried the fault ", el("a", { href: `#/reference/${part(a.fault)}`, text: a.fault }), ".") : null,
      a.failure ? el("p", { class: look(a.outcome), text: a.failure }) : null,
      el("h3", { text: "Response" }), el("pre", { tabindex: "0", text: a.answer || (a.outcome === "accepted" ? "(not kept, since it was accepted)" : "(an empty body)") }),
      el("h3", { text: "Request headers" }), el("pre", { tabindex: "0", text: headers }));
    if (i > 0) node.open = false;
    return node;
  }));
}

function body({ body: text }) {
  let pretty = text;
  try {
    pretty = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // A body that is not JSON is shown as it is.
  }
  return section("body", "Body", el("p", { class: "quiet", text: "Formatted for reading. The signature covers the raw bytes." }),
    el("pre", { tabindex: "0", text: pretty }));
}

function token(t) {
  if (!t) return section("token", "Token", el("p", { text: "The last attempt had no readable token." }));
  const moment = (seconds) => (typeof seconds === "number" ? new Date(seconds * 1000).toLocaleString() : "absent");
  return section("token", "Token", el("p", { text: `Issued ${moment(t.claims.iat)}, expires ${moment(t.claims.exp)}.` }),
    el("pre", { tabindex: "0", text: `${JSON.stringify(t.header, null, 2)}\n${JSON.stringify(t.claims, null, 2)}` }));
}
