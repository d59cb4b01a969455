// deliveries.js is the live table of deliveries. It loads pages while scrolling, so a hundred
// thousand rows cost no more than a hundred.

import { el, button, note, visible } from "./dom.js";
import { get, query } from "./api.js";
import { on, every } from "./live.js";
import { Rows } from "./rows.js";
import { detail } from "./detail.js";
import { change, read } from "./address.js";
import { Filter } from "./filter.js";
import { Unheard } from "./unheard.js";
import { Total } from "./total.js";
import { resendFailed, reset } from "./bulk.js";
import { faultButton } from "./faults.js";
import { count, time, ms, span, latency, kind, sent, sign, look, standing, response, short } from "./format.js";

const page = 200;
const most = 5000; // rows kept while new ones arrive
const narrow = matchMedia("(max-width: 640px)"); // two lines a row, as in views.css
const columns = ["Time", "Type", "Party", "Target", "State", "Response", "Attempts", "Latency", "Next attempt"];

export async function mount(root, { signal }) {
  const table = new Table(signal);
  root.append(table.node);
  await Promise.all([table.loadTargets(), table.load()]);
  table.follow();
  return () => table.follow();
}

class Table {
  constructor(signal) {
    this.signal = signal;
    this.deliveries = []; // the newest first
    this.known = new Map(); // number → delivery
    this.fresh = []; // arrived while the list was scrolled down
    this.targets = new Map();
    this.next = 0;
    this.chosen = 0; // number of the delivery that the keyboard is at
    this.filter = new Filter(() => this.load());
    this.unheard = new Unheard(signal);
    this.total = new Total(() => this.filter.wanted(), signal);
    this.more = button("", () => this.toTop(), { class: "primary", hidden: true });
    this.grid = el("div", { class: "grid", role: "grid", tabindex: "0", "aria-label": "Deliveries", "aria-colcount": columns.length });
    this.empty = el("div", { class: "empty", hidden: true });
    this.pane = el("aside", { class: "pane", hidden: true, "aria-label": "Delivery" });
    this.node = el("div", { class: "split" }, el("div", { class: "list" }, this.tools(), this.filter.search.mistake, this.filter.tags, this.unheard.node, this.head(), this.grid, this.empty), this.pane);
    this.rows = new Rows(this.grid, {
      role: "rowgroup", key: (d) => d.number, height: () => (narrow.matches ? 52 : 30),
      make: (d) => this.make(d), update: (node, d, i) => this.update(node, d, i),
    }, signal);
    this.paint = every(150, () => signal.aborted || this.show());
    this.listen();
  }

  tools() {
    return el("div", { class: "bar-top" }, el("h1", { text: "Deliveries" }), this.total.node, this.more, ...this.filter.fields, this.filter.range.node,
      faultButton(this.signal), button("Resend failed…", () => resendFailed(this.filter.wanted())), button("Reset…", reset, { class: "danger" }));
  }

  head() {
    return el("div", { class: "cells head", "aria-hidden": "true" }, columns.map((text) => el("span", { text })));
  }

  listen() {
    on("delivery", (d) => this.take(d), this.signal);
    for (const kind of ["delivery", "notification"]) on(kind, this.total.later, this.signal);
    this.anew = every(1000, () => this.signal.aborted || (this.missed = this.grid.scrollTop > 0) || this.load());
    const anew = every(1000, () => this.signal.aborted || this.grid.scrollTop > 0 || this.filter.wanted().state !== "waiting" || this.load());
    on("notification", anew, this.signal); // what waits for its first attempt is told of by its notification alone
    on("again", () => { this.loadTargets(); this.load(); }, this.signal);
    on("reset", () => this.load(), this.signal);
    on("subscription", () => this.loadTargets(), this.signal);
    this.grid.addEventListener("scroll", () => {
      const { scrollTop, scrollHeight, clientHeight } = this.grid;
      if (scrollTop === 0 && this.missed) this.load();
      else if (scrollTop === 0) this.paint();
      if (this.next && scrollTop + clientHeight > scrollHeight - 1500) this.older();
    }, { passive: true });
    this.grid.addEventListener("keydown", (event) => this.press(event));
    this.grid.addEventListener("click", (event) => {
      const row = event.target.closest("[data-row]");
      if (row) this.open(Number(row.dataset.row));
    });
    const clock = setInterval(() => this.paint(), 1000); // for the countdowns
    this.signal.addEventListener("abort", () => clearInterval(clock));
  }

  // follow shows what the address says.
  follow() {
    if (this.filter.follow()) this.load();
    const number = Number(read().rest[0]) || 0;
    if (number && number !== this.shows) this.inspect(number);
    else if (!number && this.shows) this.close();
  }

  async load() {
    const { box } = this.filter.search;
    if (document.activeElement === box && /(^|\s)[a-z]+:$/i.test(box.value)) return; // a field whose value is still to be typed
    this.unheard.show(this.filter.wanted().conversation);
    this.asked?.abort();
    const asked = this.asked = new AbortController();
    this.signal.addEventListener("abort", () => asked.abort());
    this.total.load();
    this.missed = false;
    try {
      const answer = await get(`/deliveries${query({ ...this.filter.first(), limit: page })}`, asked.signal);
      this.filter.search.wrong("");
      this.known = new Map(answer.deliveries.map((d) => [d.number, d]));
      this.deliveries = answer.deliveries;
      this.next = answer.next;
      this.fresh = [];
      this.grid.scrollTop = 0;
      this.show();
    } catch (error) {
      if (error.name === "AbortError") return;
      if (error.status === 400) this.filter.search.wrong(error.message);
      else note(error.message, { bad: true });
    }
  }

  async loadTargets() {
    const answer = await get("/subscriptions", this.signal).catch(() => null);
    if (!answer) return;
    this.targets = new Map(answer.subscriptions.map((s) => [s.subscription_id, s.name]));
    this.receives = answer.subscriptions.some((s) => s.enabled);
    this.filter.setTargets(this.targets);
    this.paint();
  }

  // older loads the next page.
  async older() {
    if (this.loading) return;
    this.loading = true;
    const answer = await get(`/deliveries${query({ ...this.filter.wanted(), limit: page, before: this.next })}`, this.asked.signal).catch(() => null);
    this.loading = false;
    if (!answer) return;
    for (const d of answer.deliveries) {
      if (!this.known.has(d.number)) this.deliveries.push(d);
      this.known.set(d.number, d);
    }
    this.next = answer.next;
    this.show();
  }

  // take handles a delivery of the event stream. New ones wait while the list is scrolled down.
  take(d) {
    if (this.known.has(d.number)) {
      const old = this.known.get(d.number);
      const now = { ...old, ...d, notification_detail: d.notification_detail ?? old.notification_detail };
      if (this.filter.fits(now)) this.known.set(d.number, now);
      else this.leave(d.number);
      if (this.filter.isSearch() && now.state !== old.state) this.anew(); // it may match no longer, which the server knows
    } else if (this.filter.isSearch()) {
      if (!this.filter.range.values.at) this.anew();
    } else if (this.fresh.length > most) {
      return; // the list is loaded anew when it is scrolled to the top
    } else if (this.filter.fits(d)) {
      this.known.set(d.number, d);
      this.fresh.push(d);
    }
    this.paint();
  }

  // leave takes a delivery out of the list, which has become another one than the filter asks for.
  leave(number) {
    this.known.delete(number);
    const others = (d) => d.number !== number;
    this.deliveries = this.deliveries.filter(others);
    this.fresh = this.fresh.filter(others);
  }

  // mix puts the new ones on top. Beyond the maximum, the oldest are loaded again when needed.
  mix() {
    if (this.fresh.length > most) {
      this.fresh = [];
      return void this.load();
    }
    this.deliveries = [...this.fresh, ...this.deliveries].sort((a, b) => b.number - a.number); // one may fit the filter only now
    this.fresh = [];
    for (const d of this.deliveries.splice(most)) {
      this.known.delete(d.number);
      this.next = this.deliveries.at(-1).number;
    }
  }

  toTop() {
    this.grid.scrollTop = 0;
    this.paint();
    this.grid.focus();
  }

  show() {
    if (this.grid.scrollTop === 0 && this.fresh.length) this.mix();
    this.rows.set(this.deliveries);
    this.grid.hidden = !this.deliveries.length;
    this.grid.setAttribute("aria-rowcount", this.next ? -1 : this.deliveries.length);
    this.empty.hidden = !!this.deliveries.length;
    if (!this.deliveries.length) {
      this.empty.replaceChildren(...nothing(this));
    }
    this.more.hidden = this.fresh.length === 0;
    this.more.textContent = `${count(this.fresh.length)} new ↑`;
    this.mark();
  }

  make(d) {
    return el("div", { class: "cells", role: "row", id: `d${d.number}` }, columns.map((c) => el("span", { role: "gridcell", "data-name": c })));
  }

  update(node, old, index) {
    const d = this.known.get(old.number) ?? old;
    const n = d.notification_detail ?? {};
    const due = d.state === "waiting" && ms(d.due);
    const texts = [
      time(sent(d)), kind(n.type ?? ""), n.party || n.agent_id || "", this.targets.get(d.subscription_id) ?? short(d.subscription_id),
      sign(d.state) + (d.kind ? ` (${d.kind})` : ""), response(d), String(d.attempts), latency(d.latency_us),
      due ? (due > Date.now() ? `in ${span(due - Date.now() + 999)}` : "now") : "",
    ];
    texts.map(visible).forEach((text, i) => { if (node.children[i].textContent !== text) node.children[i].textContent = text; });
    const looks = `cells ${d.state} state-${look(standing(d))} outcome-${look(d.outcome)}`;
    if (node.className !== looks) node.className = looks;
    node.setAttribute("aria-rowindex", index + 1);
    node.setAttribute("aria-selected", d.number === this.chosen);
  }

  mark() {
    if (document.getElementById(`d${this.chosen}`)) this.grid.setAttribute("aria-activedescendant", `d${this.chosen}`);
    else this.grid.removeAttribute("aria-activedescendant");
  }

  press(event) {
    const last = this.deliveries.length - 1;
    const pageful = Math.floor(this.grid.clientHeight / this.rows.needs.height());
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: pageful, PageUp: -pageful, Home: -Infinity, End: Infinity };
    if (event.key in moves && last >= 0) {
      event.preventDefault();
      const at = this.deliveries.findIndex((d) => d.number === this.chosen);
      const to = Math.max(0, Math.min(last, at + moves[event.key]));
      this.chosen = this.deliveries[to].number;
      this.rows.reveal(to);
      this.mark();
    } else if (event.key === "Enter" && this.known.has(this.chosen)) {
      event.preventDefault();
      this.open(this.chosen);
    }
  }

  open(number) {
    change({}, { rest: [String(number)] });
    this.follow();
  }

  // inspect shows a delivery beside the list.
  inspect(number) {
    this.chosen = this.shows = number;
    this.rows.paint();
    this.mark();
    this.shown?.abort();
    const shown = this.shown = new AbortController();
    this.signal.addEventListener("abort", () => shown.abort());
    detail(this.pane, number, this.targets, shown.signal, () => {
      change({}, { rest: [] });
      this.close();
      this.grid.focus();
    }).then((known) => {
      if (!known && !shown.signal.aborted) this.pane.hidden = true; // it is past retention, which a note says
    });
  }

  close() {
    this.shows = 0;
    this.shown?.abort();
    this.pane.hidden = true;
  }
}

// nothing is shown instead of an empty list.
function nothing({ filter, targets, receives }) {
  if (filter.isSet()) return [el("p", { text: "No delivery matches the filter." }), button("Clear the filter", () => filter.clear())];
  const first = receives ? [] : ["First ", el("a", { href: "#/subscriptions", text: targets.size ? "enable your subscription" : "subscribe a consumer" }), ", then "];
  return [el("p", {}, el("strong", { text: "Nothing sent yet." })),
    el("p", {}, ...first, el("a", { href: "#/scenarios", text: receives ? "Run a scenario" : "run a scenario" }), " or ", el("a", { href: "#/conversations", text: "start a conversation" }), ".")];
}
