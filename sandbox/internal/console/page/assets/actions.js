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
    const select = (options, name, about) => {
      if (!options.length) return null;
      const node = choice(options, undefined, { "aria-label": about, "data-step": name });
      if (options.some(([value]) => value === chosen.get(name))) node.value = chosen.get(name);
      return node;
    };
    const target = select(targets(c, a), key, `Agent to ${a.step}`);
    const kind = select((a.kinds ?? []).map((k) => [k, kinds[k] ?? k]), `${key} kind`, `When to ${a.step}`);
    const body = () => ({ party: a.party, ...JSON.parse(target?.value ?? "{}"), ...(kind ? { kind: kind.value } : {}) });
    const go = button(label(c, a, several.has(a.step)), () => step(c.id, a.step, body(), done), {
      "data-step": key, class: a.step === "hangup" ? "danger" : null,
    });
    return el("span", { class: "action" }, go, target, kind);
  }));
  if (before !== undefined) focusAgain(node, before);
}

const kinds = { "assured-cold": "when answered", warm: "after a consultation", "unassured-cold": "at once" };

// targets are the parts of a request that say who is called in, with their texts.
function targets(c, a) {
  const present = (name) => c.channels.some((ch) => ch.party === name && !["ended", "unexpected"].includes(ch.phase));
  const number = ["supplier", "second supplier"].find((name) => !present(name));
  return [
    ...(a.agents ?? []).map((agent) => [JSON.stringify({ agent }), agent]),
    ...(a.number ? [[JSON.stringify({ number }), `${number} (outside)`]] : []),
    ...(a.queue ? [[JSON.stringify({ queue: true }), "a queue"]] : []),
  ];
}

const endings = { email: "Close email", chat: "End chat", case: "Close case" };

const channelOf = (c, party) => c.channels.find((ch) => ch.party === party);

const isIn = (c, party, phase) => c.channels.some((ch) => ch.party === party && ch.phase === phase);

// label is the text of the button for a step; the party is named where several could take it.
function label(c, { step, party }, several) {
  const ending = step === "hangup" && endings[c.medium];
  if (ending) return several && channelOf(c, party)?.role === "agent" ? `Leave as ${party}` : ending;
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
async function step(id, word, body, done) {
  try {
    done(await post(`/conversations/${part(id)}/${part(word)}`, body));
  } catch (error) {
    const words = (error.answer?.allowed ?? []).map((a) => a.step);
    note(words.length ? `${error.message} (possible now: ${[...new Set(words)].join(", ")})` : error.message, { bad: true });
  }
}
