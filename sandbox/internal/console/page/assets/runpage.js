// runpage.js is the page of one run: what it has come to so far, and what can be done with it.

import { el, button, attempt, note } from "./dom.js";
import { get, post, look, part } from "./api.js";
import { on } from "./live.js";
import { link } from "./address.js";
import { controls } from "./runs.js";
import { Comparison } from "./compare.js";
import { Outcomes, tiles, verdict } from "./runparts.js";
import { count, time } from "./format.js";

const every = 1000; // ms between two looks at a run that is not settled

export async function page(root, signal, id) {
  if (document.activeElement === document.body) root.focus({ preventScroll: true }); // the link that was followed is gone
  const run = await get(`/runs/${part(id)}`, signal).catch((error) => error);
  if (signal.aborted) return;
  if (!run.id) {
    root.append(el("div", { class: "empty" }, el("p", {}, el("strong", { text: run.status === 404 ? "No such run, or it is past retention." : `The run could not be read: ${run.message}` })),
      el("p", {}, el("a", { href: link("runs"), text: "All runs" }))));
    return;
  }
  new Page(root, signal, run).start();
}

class Page {
  constructor(root, signal, run) {
    this.signal = signal;
    this.run = run;
    this.state = el("span", { class: "tag", role: "status" });
    this.about = el("p", { class: "quiet" });
    this.buttons = controls(run, (now) => this.take(now));
    this.verdict = el("div", { class: "verdict", role: "status" });
    this.tiles = el("dl", { class: "tiles" });
    this.outcomes = new Outcomes(run);
    this.charts = el("section", { class: "part", "aria-label": "Charts" });
    this.compared = el("section", { class: "part", "aria-labelledby": "compare-title" });
    this.comparison = new Comparison(this.compared, run, signal);
    root.append(el("div", { class: "bar-top" }, el("a", { class: "back-runs", href: link("runs"), text: "‹ All runs" }), el("h1", { text: run.name }), this.state,
      this.buttons.nodes, button("Run again", () => this.again(run.seed), { "aria-label": `Run again with seed ${run.seed}` }), button("Run again, new seed", () => this.again()),
      el("a", { class: "button", href: link("deliveries", [], { run: run.id }), text: "Deliveries" })),
    this.about, this.verdict, this.tiles, this.charts, this.outcomes.node, this.compared, downloads(run), source(run));
  }

  start() {
    this.update();
    on("run", (now) => now.id === this.run.id && this.take(now), this.signal);
    on("again", () => this.ask(), this.signal);
    on("reset", () => { location.hash = link("runs"); }, this.signal);
    document.addEventListener("visibilitychange", () => document.hidden || this.ask(), { signal: this.signal });
    this.signal.addEventListener("abort", () => clearTimeout(this.timer));
    this.ask();
    this.comparison.start();
  }

  // take gets the run as it is now; its text never changes.
  take(now) {
    const ended = now.state !== this.run.state;
    this.run = { ...this.run, ...now, source: this.run.source };
    this.update();
    if (ended) this.ask();
  }

  update() {
    const { run } = this;
    if (this.state.textContent !== run.state) this.state.textContent = run.state;
    this.buttons.update(run);
    const set = Object.entries({ ...run.options, ...run.options?.set }).filter(([name]) => name !== "set").map(([name, value]) => `${name} ${String(value).slice(0, 60)}`);
    this.about.textContent = [`started ${time(run.created)}`, run.ended && `ended ${time(run.ended)}`, `seed ${run.seed}`, `speed ${run.speed}`,
      `${count(run.position)} notifications of the plan`, ...set, run.reason, run.error].filter(Boolean).join(" · ");
  }

  // ask asks for the figures, again and again until the run is settled. Nobody watches a hidden page.
  async ask() {
    clearTimeout(this.timer);
    this.asked?.abort();
    const asked = this.asked = new AbortController();
    this.signal.addEventListener("abort", () => asked.abort());
    if (document.hidden || this.signal.aborted) return;
    const began = performance.now();
    const figures = await look(`/runs/${part(this.run.id)}/figures`, asked.signal).catch((error) => error);
    if (asked.signal.aborted) return;
    if (figures.run) this.show(figures);
    else if (figures.status === 404) return note("The run is gone: the sandbox was reset, or it is past retention.", { bad: true });
    if (figures.settled && this.unsettled) this.comparison.show(); // what was compared was not all
    this.unsettled = !figures.settled;
    if (!figures.settled) this.timer = setTimeout(() => this.ask(), Math.max(every, 4 * (performance.now() - began)));
  }

  show(figures) {
    this.figures = figures;
    verdict(this.verdict, figures);
    tiles(this.tiles, figures);
    this.outcomes.set(figures);
    this.draw(figures);
  }

  // draw loads the charts when they are first needed. Without them, the tables are there.
  async draw(figures) {
    this.drawing ??= import("./charts.js").then(({ Charts }) => new Charts(this.charts, this.signal), () => undefined);
    await (await this.drawing)?.set(figures);
  }

  // again plays the same text with the same options.
  async again(seed) {
    const { source: yaml, speed, options } = this.run;
    const run = await attempt(() => post("/runs", { yaml, speed, options, seed }));
    if (run) location.hash = link("runs", [run.id]);
  }
}

// downloads are the forms of the report.
function downloads(run) {
  const to = (format, text) => el("li", {}, el("a", { href: `/sandbox/v1/runs/${part(run.id)}/report?format=${format}`, download: "", text }));
  return el("section", { class: "part", "aria-labelledby": "report-title" }, el("h2", { id: "report-title", text: "Report" }),
    el("p", { class: "quiet", text: "The report that the command ringback run writes." }),
    el("ul", { class: "downloads" }, to("html", "Download HTML"), to("json", "Download JSON"), to("md", "Download Markdown"), to("xml", "Download JUnit")));
}

function source(run) {
  return el("details", { class: "part" }, el("summary", { text: "Text" }), el("pre", { text: run.source, tabindex: "0" }));
}
