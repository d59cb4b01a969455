// agents.js shows the agents and changes their presence.

import { el, choice, attempt } from "./dom.js";
import { get, put, part } from "./api.js";
import { on } from "./live.js";
import { count } from "./format.js";

// agentBar is a section that keeps itself up to date until the signal ends it: its node, and what resolves when the agents are there.
export function agentBar(signal) {
  const list = el("ul", { class: "agents" });
  let presences = [];
  const chips = new Map();
  let inRuns = {}; // how many conversations of runs an agent takes part in, by name

  const show = (agent) => {
    let chip = chips.get(agent.name);
    if (!chip) {
      const words = presences.includes(agent.presence) ? presences : [agent.presence, ...presences];
      const select = choice(words, agent.presence, { "aria-label": `Presence of ${agent.name}` });
      const state = el("span", { class: "busy" });
      chip = { select, state };
      select.addEventListener("change", async () => {
        const answer = await attempt(() => put(`/agents/${part(agent.name)}/presence`, { presence: select.value }));
        show(answer ?? agent);
      });
      chips.set(agent.name, chip);
      list.append(el("li", {}, el("strong", { text: agent.name }), state, select));
    }
    chip.agent = agent;
    const runs = inRuns[agent.name] ?? 0;
    const text = (agent.no_answer ? "● no answer" : agent.busy ? "● busy" : runs ? "◐ in a run" : "○ free") + (runs > 1 ? ` (${count(runs)} conversations of runs)` : "") + (agent.intended ? `, then ${agent.intended}` : "");
    if (chip.state.textContent !== text) chip.state.textContent = text;
    chip.state.classList.toggle("on", agent.busy || runs > 0);
    if (document.activeElement !== chip.select) chip.select.value = agent.intended ?? agent.presence; // what was chosen
  };

  const load = async () => {
    const [all, words] = (await attempt(() => Promise.all([get("/agents", signal), get("/presences", signal)]))) ?? [];
    if (!all || signal.aborted) return;
    presences = words.presences;
    inRuns = all.in_runs ?? {};
    all.agents.forEach(show);
  };
  on("agent", show, signal);
  on("activity", (activity) => {
    inRuns = activity.agents;
    for (const chip of chips.values()) show(chip.agent);
  }, signal);
  on("again", load, signal);
  on("reset", load, signal);
  const node = el("section", { "aria-labelledby": "agents-title", class: "agents-section" }, el("h2", { id: "agents-title", text: "Agents" }), list);
  return { node, loaded: load() };
}
