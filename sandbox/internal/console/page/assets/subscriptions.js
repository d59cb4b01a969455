// subscriptions.js creates and changes subscriptions.

import { el, button, field, dialog, attempt, confirmed, copy, note } from "./dom.js";
import { ask, get, post, patch, remove, part } from "./api.js";
import { on } from "./live.js";
import { time } from "./format.js";
import { remember, secretOf } from "./secrets.js";

export async function mount(root, { signal }) {
  const list = el("ul", { class: "cards" });
  const empty = el("div", { class: "empty", hidden: true }, el("p", {}, el("strong", { text: "No subscriptions." })),
    el("p", {}, "Create one with the URL of your consumer. Its secret is shown once; ",
      el("a", { href: "#/tryit", text: "Try it" }), " has consumer code to copy."));
  const cards = new Map();
  const tries = new Map(); // what came of a test stays when its card is made anew
  const show = (s) => {
    if (s.deleted) {
      cards.get(s.subscription_id)?.remove();
      cards.delete(s.subscription_id);
    } else {
      if (!tries.has(s.subscription_id)) tries.set(s.subscription_id, el("span", { class: "tried", role: "status" }));
      const made = card(s, show, tries.get(s.subscription_id));
      const old = cards.get(s.subscription_id);
      const doing = old?.contains(document.activeElement) ? document.activeElement.dataset.do : undefined;
      if (old) old.replaceWith(made);
      else list.append(made);
      cards.set(s.subscription_id, made);
      if (doing) made.querySelector(`[data-do="${doing}"]`)?.focus();
    }
    empty.hidden = cards.size > 0;
  };
  const load = async () => {
    const answer = await attempt(() => get("/subscriptions", signal));
    if (!answer || signal.aborted) return;
    list.replaceChildren();
    cards.clear();
    empty.hidden = answer.subscriptions.length > 0;
    answer.subscriptions.forEach(show);
  };
  root.append(el("div", { class: "bar-top" }, el("h1", { text: "Subscriptions" }),
    button("New subscription…", async () => {
      const s = await edit();
      if (s) show(s);
    }, { class: "primary" })), empty, list);
  on("subscription", show, signal);
  on("again", load, signal);
  await load();
}

function card(s, show, tried) {
  const id = part(s.subscription_id);
  const act = (name, text, f, props = {}) => button(text, f, { "data-do": name, "aria-label": `${text} ${s.name}`, ...props });
  const change = async (what) => {
    const answer = await attempt(() => patch(`/subscriptions/${id}`, what));
    if (answer) show(answer);
  };
  return el("li", { class: "card", "data-name": s.name },
    el("div", { class: "row" }, el("h2", { text: s.name }), el("span", { class: s.enabled ? "good" : "quiet", text: s.enabled ? "● enabled" : "○ disabled" })),
    el("p", { class: "mono", text: s.url }),
    s.warning ? el("p", { class: "bad warning", text: `Secret: ${s.warning}` }) : null,
    el("p", {}, el("span", { class: "quiet", text: "Events: " }), s.events.join(", "), el("span", { class: "quiet", text: ` · changed ${time(s.changed)}` })),
    el("div", { class: "row" },
      act("try", "Test reachability", async () => {
        tried.textContent = "…";
        const answer = await attempt(() => ask(`/subscriptions/${id}/try`, {}));
        tried.textContent = "";
        if (!answer) return;
        const good = answer.status > 0;
        tried.append(el("span", { class: good ? "good" : "bad", text: good ? `✓ reachable (${answer.status})` : `✕ unreachable: ${answer.failure}` }));
      }),
      act("enable", s.enabled ? "Disable" : "Enable", () => change({ enabled: !s.enabled })),
      act("edit", "Edit…", async () => {
        const answer = await edit(s);
        if (answer) show(answer);
      }),
      act("rotate", "Rotate key…", () => rotate(s, show)),
      act("delete", "Delete…", async () => {
        if (!(await confirmed(`Delete ${s.name}`, "Its waiting deliveries are cancelled.", "Delete"))) return;
        if (await attempt(() => remove(`/subscriptions/${id}`))) show({ subscription_id: s.subscription_id, deleted: true });
      }, { class: "danger" }), tried));
}

async function rotate(s, show) {
  if (!(await confirmed(`Rotate the key of ${s.name}`, "All requests, queued retries included, are signed with a new secret from now on. The old secret is lost.", "Rotate"))) return;
  const answer = await attempt(() => post(`/subscriptions/${part(s.subscription_id)}/rotate`, {}));
  if (!answer) return;
  const { secret, ...rest } = answer;
  show(rest);
  await once(rest, secret);
  note("Key rotated. Get consumer code →", { href: "#/tryit" });
}

// edit asks for a new subscription, or for changes of s. It resolves to it as it is then.
async function edit(s) {
  const name = el("input", { type: "text", value: s?.name ?? "my-consumer", minlength: 3, maxlength: 128, required: true, autocomplete: "off" });
  const url = el("input", { type: "url", value: s?.url ?? "http://127.0.0.1:8080/events", required: true, autocomplete: "off" });
  const events = el("textarea", { rows: 3, value: (s?.events ?? ["*"]).join("\n"), required: true, spellcheck: "false" });
  const secret = el("input", { type: "text", autocomplete: "off", spellcheck: "false" });
  const enabled = el("input", { type: "checkbox" });
  enabled.checked = s?.enabled ?? true;
  const fields = { name, url, events, secret, enabled };
  const wrong = el("p", { class: "bad", role: "alert" });
  const wrongs = Object.fromEntries(Object.keys(fields).map((member) => [member, el("p", { class: "bad", id: `wrong-${member}`, hidden: true })]));
  const say = (message, members = {}) => {
    wrong.textContent = message;
    for (const [member, node] of Object.entries(wrongs)) {
      node.textContent = members[member] ?? "";
      node.hidden = !members[member];
      fields[member].setAttribute("aria-invalid", !!members[member]);
      if (members[member]) fields[member].setAttribute("aria-errormessage", node.id);
    }
    Object.entries(fields).find(([member]) => members[member])?.[1].focus();
  };
  let saved;
  const valid = async () => {
    say("");
    const wish = { name: name.value.trim(), url: url.value.trim(), events: events.value.split(/[\s,]+/).filter(Boolean), enabled: enabled.checked };
    if (secret.value.trim()) wish.secret = secret.value.trim();
    try {
      saved = s ? await patch(`/subscriptions/${part(s.subscription_id)}`, wish) : await post("/subscriptions", wish);
      return true;
    } catch (error) {
      const said = Object.keys(error.answer?.members ?? {}).length; // each at its field
      say(said ? `${said} ${said === 1 ? "field needs" : "fields need"} another value.` : error.message, error.answer?.members);
      return false;
    }
  };
  await dialog(s ? `Edit ${s.name}` : "New subscription", el("div", {},
    field("Name", name, "3 to 128 characters, unique"), wrongs.name,
    field("URL", url, "https, or http for this machine and private addresses"), wrongs.url,
    field("Events", events, "Event types, one per line; * matches anything: *, channel.*, *.v1"), wrongs.events,
    s ? null : [field("Secret (Base64)", secret, "Empty: generated."), wrongs.secret],
    el("label", { class: "check" }, enabled, " Enabled"), wrongs.enabled, wrong),
  [["", "Cancel"], ["save", s ? "Save" : "Create"]], valid);
  if (!saved) return null;
  const { secret: made, ...rest } = saved;
  if (made) {
    await once(rest, made);
    note("Subscription created. Get consumer code →", { href: "#/tryit" });
  }
  return rest;
}

// once shows a secret the only time that anybody can see it.
async function once(s, secret) {
  remember(s.subscription_id, secret);
  const text = el("output", { class: "mono secret", text: secret, "aria-label": "Secret" });
  await dialog(`The secret of ${s.name}`, el("div", {},
    el("p", { text: "Copy it now: it is not shown again. Try it fills it in until this page is closed." }), text,
    el("div", { class: "row" }, button("Copy", () => copy(secretOf(s.subscription_id))))), [["", "Done"]]);
}
