// lanes.js draws the lanes of one conversation: a lane per channel, a bar per phase, a tick per
// event. Open bars grow; everything else is drawn once.

import { el, svg } from "./dom.js";
import { ms, span, look, shape, word } from "./format.js";
import { tick, focusable, find } from "./ticks.js";

export const laneHeight = 26;
const bar = { // top and height: the shape tells the phase, too
  alerting: [8, 4], connected: [2, 16], held: [7, 12], parked: [7, 12], interrupted: [7, 12],
  unexpected: [2, 16], wrap: [5, 10],
};
const steps = [5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200, 86400].map((s) => s * 1000);

// windowOf is the length of time that the lanes of a conversation show: the shortest round one
// that its life fits in, so that bars grow and do not shrink at every moment.
export function windowOf(life) {
  return steps.find((s) => s >= life) ?? life * 1.2;
}

// lanes draws all lanes of a conversation into node, width pixels wide, as they are at now. became is the state of an event's deliveries.
export function lanes(node, conversation, width, now, became = () => undefined) {
  const began = beginning(conversation);
  const scale = width / windowOf(now - began);
  const focused = node.contains(document.activeElement) && document.activeElement.event?.id;
  node.replaceChildren(...conversation.channels.map((channel) => {
    const drawing = svg("svg", { class: "lane", width, height: laneHeight, role: "group", "aria-label": described(channel) });
    drawing.append(svg("line", { class: "ground", x1: 0, x2: width, y1: 20.5, y2: 20.5 }));
    for (const stay of channel.stays ?? []) {
      if (stay.phase === "ended" || stay.phase === "new") continue;
      drawing.append(...stayed(stay, began, scale, now));
    }
    for (const event of channel.events ?? []) {
      const x = Math.min(width - 1, Math.max(0.5, (ms(event.at) - began) * scale));
      drawing.append(tick(event, x, ms(event.at) - began, became(event)));
    }
    focusable(drawing);
    return el("div", { class: "lane-row" },
      el("span", { class: "party", title: channel.role }, channel.party || channel.role,
        el("span", { class: "phase", text: ` ${conversation.over && channel.phase !== "ended" ? "stopped" : channel.phase}` })),
      drawing);
  }));
  grow(node, conversation, width, now);
  if (!focused) return;
  const again = find(node, focused);
  if (again) focusable(again.closest(".lane"), again);
  again?.focus({ preventScroll: true });
}

// stayed is the bar of one phase, with its name where it fits.
function stayed(stay, began, scale, now) {
  const [top, height] = bar[stay.phase] ?? [4, 12];
  const x = Math.max(0, (ms(stay.from) - began) * scale);
  const end = ms(stay.to);
  const length = Math.max(1, ((end || now) - ms(stay.from)) * scale);
  const rect = svg("rect", { class: `bar p-${stay.phase}`, x, y: top, height, width: length, rx: 1.5 });
  rect.append(svg("title", {}, `${stay.phase}${end ? ` for ${span(end - ms(stay.from))}` : ""}`));
  if (!end) rect.setAttribute("data-open", ms(stay.from));
  const parts = [rect];
  if (end && length > 66 && height >= 12) {
    parts.push(svg("text", { class: `on-${stay.phase}`, x: x + 4, y: top + height / 2 + 3.5 }, stay.phase));
  }
  return parts;
}

// grow extends the open bars to now. It reports whether the scale still fits.
export function grow(node, conversation, width, now) {
  const began = beginning(conversation);
  const length = windowOf(now - began);
  const fits = node.dataset.window === undefined || Number(node.dataset.window) === length;
  node.dataset.window = length;
  for (const rect of node.querySelectorAll("rect[data-open]")) {
    rect.setAttribute("width", Math.max(1, (now - Number(rect.dataset.open)) * width / length).toFixed(1));
  }
  return fits;
}

// beginning is the first moment that the lanes show.
export function beginning(conversation) {
  if (conversation.first === undefined) {
    const moments = conversation.channels.flatMap((c) => (c.stays ?? []).map((s) => ms(s.from)));
    conversation.first = moments.length ? Math.min(...moments) : ms(conversation.began);
  }
  return conversation.first;
}

// latest is the last moment that is known of a conversation.
export function latest(conversation) {
  const moments = conversation.channels.flatMap((c) => (c.stays ?? []).flatMap((s) => [ms(s.from), ms(s.to)]));
  return Math.max(0, ...moments);
}

// described is a lane in words, for screen readers.
function described(channel) {
  const past = (channel.stays ?? []).filter((s) => ms(s.to)).map((s) => `${s.phase} ${span(ms(s.to) - ms(s.from))}`);
  return [`${channel.party || channel.role}, ${channel.role}: now ${channel.phase}`, ...past].join(", ");
}

// legend explains the shapes and colours.
export function legend() {
  return el("ul", { class: "legend", "aria-label": "Phases, and deliveries of events" },
    Object.entries(bar).filter(([p]) => p !== "unexpected").map(([phase, [top, height]]) => {
      const drawing = svg("svg", { width: 18, height: 20, "aria-hidden": "true" });
      drawing.append(svg("rect", { class: `bar p-${phase}`, x: 0, y: top, width: 18, height, rx: 1.5 }));
      return el("li", {}, drawing, ` ${phase}`);
    }),
    ["delivered", "retrying", "failed", "nobody-got-this"].map((state) => {
      const drawing = svg("svg", { width: 10, height: 20, "aria-hidden": "true" });
      const mark = svg("g", { class: `tick ${look(state)}` });
      mark.append(svg("path", { transform: "translate(5 11)", d: shape(state) }));
      drawing.append(mark);
      return el("li", {}, drawing, ` ${word(state)}`);
    }));
}
