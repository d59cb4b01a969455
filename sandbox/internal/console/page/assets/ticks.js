// ticks.js draws the events of a lane: each has a tick with the shape and the colour of what became of its deliveries. Hundreds may be seen
// at once, so that none has a listener of its own.

import { svg } from "./dom.js";
import { kind, span, look, shape, word } from "./format.js";

// tick draws an event at x, which happened some time after the start of its conversation.
export function tick(event, x, after, state) {
  const node = svg("g", { class: "tick", transform: `translate(${x} 0)`, role: "button", tabindex: "-1" });
  node.append(svg("title"), svg("line", { y1: 0, y2: 17.5 }), svg("path", { transform: "translate(0 21) scale(1.2)" }));
  node.event = event;
  node.what = `${kind(event.type)}, ${span(after)} after the start`;
  paint(node, state);
  return node;
}

// paint shows what became of the deliveries of a tick; undefined: that is not known yet.
export function paint(node, state) {
  if (node.state === state && node.getAttribute("aria-label")) return;
  node.state = state;
  const text = state ? `${node.what}: ${word(state)}` : node.what;
  node.setAttribute("class", `tick ${look(state)}`);
  node.setAttribute("aria-label", text);
  node.firstChild.textContent = text;
  node.lastChild.setAttribute("d", shape(state));
}

// nearest is the tick that is meant by a click on a lane: thin as they are, one beside it counts, too.
export function nearest(target, x) {
  const direct = target.closest(".tick");
  if (direct) return direct;
  const lane = target.closest(".lane");
  if (!lane) return null;
  const away = (node) => Math.abs(node.getBoundingClientRect().x + node.getBoundingClientRect().width / 2 - x);
  const best = [...lane.querySelectorAll(".tick")].map((node) => [away(node), node]).sort((a, b) => a[0] - b[0])[0];
  return best && best[0] < 9 ? best[1] : null;
}

// find is the tick of an event in the row of its conversation.
export function find(row, id) {
  return [...row?.querySelectorAll(".tick") ?? []].find(({ event }) => event.id === id || event.also === id);
}

// focusable lets Tab come to one tick of a lane, the one that had the focus last or else the newest; arrows move to the others.
export function focusable(lane, chosen = [...lane.querySelectorAll(".tick")].at(-1)) {
  for (const node of lane.querySelectorAll('.tick[tabindex="0"]')) node.setAttribute("tabindex", "-1");
  chosen?.setAttribute("tabindex", "0");
}
