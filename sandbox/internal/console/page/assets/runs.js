// runs.js shows and controls the runs that have not ended.

import { el, button, choice, attempt } from "./dom.js";
import { get, post, patch, part } from "./api.js";
import { on, every } from "./live.js";
import { count } from "./format.js";
import { link } from "./address.js";

const speeds = [0.5, 1, 2, 5, 10, 20, 50, 100, 1000];

// runBar is a section that is there while something runs: its node, and what resolves when the runs are there; known gets all runs by
// their id.
export function runBar(signal, known) {
  const list = el("ul", { class: "runs" });
  const section = el("section", { "aria-labelledby": "runs-title", hidden: true }, el("h2", { id: "runs-title", text: "Runs" }), list);
  const runs = new Map();
  const items = new Map();

  const show = () => {
    if (signal.aborted) return;
    known(runs);
    for (const run of runs.values()) {
      const live = run.state === "running" || run.state === "paused";
      if (live && !items.has(run.id)) {
        items.set(run.id, item(run, set));
        list.append(items.get(run.id).node);
      }
      if (!live && items.has(run.id)) {
        items.get(run.id).node.remove();
        items.delete(run.id);
      }
      items.get(run.id)?.update(run);
    }
    section.hidden = items.size === 0;
  };
  const later = every(200, show);
  const set = (run) => { runs.set(run.id, run); later(); };
  const load = async () => {
    const answer = await attempt(() => get("/runs", signal));
    if (!answer || signal.aborted) return;
    runs.clear();
    for (const i of items.values()) i.node.remove();
    items.clear();
    for (const run of answer.runs) runs.set(run.id, run);
    show();
  };
  // How far a run is changes all the time; twice in three seconds is enough to see it.
  const look = setInterval(async () => {
    if (section.hidden || document.hidden) return;
    const answer = await get("/runs", signal).catch(() => null);
    if (answer && !signal.aborted) answer.runs.forEach(set);
  }, 1500);
  signal.addEventListener("abort", () => clearInterval(look));
  on("run", set, signal);
  on("again", load, signal);
  on("reset", load, signal);
  return { node: section, loaded: load() };
}

// item is one run with its buttons.
function item(run, set) {
  const say = el("span", { class: "quiet" });
  const buttons = controls(run, set);
  const node = el("li", {}, el("a", { href: link("runs", [run.id]) }, el("strong", { text: run.name })), say,
    el("a", { href: link("deliveries", [], { run: run.id }), text: "deliveries", "aria-label": `Deliveries of ${run.name}` }), buttons.nodes);
  return {
    node,
    update(now) {
      const set = Object.entries(now.options?.set ?? {}).map(([name, value]) => ` · ${name}=${value.slice(0, 40)}`);
      say.textContent = `${now.state} · ${count(now.position)} ${now.position === 1 ? "notification" : "notifications"} · seed ${now.seed}${set.join("")}${now.reason ? ` · ${now.reason}` : ""}`;
      buttons.update(now);
    },
  };
}

// controls are the buttons of a run that goes on. set gets the run as each of them has left it.
export function controls(run, set) {
  const act = (what) => async () => {
    const answer = await attempt(() => post(`/runs/${part(run.id)}/${what}`, {}));
    if (answer) set(answer);
  };
  const pause = button("Pause", act("pause"), { "aria-label": `Pause ${run.name}` });
  const resume = button("Resume", act("resume"), { "aria-label": `Resume ${run.name}` });
  const stop = button("Stop", act("stop"), { class: "danger", "aria-label": `Stop ${run.name}` });
  const known = speeds.includes(run.speed) ? speeds : [...speeds, run.speed].sort((a, b) => a - b);
  const speed = choice(known.map((s) => [s, `speed ${s}`]), String(run.speed), { "aria-label": `Speed of ${run.name}` });
  speed.addEventListener("change", async () => {
    const answer = await attempt(() => patch(`/runs/${part(run.id)}`, { speed: Number(speed.value) }));
    if (answer) set(answer);
  });
  return {
    nodes: [pause, resume, stop, speed],
    update(now) {
      const over = now.state !== "running" && now.state !== "paused";
      const focused = document.activeElement === pause || document.activeElement === resume;
      pause.hidden = over || now.state !== "running";
      resume.hidden = over || now.state === "running";
      stop.hidden = speed.hidden = over;
      if (focused && !over) (pause.hidden ? resume : pause).focus();
      if (document.activeElement !== speed) speed.value = String(now.speed);
    },
  };
}
