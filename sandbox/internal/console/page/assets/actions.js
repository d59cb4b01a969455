// actions.js makes the buttons of a conversation: the steps that the lifecycle allows now.

import { el, button, choice, note } from "./dom.js";
import { post, part } from "./api.js";
import { capital } from "./format.js";

export const headHeight = 30;
export const actionsHeight = 42;

// actions fills node for conversation c; done gets the conversation as it is after a step.
export function actions(node, c, done) {
  // To finish before the wrap-up is to hang up, which has a button of its own. A rejected channel ends, too.
  const allowed = (c.allowed ?? []).filter((a) => a.step !== "finish" || isIn(c, a.party, "wrap") || isIn(c, a.party, "unexpected"));
  const wanted = JSON.stringify(allowed);
  if (node.wanted === wanted) return;
  node.wanted = wanted;
  const before = node.contains(document.activeElement) ? document.activeElement.dataset.step : undefined;
  const chosen = new Map([...node.querySelectorAll("select")].map((s) => [s.dataset.step, s.value]));
  const several = new Set(allowed.map((a) => a.step).filter((s, i, all) => all.indexOf(s) !== i));

  node.replaceChildren(...allowed.map((a) => {
    const key = `${a.step} ${a.party ?? ""}`;
    const agents = a.agents?.length ? choice(a.agents, undefined, { "aria-label": `Agent to ${a.step}`, "data-step": key }) : null;
    if (agents && a.agents.includes(chosen.get(key))) agents.value = chosen.get(key);
    const go = button(label(c, a, several.has(a.step)), () => step(c.id, { step: a.step, party: a.party, agent: agents?.value }, done), {
      "data-step": key, class: a.step === "hangup" ? "danger" : null,
    });
    return el("span", { class: "action" }, go, agents);
  }));
  if (before !== undefined) focusAgain(node, before);
}

const endings = { email: "Close email", chat: "End chat", case: "Close case" };

const channelOf = (c, party) => c.channels.find((ch) => ch.party === party);

const isIn = (c, party, phase) => c.channels.some((ch) => ch.party === party && ch.phase === phase);

// label is the text of the button for a step; the party is named where several could take it.
function label(c, { step, party }, several) {
  const ending = step === "hangup" && endings[c.medium];
  if (ending) return channelOf(c, party)?.role === "agent" ? `Leave as ${party}` : ending;
  const word = { hangup: "Hang up", callback: "Ask for callback", finish: isIn(c, party, "unexpected") ? "End no answer" : "End wrap-up" }[step] ?? capital(step);
  return several && party ? `${word} ${party}` : word;
}

// After a step its button may be gone; the keyboard stays in the conversation.
function focusAgain(node, key) {
  const buttons = [...node.querySelectorAll("button")];
  const same = buttons.find((b) => b.dataset.step === key) ?? buttons[0] ?? node.closest("[data-row]");
  same?.focus({ preventScroll: true });
}

// step takes a step. If the lifecycle no longer allows it, the response lists what is possible.
async function step(id, { step, party, agent }, done) {
  try {
    done(await post(`/conversations/${part(id)}/${part(step)}`, { party, agent }));
  } catch (error) {
    const words = (error.answer?.allowed ?? []).map((a) => a.step);
    note(words.length ? `${error.message} (possible now: ${[...new Set(words)].join(", ")})` : error.message, { bad: true });
  }
}
