// timeline.js draws the preview of a scenario: a lane per party, a bar per phase, a tick per event,
// and the same as a table for screen readers.

import { el, svg } from "./dom.js";
import { span, kind } from "./format.js";

const [left, height, width] = [110, 30, 900];

// timeline makes the drawing from what a check answered.
export function timeline({ lanes, timeline: rows, problems, kind: what }) {
  if (problems?.length) return el("p", { class: "quiet", text: "The preview appears when the text has no problems." });
  if (what === "workload") return el("p", { class: "quiet", text: "A workload mixes many conversations; run it and watch them live." });
  if (!lanes?.length) return el("p", { class: "quiet", text: "No conversation takes place." });
  const end = Math.max(1, ...rows.map((r) => r.at), ...lanes.flatMap((l) => (l.stays ?? []).map((s) => s.to)));
  const x = (at) => left + at / end * (width - left - 12);
  const drawing = svg("svg", { class: "play", viewBox: `0 0 ${width} ${lanes.length * height + 26}`, role: "img", "aria-label": `${lanes.length} parties, ${span(end)} long` });
  const place = new Map();
  lanes.forEach((lane, i) => {
    const y = i * height;
    place.set(lane.party, y);
    drawing.append(svg("text", { class: "label", x: 0, y: y + 18 }, lane.party || lane.role));
    drawing.append(svg("line", { class: "ground", x1: left, x2: width - 12, y1: y + 25.5, y2: y + 25.5 }));
    for (const stay of lane.stays ?? []) {
      if (stay.phase === "ended" || stay.phase === "new") continue;
      const long = Math.max(1.5, x(stay.to) - x(stay.from));
      const bar = svg("rect", { class: `bar p-${stay.phase}`, x: x(stay.from), y: y + 5, height: 16, width: long, rx: 1.5 });
      bar.append(svg("title", {}, `${stay.phase} for ${span(stay.to - stay.from)}`));
      drawing.append(bar);
      if (long > 64) drawing.append(svg("text", { class: `on-${stay.phase}`, x: x(stay.from) + 4, y: y + 17 }, stay.phase));
    }
  });
  for (const row of rows) {
    const y = place.get(row.party) ?? 0;
    const tick = svg("line", { class: "tick", x1: x(row.at), x2: x(row.at), y1: y + 2, y2: y + 25 });
    tick.append(svg("title", {}, `${kind(row.type)} after ${span(row.at)}`));
    drawing.append(tick);
  }
  for (let i = 0; i <= 4; i++) {
    drawing.append(svg("text", { class: "axis", x: x(end * i / 4), y: lanes.length * height + 18, "text-anchor": i === 4 ? "end" : "middle" }, span(end * i / 4)));
  }
  return el("div", {}, el("div", { class: "play-box", tabindex: "0", role: "group", "aria-label": "Preview" }, drawing), el("details", {}, el("summary", { text: `${rows.length} events as a table` }), table(rows)));
}

function table(rows) {
  return el("table", {}, el("thead", {}, el("tr", {}, ["After", "Party", "Role", "Event"].map((t) => el("th", { scope: "col", text: t })))),
    el("tbody", {}, rows.map((r) => el("tr", {}, [span(r.at), r.party, r.role, r.type].map((t) => el("td", { text: t ?? "" }))))));
}
