// runparts.js shows the figures of a run: what to know first, and tables of counts.

import { el } from "./dom.js";
import { link } from "./address.js";
import { Table } from "./tables.js";
import { count, latency, span, states, word, sign, look, kind } from "./format.js";

// rate is how often something came in the last points, a second.
export function rate(figures, name) {
  const { points, step_s: step, settled, took_s: took } = figures;
  if (settled) return points.reduce((sum, p) => sum + p[name], 0) / Math.max(took, step);
  const until = took - step; // the last point is not over
  const from = until - Math.max(2, step);
  const some = points.filter((p) => p.at_s + step > from && p.at_s < until);
  return some.reduce((sum, p) => sum + p[name], 0) / Math.max(step, Math.min(until, Math.max(2, step)));
}

const perSecond = (n) => `${count(n < 10 ? Math.round(n * 10) / 10 : Math.round(n))}/s`;
const us = (n) => latency(n) || "0 ms";

// tiles are the figures to know first.
export function tiles(node, f) {
  const when = f.settled ? "" : " now";
  const all = [
    [`Offered${when}`, perSecond(rate(f, "offered"))], [`Delivered${when}`, perSecond(rate(f, "delivered"))],
    ["Latency p50 / p99", f.latency_us ? `${us(f.latency_us.p50)} / ${us(f.latency_us.p99)}` : "–"],
    ["Lateness p99", f.lateness_us ? us(f.lateness_us.p99) : "–"],
    ["Waiting", count(f.deliveries.waiting)], ["Retries", count(f.retries)], ["Took", span(f.took_s * 1000)],
  ];
  if (node.children.length !== all.length) node.replaceChildren(...all.map(() => el("div", {}, el("dt"), el("dd"))));
  all.forEach(([name, value], i) => {
    const [dt, dd] = node.children[i].children;
    if (dt.textContent !== name) dt.textContent = name;
    if (dd.textContent !== value) dd.textContent = value;
  });
}

// verdict says how the run went, or that it goes on, and what the figures lack.
export function verdict(node, f) {
  const lines = [];
  if (f.verdict) lines.push([f.verdict === "passed" ? "good" : "bad", `${f.verdict === "passed" ? "✓" : "✕"} ${f.verdict}${f.causes.length ? `: ${f.causes.join("; ")}` : ""}`]);
  else if (f.settled) lines.push(["quiet", "No verdict: a part of it is past retention, and what is left proves nothing about that."]);
  else lines.push(["quiet", f.state === "running" || f.state === "paused" ? "So far; there is a verdict once nothing waits." : `${count(f.deliveries.waiting)} still wait; there is a verdict once none does.`]);
  const { notifications, deliveries, attempts } = f.forgotten;
  const gone = [[notifications, "notifications"], [deliveries, "deliveries"], [attempts, "attempts"]].filter(([n]) => n).map(([n, what]) => `${count(n)} ${what}`);
  if (gone.length) lines.push(["bad", `⚠ Past retention, and in none of these figures: ${gone.join(", ")}.`]);
  if (f.no_gates) lines.push(["bad", `⚠ The gates of its text are not judged: ${f.no_gates}`]);
  for (const text of f.unjudged) lines.push(["quiet", `Not judged here: ${text}.`]);
  const text = lines.map(([, line]) => line).join("\n");
  if (node.dataset.text === text) return;
  node.dataset.text = text;
  node.replaceChildren(...lines.map(([look, line]) => el("p", { class: look, text: line })));
}

// Outcomes are the tables.
export class Outcomes {
  constructor(run) {
    this.run = run;
    this.states = new Table("Deliveries", ["State", "Count", "Share"]);
    this.attempts = new Table("Attempts", ["Outcome or status", "Count"], { empty: "No attempt yet." });
    this.gates = new Table("Gates", ["Gate", "Result", "Value"], { empty: "Its text has no gates." });
    this.faults = new Table("Faults", ["Fault", "Expected", "Planned", "Right", "Wrong", "Open", "Why wrong"], { empty: "No faults, neither planned nor injected." });
    this.subscriptions = new Table("Subscriptions", ["Subscription", "Deliveries", "Delivered", "Failed", "Waiting", "p50", "p99"], { empty: "No subscription wanted any of it." });
    this.types = new Table("Types", ["Type", "Deliveries", "Delivered", "Failed", "Waiting"]);
    this.node = el("div", { class: "parts" }, [this.states, this.attempts, this.gates, this.faults, this.subscriptions, this.types].map((t) => t.node));
  }

  // to is the address of deliveries of the run.
  to(values) {
    return link("deliveries", [], { ...values, run: this.run.id });
  }

  set(f) {
    const all = Object.values(f.deliveries).reduce((a, b) => a + b, 0);
    this.states.set(states.filter((s) => f.deliveries[s]).map((s) => ({ key: s, cells: [
      { text: sign(s), look: look(s) },
      { text: count(f.deliveries[s]), href: this.to({ state: s }), label: `${count(f.deliveries[s])} ${word(s)}: show the deliveries` },
      `${(100 * f.deliveries[s] / all).toFixed(1)} %`,
    ] })));
    this.attempts.set([...Object.entries(f.attempts).map(([o, n]) => ({ key: o, cells: [{ text: sign(o), look: look(o) }, count(n)] })),
      ...Object.entries(f.statuses).map(([s, n]) => ({ key: s, cells: [s, count(n)] }))]);
    this.gates.set(f.gates.map((g) => ({ key: g.gate, cells: [g.gate, { text: g.passed ? "✓ holds" : "✕ fails", look: g.passed ? "good" : "bad" }, g.was] })));
    this.faults.set(f.faults.map((k) => ({ key: k.kind, cells: [k.kind, k.want, count(k.planned), count(k.right), { text: count(k.wrong), look: k.wrong ? "bad" : "" }, count(k.open), k.example] })));
    this.subscriptions.set(f.subscriptions.map((s) => ({ key: s.id, cells: [s.name, { text: count(s.all), href: s.id === "others" ? undefined : this.to({ target: s.id }), label: `${count(s.all)} to ${s.name}: show the deliveries` },
      ...["delivered", "failed", "waiting"].map((state) => count(s.states[state] ?? 0)), us(s.latency_us?.p50), us(s.latency_us?.p99)] })));
    this.types.set(f.types.map((t) => ({ key: t.name, cells: [kind(t.name), { text: count(t.all), href: this.to({ type: t.name }), label: `${count(t.all)} ${t.name}: show the deliveries` },
      ...["delivered", "failed", "waiting"].map((state) => count(t.states[state] ?? 0))] })));
  }
}
