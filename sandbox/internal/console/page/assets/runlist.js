// runlist.js is the list of runs, live and past, and where a new one is started. A run has a page of its own.

import { el, choice, field, attempt, note } from "./dom.js";
import { get, post } from "./api.js";
import { on, every } from "./live.js";
import { bind, link } from "./address.js";
import { Table, styled } from "./tables.js";
import { count, time, ms, span } from "./format.js";

export async function mount(root, { signal, at }) {
  await styled("/assets/runs.css");
  if (signal.aborted) return;
  if (at.rest[0]) {
    const { page } = await import("./runpage.js");
    if (!signal.aborted) return page(root, signal, at.rest[0]);
    return;
  }
  const filter = el("input", { type: "search", "data-filter": true, placeholder: "name or state", size: 16 });
  const table = new Table("Runs", ["Run", "State", "Started", "Took", "Notifications", "Rate", "Speed", "Seed"],
    { level: "h1", empty: "No run. Start one above, or run a scenario of the library." });
  if (document.activeElement === document.body) root.focus({ preventScroll: true }); // the link that was followed is gone
  const runs = new Map();
  const seen = new Map(); // of live runs: where they were a moment ago, for the rate
  const show = () => {
    if (signal.aborted) return;
    const words = filtered.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = [...runs.values()].filter((r) => words.every((w) => `${r.name} ${r.state} ${r.id}`.toLowerCase().includes(w)))
      .sort((a, b) => ms(b.created) - ms(a.created) || (a.id < b.id ? 1 : -1));
    table.set(hits.map((r) => row(r, rate(r, seen))));
  };
  const filtered = bind("q", filter, show);
  const later = every(250, show);
  const load = async () => {
    const answer = await attempt(() => get("/runs", signal));
    if (!answer || signal.aborted) return;
    runs.clear();
    for (const run of answer.runs) runs.set(run.id, run);
    show();
  };
  root.append(el("div", { class: "bar-top" }, await starter(signal), field("Filter", filter)), table.node);
  on("run", (run) => { runs.set(run.id, run); later(); }, signal);
  on("again", load, signal);
  on("reset", load, signal);
  const clock = setInterval(() => [...runs.values()].some(live) && !document.hidden && load(), 1500);
  signal.addEventListener("abort", () => clearInterval(clock));
  await load();
}

export const live = (run) => run.state === "running" || run.state === "paused";

// took is how long a run has gone on, in milliseconds.
export const took = (run) => (ms(run.ended) || Date.now()) - ms(run.created);

// rate is how many notifications a second a live run has now, or an ended one had.
function rate(run, seen) {
  if (!live(run)) return took(run) > 0 ? (run.position * 1000) / took(run) : 0;
  const now = performance.now();
  const before = seen.get(run.id);
  if (!before || now - before.at > 1000) {
    const perSecond = before ? ((run.position - before.position) * 1000) / (now - before.at) : 0;
    seen.set(run.id, { at: now, position: run.position, perSecond: Math.max(0, perSecond) });
  }
  return seen.get(run.id).perSecond;
}

function row(run, perSecond) {
  const look = { failed: "bad", running: "good" }[run.state] ?? "";
  return { key: run.id, cells: [
    { text: run.name, href: link("runs", [run.id]), label: `${run.name}, started ${time(run.created)}` },
    { text: run.state, look }, time(run.created), span(took(run)), count(run.position), `${count(Math.round(perSecond * 10) / 10)}/s`, `${run.speed} ×`, run.seed,
  ] };
}

// starter is the form that starts a scenario or workload of the library.
async function starter(signal) {
  const all = (await attempt(() => get("/scenarios", signal)))?.scenarios ?? [];
  const what = choice([["", "choose…"], ...all.map((s) => [s.name, s.kind === "workload" ? `${s.name} (workload)` : s.name])], "", { required: true });
  const speed = choice(["1", "2", "5", "10", "20", "50", "100", "1000"].map((v) => [v, `${v} ×`]), "1");
  const seed = el("input", { type: "text", inputmode: "numeric", pattern: "[0-9]*", size: 8, placeholder: "any" });
  const amount = el("input", { type: "number", min: 1, max: 100000, placeholder: "1", class: "narrow" });
  const edit = el("a", { href: "#/scenarios", text: "Change its text first" });
  const bound = bind("start", what, () => follow());
  const follow = () => { edit.href = link("scenarios", bound.value ? [bound.value] : []); };
  follow();
  const start = async () => {
    const options = amount.value ? { count: Number(amount.value) } : {};
    const wish = { scenario: bound.value, speed: Number(speed.value), options };
    if (seed.value) wish.seed = seed.value;
    const run = await attempt(() => post("/runs", wish));
    if (!run) return;
    for (const text of run.warnings ?? []) note(text);
    location.hash = link("runs", [run.id]);
  };
  return el("form", { class: "row run", "aria-label": "Start a run", onsubmit: (event) => { event.preventDefault(); start(); } },
    field("Scenario or workload", what), field("Speed", speed), field("Seed", seed), field("Count", amount),
    el("button", { class: "primary", text: "Start" }), edit);
}
