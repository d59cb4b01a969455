// inspector.js shows the deliveries of an event beside the lanes, as the address has it: #/conversations/ID/NUMBER of a delivery, or
// n and the number of a notification that nobody got.

import { el, note } from "./dom.js";
import { detail, undelivered } from "./detail.js";
import { get, part } from "./api.js";
import { change, link, read } from "./address.js";
import { find, focusable } from "./ticks.js";
import { short } from "./format.js";

export class Inspector {
  // view is that of the conversations.
  constructor(view) {
    this.view = view;
    this.what = ""; // what is shown
    this.id = ""; // its conversation
    this.event = ""; // the ID of its event, once that is known
    this.pane = el("aside", { class: "pane", hidden: true, "aria-label": "Deliveries of an event" });
    this.absent = el("p", { class: "nobody", role: "status", hidden: true });
  }

  // open shows what became of the event of a tick.
  async open(tick) {
    const { outcomes, signal } = this.view;
    const { id } = tick.closest("[data-row]").conversation;
    const known = outcomes.of(id);
    if (!outcomes.opens(known, tick.event)) await outcomes.load(id, known);
    const what = outcomes.opens(known, tick.event);
    if (signal.aborted) return;
    if (!what) return void note("What became of this event is not known yet.");
    change({}, { rest: [id, what] });
    this.follow();
  }

  // follow shows what the address says.
  follow() {
    const [id = "", what = ""] = read().rest;
    if (id !== this.id) {
      this.id = id;
      this.absent.hidden = true;
      if (id) this.point();
    }
    if (what === this.what) return;
    this.shown?.abort();
    this.what = what;
    this.event = "";
    this.pane.hidden = true;
    this.mark();
    if (what) this.show(what);
  }

  async show(what) {
    const shown = this.shown = new AbortController();
    this.view.signal.addEventListener("abort", () => shown.abort());
    const at = (number) => link("conversations", [this.id, number], Object.fromEntries(read().values));
    const close = () => this.close();
    const known = what.startsWith("n") ? await undelivered(this.pane, what.slice(1), shown.signal, close)
      : await detail(this.pane, Number(what), this.view.targets, shown.signal, close, at);
    if (shown.signal.aborted) return;
    if (!known) return this.missing("It is not known any more; what is past retention is deleted.");
    this.event = known.id;
    this.mark();
  }

  // point scrolls to the conversation, or says why it has no lane.
  async point() {
    const { view, id } = this;
    if (!view.conversations.has(id)) {
      const c = await get(`/conversations/${part(id)}`, view.signal).catch(() => null); // the list may leave it out
      if (id !== this.id) return;
      if (!c) return this.missing("It has ended: a lane is shown until 30 seconds after the end.");
      view.conversations.set(id, c);
      view.show();
    }
    const row = view.rows.reveal(view.rows.items.findIndex((c) => c.id === id));
    if (!row) this.missing("The filter leaves it out.");
    this.mark();
  }

  missing(why) {
    this.absent.hidden = false;
    this.absent.replaceChildren(`No lane is shown of conversation ${short(this.id)}. ${why} `, el("a", { href: link("deliveries", [], { conversation: this.id }), text: "Show its deliveries" }), ".");
  }

  // mark shows which tick is inspected.
  mark() {
    for (const node of this.view.list.querySelectorAll('.tick[aria-expanded="true"]')) node.removeAttribute("aria-expanded");
    if (this.event) this.tick()?.setAttribute("aria-expanded", "true");
  }

  tick() {
    return find(this.view.rows.nodes.get(this.id), this.event);
  }

  // close gives the focus back to the tick.
  close() {
    const { view, id, event } = this;
    change({}, { rest: [] });
    this.follow();
    view.rows.reveal(view.rows.items.findIndex((c) => c.id === id));
    const tick = event && find(view.rows.nodes.get(id), event);
    if (tick) focusable(tick.closest(".lane"), tick);
    (tick || view.list).focus();
  }
}
