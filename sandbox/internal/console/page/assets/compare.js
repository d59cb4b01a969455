// compare.js shows a run beside another one. Which, stands in the address.

import { el, choice, field } from "./dom.js";
import { get, look, part } from "./api.js";
import { bind, link } from "./address.js";
import { Table } from "./tables.js";
import { count, latency, time } from "./format.js";

// shown is a figure in its unit: a count, a rate, or a time in nanoseconds.
function shown(value, unit) {
  if (value === null) return "–";
  if (unit === "ns") return latency(value / 1000) || "0 ms";
  return `${count(Math.round(value * 10) / 10)}${unit}`;
}

// change says how far b is from a.
function change(a, b) {
  if (a === null || b === null) return "";
  if (a === b) return "=";
  if (a === 0) return "";
  const percent = (100 * (b - a)) / a;
  return `${percent > 0 ? "+" : "−"}${Math.abs(percent).toFixed(1)} %`;
}

// Comparison is the section of a page.
export class Comparison {
  constructor(node, run, signal) {
    this.run = run;
    this.signal = signal;
    this.other = choice([["", "choose a run…"]], "");
    this.about = el("p", { class: "quiet", role: "status" });
    this.table = new Table("Figures", ["Figure", "This run", "The other", "Difference"], { level: "h3", empty: "Neither run did anything." });
    this.result = el("div", { hidden: true }, this.about, this.table.node, this.links = el("p", { class: "row" }));
    node.append(el("h2", { id: "compare-title", text: "Compare" }), field("With", this.other), this.result);
    this.bound = bind("with", this.other, () => this.show());
  }

  // start offers the other runs, the newest first, and those of the same name before all others.
  async start() {
    const answer = await get("/runs", this.signal).catch(() => null);
    if (!answer || this.signal.aborted) return;
    const others = answer.runs.filter((r) => r.id !== this.run.id).sort((a, b) => (b.name === this.run.name) - (a.name === this.run.name));
    this.other.replaceChildren(new Option("choose a run…", ""), ...others.map((r) => new Option(`${r.name}, ${time(r.created)}, seed ${r.seed} (${r.state})`, r.id)));
    this.bound.show();
    await this.show();
  }

  // show compares with what is chosen.
  async show() {
    const other = this.bound.value;
    this.asked?.abort();
    const asked = this.asked = new AbortController();
    this.signal.addEventListener("abort", () => asked.abort());
    if (!other) {
      this.result.hidden = true;
      return;
    }
    const to = `/runs/${part(this.run.id)}/compare?with=${part(other)}`;
    const c = await look(to, asked.signal).catch((error) => error);
    if (asked.signal.aborted) return;
    this.result.hidden = false;
    if (!c.differences) {
      this.say(c.status === 404 ? "The other run is gone: it is past retention." : `The runs could not be compared: ${c.message}`);
      this.table.set([]);
      this.links.replaceChildren();
      return;
    }
    const plans = c.same_plan ? "Both played the same" : "They played different stories, options or seeds";
    this.say(`${plans}${c.comparable ? ", and were offered the same load." : c.same_plan ? ", but not with the same load, or not to the end." : ": what differs need not be the consumer."} This run: ${c.a.headline}. The other: ${c.b.headline}.`);
    this.table.set(c.differences.map((d) => ({ key: d.figure, cells: [d.figure, shown(d.a, d.unit), shown(d.b, d.unit), change(d.a, d.b)] })));
    this.links.replaceChildren(el("a", { href: link("runs", [other]), text: "Show the other run" }),
      el("a", { href: `/sandbox/v1${to}&format=html`, download: "", text: "Download the comparison" }));
  }

  say(text) {
    if (this.about.textContent !== text) this.about.textContent = text;
  }
}
