// reference.js shows what is known of the API: what each part is, how sure that is, and what shows it.

import { el, field, attempt } from "./dom.js";
import { get, part } from "./api.js";
import { bind, link, read } from "./address.js";

let entries = null; // of all subjects, while the page is open

export async function mount(root, { signal, at }) {
  const wanted = at.rest.join("/");
  const filter = el("input", { type: "search", "data-filter": true, placeholder: "name or words" });
  const list = el("div", { class: "groups" });
  const side = el("section", { class: "library", "aria-label": "Subjects" },
    el("div", { class: "bar-top" }, el("h2", { text: "Reference" })), field("Filter", filter), list);
  const workspace = el("section", { class: "workspace", "aria-label": "Explanation" });
  root.append(el("h1", { class: "sr", text: "Reference" }), el("div", { class: "split scenarios" }, side, workspace));
  root.lastChild.classList.toggle("chosen", wanted !== "");

  entries ??= (await attempt(() => get("/explain", signal)))?.entries;
  if (!entries || signal.aborted) return;
  const show = () => {
    const words = filtered.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = entries.filter((e) => words.every((w) => `${e.subject} ${e.group} ${e.is} ${e.sure}`.toLowerCase().includes(w)));
    list.replaceChildren(...[...new Set(hits.map((e) => e.group))].flatMap((group) => [
      el("h3", { text: group[0].toUpperCase() + group.slice(1) }),
      el("ul", { class: "names" }, hits.filter((e) => e.group === group).map((e) => el("li", {},
        el("a", { href: about(e.subject), "aria-current": e.subject === wanted ? "true" : null },
          el("strong", { text: e.subject }), el("span", { class: "tag", text: e.sure }), el("span", { class: "story", text: e.is })))))]));
    if (!hits.length) list.append(el("p", { class: "quiet", text: "No subject matches the filter." }));
  };
  const filtered = bind("q", filter, show);
  show();
  list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  if (wanted === "") {
    workspace.append(el("div", { class: "empty" }, el("p", {}, el("strong", { text: "Choose a subject." })),
      el("p", { text: "What it is, what holds, how sure that is and where it is documented." })));
    return;
  }
  const found = await attempt(() => get(`/explain?subject=${part(wanted)}`, signal));
  if (!found || signal.aborted) return;
  workspace.append(el("a", { class: "back", href: "#/reference", text: "‹ All" }), ...found.entries.map(entry));
}

// about is the address of what is known of a subject, with the filter as it is.
const about = (subject) => link("reference", [subject], { q: read().values.get("q") });

// listed are links with commas between them.
const listed = (links) => links.flatMap((a, i) => (i ? [", ", a] : [a]));

function entry(e) {
  const scenarios = e.scenarios.map((s) => {
    const name = s.split(" ")[0];
    return el("span", {}, el("a", { href: `#/scenarios/${part(name)}`, text: name }), s.slice(name.length));
  });
  const rows = [
    ["Why", e.why], ["How to mend it", e.mend], ["Switch", e.switches.join(", ")], ["Shown by", scenarios.length && listed(scenarios)],
    ["See also", e.see.length && listed(e.see.map((s) => el("a", { href: about(s), text: s })))],
  ].filter(([, value]) => value);
  return el("article", {}, el("h2", { text: e.subject }), el("p", { class: "quiet", text: e.group }), el("p", { text: e.is }),
    el("ul", { class: "rules" }, e.rules.map((r) => el("li", {}, r.text,
      el("br"), el("span", { class: "quiet", text: r.source ? `${r.sure}: ${r.source}` : r.sure })))),
    el("dl", { class: "facts" }, rows.map(([name, value]) => el("div", {}, el("dt", { text: name }), el("dd", {}, value)))));
}
