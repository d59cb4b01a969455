// conversations.js is the view of the agents, the runs and the live conversations.

import { el, button, choice, field, attempt } from "./dom.js";
import { get, post } from "./api.js";
import { on, every } from "./live.js";
import { Rows } from "./rows.js";
import { lanes, grow, latest, laneHeight, legend } from "./lanes.js";
import { Outcomes } from "./outcomes.js";
import { Inspector } from "./inspector.js";
import { paint, focusable, nearest } from "./ticks.js";
import { actions, headHeight, actionsHeight } from "./actions.js";
import { agentBar } from "./agents.js";
import { runBar } from "./runs.js";
import { count, ms, span, short } from "./format.js";
import { bind, link } from "./address.js";

const keep = 30_000; // ms that an ended conversation is shown
const most = 1000; // conversations that are asked for
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export async function mount(root, { signal }) {
  const view = new Conversations(signal);
  const agents = agentBar(signal);
  const runs = runBar(signal, (known) => view.setRuns(known));
  await Promise.all([agents.loaded, runs.loaded, view.load()]); // else what is there would move when more comes
  if (signal.aborted) return undefined;
  root.append(el("h1", { class: "sr", text: "Conversations" }), agents.node, runs.node, el("div", { class: "split" }, view.section, view.inspector.pane));
  view.show();
  await view.looked;
  view.follow();
  return () => view.follow();
}

class Conversations {
  constructor(signal) {
    this.signal = signal;
    this.conversations = new Map();
    this.runs = new Map();
    this.count = el("span", { class: "count", role: "status" });
    this.whole = false; // until the conversations are there
    this.receives = true; // until it is known that no subscription is enabled
    this.empty = el("div", { class: "empty", hidden: true });
    this.targets = new Map(); // names of subscriptions
    this.inspector = new Inspector(this);
    this.nobody = el("p", { class: "nobody", role: "status", hidden: true });
    this.list = el("div", { class: "conversation-list", "aria-label": "Conversations; move with the arrow keys", role: "group", tabindex: "0" });
    this.section = el("section", { class: "conversations", "aria-labelledby": "live-title" },
      el("div", { class: "bar-top" }, el("h2", { id: "live-title", text: "Live conversations" }), this.count, this.starter(), this.filter(), legend()),
      this.nobody, this.inspector.absent, this.empty, this.list);
    this.rows = new Rows(this.list, {
      role: "list", key: (c) => c.id, height: (c) => headHeight + c.channels.length * laneHeight + (c.allowed?.length ? actionsHeight : 0) + 8,
      make: (c) => this.make(c), update: (node, c) => this.update(node, c),
    }, signal);
    this.refresh = every(100, () => signal.aborted || this.show());
    this.outcomes = new Outcomes(this.refresh, signal);
    this.list.addEventListener("keydown", (event) => this.press(event));
    this.list.addEventListener("click", (event) => {
      const tick = nearest(event.target, event.clientX);
      if (tick) this.inspector.open(tick);
    });
    on("conversation", (c) => { this.conversations.set(c.id, c); this.refresh(); }, signal);
    on("reset", () => { this.conversations.clear(); this.refresh(); }, signal);
    on("activity", (activity) => { this.live = activity.live; this.whole &&= activity.live < most; this.refresh(); }, signal);
    on("again", () => { this.load(); this.lookForSubscriptions(); }, signal);
    on("subscription", () => this.lookForSubscriptions(), signal);
    this.looked = this.lookForSubscriptions();
    // Ten times a second is smooth for bars and cheap for a page that is open all day. Who wants little motion sees them once in five seconds.
    const timer = setInterval(() => requestAnimationFrame(() => signal.aborted || this.tick()), calm.matches ? 5000 : 100);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  // follow shows what the address says.
  follow() {
    if (this.filtered.follow()) this.show();
    this.inspector.follow();
  }

  async load() {
    const answer = await attempt(() => get(`/conversations?limit=${most}`, this.signal));
    if (!answer || this.signal.aborted) return;
    this.whole = answer.conversations.length < most;
    this.live = answer.live;
    this.conversations = new Map(answer.conversations.map((c) => [c.id, c]));
    this.show();
  }

  setRuns(runs) {
    const known = [...runs.keys()].join();
    this.runs = runs;
    if (known === this.named) return;
    this.named = known; // their names stand in the rows
    for (const node of this.rows.nodes.values()) node.conversation = undefined;
    this.refresh();
  }

  // starter is the form that starts a conversation by hand.
  starter() {
    const medium = choice(["call", "email", "chat", "case"], "call");
    const by = choice([["", "inbound"]], "");
    get("/agents", this.signal).then((all) => {
      by.append(...all.agents.map((a) => el("option", { value: a.name, text: `${a.name} dials` })));
      to.append(...all.agents.map((a) => el("option", { value: a.name, text: a.name })));
      agree();
    }, () => {});
    const to = choice([["", "customer"]], "");
    const from = el("input", { type: "text", value: "customer", maxlength: 64, size: 12, autocomplete: "off", spellcheck: "false" });
    const agree = () => {
      by.disabled = medium.value !== "call"; // agents dial calls only
      to.disabled = by.disabled || !by.value; // and only agents call agents
      for (const option of to.options) option.disabled = option.value === by.value && !!by.value;
      if (to.value && to.value === by.value) to.value = "";
      from.disabled = !to.disabled && !!to.value;
    };
    for (const input of [medium, by, to]) input.addEventListener("change", agree);
    agree();
    return el("form", {
      class: "starter",
      onsubmit: async (event) => {
        event.preventDefault();
        const c = await attempt(() => post("/conversations", {
          medium: medium.value, from: from.disabled ? undefined : from.value || "customer",
          dial: by.disabled ? "" : by.value, to: to.disabled ? "" : to.value,
        }));
        if (!c) return;
        this.conversations.set(c.id, c);
        this.show();
        const node = this.rows.reveal(this.rows.items.findIndex((item) => item.id === c.id));
        (node?.querySelector("button") ?? node)?.focus();
      },
    }, field("Channel", medium), field("Direction", by), field("Calls", to), field("Customer name", from), el("button", { class: "primary", text: "Start" }));
  }

  filter() {
    const input = el("input", { type: "search", "data-filter": true, size: 14, placeholder: "agent, phase, ID" });
    this.filtered = bind("q", input, () => this.refresh());
    return field("Filter", input);
  }

  // show lists those driven by hand first, the newest on top; then those of runs in the order of
  // their start, so that new ones move nothing; then those that have ended.
  show() {
    const now = Date.now();
    const still = this.list.matches(":hover"); // nothing moves away under the pointer
    for (const [id, c] of this.conversations) {
      c.over ||= c.ended && ms(c.ended) ? now : 0;
      if (c.over && now - c.over > keep && !still && id !== this.inspector.id) this.conversations.delete(id);
    }
    const wanted = this.filtered.value.trim().toLowerCase();
    const items = [...this.conversations.values()].filter((c) => !wanted || this.matches(c, wanted));
    const rank = (c) => (c.run ? 1 + (c.over ? 1 : 0) : 0);
    items.sort((a, b) => rank(a) - rank(b) || (a.run ? 1 : -1) * (ms(a.began) - ms(b.began)) || (a.id < b.id ? -1 : 1));
    this.list.hidden = items.length === 0;
    this.empty.hidden = items.length > 0 || this.live === undefined;
    this.nobody.hidden = this.receives || !this.conversations.size;
    if (!items.length) this.empty.replaceChildren(...this.nothing());
    const going = items.filter((c) => !c.over).length;
    const live = this.whole ? going : this.live;
    const text = this.live === undefined ? "" : wanted ? `${count(items.length)} of ${count(this.whole ? this.conversations.size : live)}` : `${count(live)} live`;
    if (this.count.textContent !== text) this.count.textContent = text;
    this.rows.set(items);
  }

  // nothing is shown instead of an empty list.
  nothing() {
    if (this.conversations.size) return [el("p", { text: "No conversation matches the filter." })];
    return [el("p", {}, el("strong", { text: "No live conversations." })),
      el("p", {}, "Start one above and act as an agent, or ", el("a", { href: "#/scenarios", text: "run a scenario" }), ".",
        this.receives ? "" : [" To receive notifications, ", el("a", { href: "#/subscriptions", text: this.subscribed ? "enable your subscription" : "subscribe a consumer" }), " first."])];
  }

  // lookForSubscriptions finds out whether anybody receives anything.
  async lookForSubscriptions() {
    const answer = await get("/subscriptions", this.signal).catch(() => null);
    if (!answer || this.signal.aborted) return;
    for (const s of answer.subscriptions) this.targets.set(s.subscription_id, s.name);
    this.subscribed = answer.subscriptions.length > 0;
    this.receives = answer.subscriptions.some((s) => s.enabled);
    this.nobody.replaceChildren("⚠ Nobody is subscribed: what happens here is sent to nobody. ",
      el("a", { href: "#/subscriptions", text: this.subscribed ? "Enable a subscription" : "Subscribe a consumer" }), ".");
    this.refresh();
  }

  matches(c, wanted) {
    c.words ??= [c.id, c.medium, c.run, ...c.channels.flatMap((ch) => [ch.party, ch.phase, ch.role])].join(" ").toLowerCase();
    return c.words.includes(wanted);
  }

  make() {
    return el("div", { class: "conversation", tabindex: "-1", role: "listitem" },
      el("header", {}, el("h3", {}), el("span", { class: "elapsed" }), el("a", { class: "quiet", text: "deliveries" }), el("span", { class: "unheard" })),
      el("div", { class: "lanes" }), el("div", { class: "actions" }));
  }

  update(node, c) {
    const width = Math.max(60, node.clientWidth - (this.list.clientWidth < 600 ? 104 : 184));
    const known = this.outcomes.of(c.id);
    if (node.conversation === c && node.width === width) return this.recolour(node, c, known);
    if (node.conversation?.id !== c.id) {
      node.querySelector("h3").textContent = `${c.medium || "conversation"} ${short(c.id)}${c.run ? ` · ${this.runs.get(c.run)?.name ?? "run"}` : ""}`;
      node.querySelector("a").href = link("deliveries", [], { conversation: c.id });
      node.querySelector("a").setAttribute("aria-label", `deliveries of ${short(c.id)}`);
    }
    node.conversation = c;
    node.width = width;
    node.classList.toggle("over", !!c.over);
    this.draw(node, c, known);
    this.clock(node, c, this.now(c));
    actions(node.querySelector(".actions"), c, (answer) => { this.conversations.set(answer.id, answer); this.show(); });
  }

  draw(node, c, known = this.outcomes.of(c.id)) {
    node.known = known;
    node.version = known.version;
    lanes(node.querySelector(".lanes"), c, node.width, this.now(c), (event) => this.outcomes.became(known, event));
    this.tellUnheard(node);
    if (c.id === this.inspector.id) this.inspector.mark();
  }

  // recolour shows what has become of the events, where that is news.
  recolour(node, c, known) {
    if (node.known === known && node.version === known.version) return;
    node.known = known;
    node.version = known.version;
    for (const tick of node.querySelectorAll(".tick")) paint(tick, this.outcomes.became(known, tick.event));
    this.tellUnheard(node);
  }

  // tellUnheard counts the events that nobody got.
  tellUnheard(node) {
    const n = node.querySelectorAll(".tick.hollow").length;
    const text = n ? `○ ${count(n)} ${n === 1 ? "event" : "events"} nobody got` : "";
    const place = node.querySelector(".unheard");
    if (place.textContent !== text) place.textContent = text;
  }

  // now is the end of the open bars. The times of conversations are real ones, at any speed.
  now(c) {
    return c.over ? latest(c) : Math.max(latest(c), Date.now());
  }

  // tick lets the bars that can be seen grow.
  tick() {
    for (const [c, node] of this.rows.shown()) {
      if (node.conversation !== c) continue;
      const now = this.now(c);
      if (!c.over && !grow(node.querySelector(".lanes"), c, node.width, now)) this.draw(node, c);
      this.clock(node, c, now);
    }
    if (this.rows.items.some((c) => c.over)) this.refresh();
  }

  clock(node, c, now) {
    const text = c.over ? (isCut(c) ? "stopped" : "ended") : span(now - c.first);
    const elapsed = node.querySelector(".elapsed");
    if (elapsed.textContent !== text) elapsed.textContent = text;
  }

  // press moves between conversations with up and down, between buttons, or the ticks of a lane, with left and right.
  press(event) {
    if (event.target.matches("select, input")) return;
    if (event.key === "Escape" && this.inspector.what) return this.inspector.close();
    if (event.target.matches(".tick") && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      return this.inspector.open(event.target);
    }
    const article = event.target.closest("[data-row]");
    const index = article ? this.rows.items.findIndex((c) => c.id === article.dataset.row) : -1;
    const lane = event.target.closest(".lane");
    const controls = article ? [...(lane ?? article).querySelectorAll(lane ? ".tick" : ".actions button, .actions select")] : [];
    const at = controls.indexOf(document.activeElement);
    let next = null;
    if (event.key === "ArrowDown") next = this.rows.reveal(Math.min(index + 1, this.rows.items.length - 1));
    else if (event.key === "ArrowUp") next = this.rows.reveal(Math.max(index - 1, 0));
    else if (event.key === "ArrowRight") next = controls[Math.min(at + 1, controls.length - 1)];
    else if (event.key === "ArrowLeft") next = at > 0 ? controls[at - 1] : article;
    else if (event.key === "Home") next = this.rows.reveal(0);
    else if (event.key === "End") next = this.rows.reveal(this.rows.items.length - 1);
    if (!next) return;
    event.preventDefault();
    if (next.matches(".tick")) focusable(lane, next);
    next.focus({ preventScroll: next === article });
  }
}

// isCut reports whether a conversation was stopped with its run before its channels had ended.
const isCut = (c) => c.channels.some((ch) => ch.phase !== "ended");
