// charts.js draws the course of a run over time: rates, latency and lateness. uPlot and its style are loaded with it.

import uPlot from "./uplot.js";
import { el } from "./dom.js";
import { Table, styled } from "./tables.js";
import { count, latency, span } from "./format.js";

const height = 190;
const rows = 24; // of the table

// The charts: lines have a name, a colour of the page, a dash so that colours are not needed, and a value of a point.
const times = (of) => [["p50", "--connected", [], (p) => p[of]?.p50], ["p99", "--link", [8, 4], (p) => p[of]?.p99], ["max", "--held", [2, 3], (p) => p[of]?.max]];
const kinds = [
  { title: "Rate", unit: "a second", of: "deliveries and failed attempts", log: false, lines: [["offered", "--link", [8, 4], (p) => p.offered], ["delivered", "--connected", [], (p) => p.delivered],
    ["failures", "--bad", [2, 3], (p) => p.failures]] },
  { title: "Latency", of: "from the beginning of a request to the end of its response", log: true, lines: times("latency_us") },
  { title: "Lateness", of: "from when a first attempt was due to its beginning", log: true, lines: times("lateness_us") },
];

// colour is a colour of the page as a canvas takes it.
function colour(name) {
  const probe = el("span");
  document.body.append(probe);
  probe.style.color = `var(${name})`;
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

// dense is the points without gaps: between them nothing happened.
function dense({ points, step_s: step }) {
  const all = [];
  for (const p of points) {
    while (all.length < Math.round(p.at_s / step)) all.push({ at_s: all.length * step, offered: 0, delivered: 0, attempts: 0, failures: 0, latency_us: null, lateness_us: null });
    all.push(p);
  }
  return all;
}

const clock = (seconds) => (seconds < 60 ? `${Math.round(seconds * 100) / 100} s` : span(seconds * 1000));
const shown = (log, v) => (v === null || v === undefined ? "–" : log ? latency(v) || "0 ms" : count(Math.round(v * 10) / 10));

class Chart {
  constructor(kind) {
    this.kind = kind;
    this.box = el("div", { class: "chart", "aria-hidden": "true" });
    this.node = el("div", { class: "chart-box" }, el("h3", { text: kind.title }), el("p", { class: "quiet", text: `${kind.of}${kind.unit ? `, ${kind.unit}` : ""}` }), this.box);
  }

  // data is the axis of time and a list for each line.
  data(all, step) {
    const { log, lines } = this.kind;
    return [all.map((p) => p.at_s + step / 2), ...lines.map(([, , , of]) => all.map((p) => {
      const v = of(p);
      return v === undefined || v === null ? null : log ? Math.max(1, v) : v / step;
    }))];
  }

  set(all, step) {
    this.last = [all, step];
    if (this.plot) this.plot.setData(this.data(all, step));
    else this.draw();
  }

  // draw draws anew, as for other colours.
  draw() {
    if (!this.last || !this.box.clientWidth) return;
    this.plot?.destroy();
    const { log, lines } = this.kind;
    const [text, grid] = [colour("--quiet"), colour("--line")];
    const axis = { stroke: text, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
    this.plot = new uPlot({
      width: this.box.clientWidth, height, cursor: { sync: { key: "runs" }, drag: { x: false, y: false } },
      scales: { x: { time: false }, y: log ? { distr: 3 } : { range: (u, low, high) => [0, Math.max(1, high * 1.1)] } },
      axes: [{ ...axis, values: (u, ticks) => ticks.map(clock) },
        { ...axis, size: 70, values: (u, ticks) => ticks.map((v) => (v === null ? "" : log ? latency(v) : count(v))) }],
      series: [{ label: "at", value: (u, v) => (v === null ? "–" : clock(v)) },
        ...lines.map(([label, stroke, dash]) => ({ label, stroke: colour(stroke), dash, width: 1.5, value: (u, v) => shown(log, v) }))],
    }, this.data(...this.last), this.box);
  }

  resize() {
    if (this.plot && this.box.clientWidth) this.plot.setSize({ width: this.box.clientWidth, height });
    else this.draw();
  }
}

// Charts are all of them, with a table of what they show.
export class Charts {
  constructor(node, signal) {
    this.charts = kinds.map((kind) => new Chart(kind));
    this.table = new Table("Over time", ["From", "Offered", "Delivered", "Failures", "Latency p50", "p99", "Lateness p99"], { level: "h3", empty: "Nothing yet." });
    const table = el("details", {}, el("summary", { text: "The charts as a table" }), this.table.node);
    this.ready = styled("/assets/uplot.css").then(() => {
      if (signal.aborted) return;
      node.replaceChildren(el("h2", { text: "Over time" }), el("div", { class: "charts" }, this.charts.map((c) => c.node)), table);
      const sizes = new ResizeObserver(() => this.charts.forEach((c) => c.resize()));
      this.charts.forEach((c) => sizes.observe(c.box));
      const anew = () => this.charts.forEach((c) => c.draw());
      const theme = new MutationObserver(anew);
      theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", anew, { signal });
      signal.addEventListener("abort", () => {
        sizes.disconnect();
        theme.disconnect();
        this.charts.forEach((c) => c.plot?.destroy());
      });
    });
  }

  async set(figures) {
    await this.ready;
    const all = dense(figures);
    for (const chart of this.charts) chart.set(all, figures.step_s);
    const each = Math.max(1, Math.ceil(all.length / rows));
    const parts = [];
    for (let i = 0; i < all.length; i += each) parts.push(all.slice(i, i + each));
    this.table.set(parts.map((some) => {
      const sum = (name) => count(some.reduce((n, p) => n + p[name], 0));
      const most = (of, name) => shown(true, some.reduce((n, p) => (p[of] ? Math.max(n ?? 0, p[of][name]) : n), null));
      return { key: String(some[0].at_s), cells: [clock(some[0].at_s), sum("offered"), sum("delivered"), sum("failures"), most("latency_us", "p50"), most("latency_us", "p99"), most("lateness_us", "p99")] };
    }));
  }
}
