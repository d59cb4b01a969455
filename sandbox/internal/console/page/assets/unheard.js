// unheard.js lists the notifications of a conversation that nobody got, above the list of its deliveries, which has none of them.

import { el } from "./dom.js";
import { Outcomes } from "./outcomes.js";
import { every } from "./live.js";
import { link } from "./address.js";
import { count, kind } from "./format.js";

const most = 20; // that have a link each

export class Unheard {
  constructor(signal) {
    this.node = el("p", { class: "nobody", role: "status", hidden: true });
    this.id = "";
    const again = every(300, () => signal.aborted || this.paint());
    this.outcomes = new Outcomes(again, signal);
  }

  // show lists those of a conversation; "": none is chosen.
  show(id) {
    this.id = id;
    this.paint();
  }

  paint() {
    const all = this.id ? this.outcomes.unheard(this.outcomes.of(this.id)) : [];
    this.node.hidden = !all.length;
    const shown = all.map((n) => n.notification).join();
    if (shown === this.shown) return;
    this.shown = shown;
    this.node.replaceChildren(`${count(all.length)} ${all.length === 1 ? "event" : "events"} of this conversation nobody got: `,
      ...all.slice(0, most).flatMap((n, i) => [i ? ", " : "", el("a", { href: link("conversations", [this.id, `n${n.notification}`]), text: kind(n.type) })]),
      all.length > most ? ", …" : ".");
  }
}
