// scenarios.js is the library of scenarios: run, change and store them.

import { el, button, choice, field, attempt, confirmed, note } from "./dom.js";
import { get, post, put, remove, part } from "./api.js";
import { Editor } from "./editor.js";
import { timeline } from "./timeline.js";
import { bind, link } from "./address.js";

const fresh = `name: my-story
story: A customer waits, is put on hold, and hangs up.
steps:
  - call: customer
  - queue: 5s..20s
  - ring: {agent: alice, for: 3s..8s}
  - talk: 45s
  - hold: 30s
  - talk: 20s
  - hangup: customer
  - wrap: 20s
`;

let drafts = new Map(); // texts that were changed and not stored, while the page is open

export async function mount(root, { signal, at }) {
  const wanted = at.rest[0] ?? "";
  const filter = el("input", { type: "search", "data-filter": true, placeholder: "name or words" });
  const list = el("ul", { class: "names" });
  const side = el("section", { class: "library", "aria-label": "Library" },
    el("div", { class: "bar-top" }, el("h2", { text: "Library" }), el("a", { class: "button", href: "#/scenarios/new", text: "New" })),
    field("Filter", filter), list);
  const workspace = el("section", { class: "workspace", "aria-label": "Scenario" });
  root.append(el("h1", { class: "sr", text: "Scenarios" }), el("div", { class: "split scenarios" }, side, workspace));
  root.lastChild.classList.toggle("chosen", wanted !== "");

  let all = [];
  const show = () => {
    const words = filtered.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = all.filter((s) => words.every((w) => `${s.name} ${s.story} ${s.kind} ${s.origin}`.toLowerCase().includes(w)));
    list.replaceChildren(...hits.map((s) => el("li", {},
      el("a", { href: link("scenarios", [s.name], { q: filtered.value }), "aria-current": s.name === wanted ? "true" : null },
        el("strong", { text: s.name }),
        s.kind === "workload" ? el("span", { class: "tag", text: "workload" }) : null,
        s.origin === "stored" ? el("span", { class: "tag", text: "stored" }) : null,
        el("span", { class: "story", text: s.story })))));
    if (!hits.length) list.append(el("li", {}, el("p", { class: "quiet", text: "No scenario matches the filter." })));
  };
  const filtered = bind("q", filter, show);
  const load = async () => {
    all = (await attempt(() => get("/scenarios", signal)))?.scenarios ?? [];
    if (!signal.aborted) show();
  };
  await load();
  if (signal.aborted) return;
  list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  if (wanted === "") {
    workspace.append(el("div", { class: "empty" }, el("p", {}, el("strong", { text: "Choose a scenario." })),
      el("p", {}, "Preview it, change it, run it. Or ", el("a", { href: "#/scenarios/new", text: "write your own" }), ".")));
    return;
  }
  const s = wanted === "new" ? { name: "new", yaml: fresh, origin: "new" } : await attempt(() => get(`/scenarios/${part(wanted)}`, signal));
  if (s && !signal.aborted) work(workspace, s, signal, load);
}

// work fills the workspace with the editor of one scenario and its buttons.
function work(workspace, s, signal, reload) {
  const title = el("h2", { text: s.name });
  const story = el("p", { text: s.story ?? "" });
  const drawing = el("div", { class: "timeline" });
  const editor = new Editor(drafts.get(s.name) ?? s.yaml, signal, (answer, text) => {
    if (text === s.yaml) drafts.delete(s.name);
    else drafts.set(s.name, text);
    if (answer.name) title.textContent = answer.name;
    if (answer.story) story.textContent = answer.story;
    if (!answer.problems.length) showParams(answer.params);
    drawing.replaceChildren(timeline(answer));
  });
  const speed = choice(["1", "2", "5", "10", "20", "50", "100"].map((v) => [v, `${v} ×`]), "1");
  const seed = el("input", { type: "text", inputmode: "numeric", pattern: "[0-9]*", size: 8, placeholder: "any" });
  const versions = choice([["", "v0"], ["v1", "v1"], ["both", "v0 and v1"]], "");
  const order = choice([["", "as the sandbox"], ["conversation", "one after the other"], ["none", "none, in bursts"]], "");
  const count = el("input", { type: "number", min: 1, max: 100000, placeholder: "1" });
  count.className = "narrow";
  const params = el("div", { class: "row", role: "group", "aria-label": "Parameters", hidden: true });
  const inputs = new Map(); // of the parameters, by name; what was typed stays while the text changes
  const input = (name) => {
    if (!inputs.has(name)) inputs.set(name, el("input", { type: "text", size: 8, maxlength: 1000, oninput: () => editor.typed() }));
    return inputs.get(name);
  };
  let shown = "";
  const showParams = (all) => {
    const names = all.map((p) => p.name);
    if (names.join() !== shown) { // else the focus stays
      shown = names.join();
      params.hidden = names.length === 0;
      params.replaceChildren(...names.map((name) => field(`$${name}`, input(name))));
    }
    for (const p of all) if (input(p.name).value === "") input(p.name).placeholder = p.value;
  };
  editor.set = () => {
    const given = [...inputs].filter(([, i]) => i.isConnected && i.value !== "").map(([name, i]) => [name, i.value]);
    return given.length ? Object.fromEntries(given) : undefined;
  };

  const run = async () => {
    if (!seed.reportValidity() || !count.reportValidity()) return;
    const options = {};
    if (versions.value) options.versions = versions.value;
    if (order.value) options.order = order.value;
    if (count.value) options.count = Number(count.value);
    const wish = { yaml: editor.text(), speed: Number(speed.value), options: { ...options, set: editor.set() } };
    if (seed.value) wish.seed = seed.value;
    try {
      const answer = await post("/runs", wish);
      note(`${answer.name} is running with seed ${answer.seed}. Watch it live →`, { href: link("runs", [answer.id]) });
    } catch (error) {
      if (error.answer?.problems) editor.problems(error.answer.problems);
      note(error.message, { bad: true });
    }
  };
  const save = async () => {
    const name = /^name:\s*(\S+)/m.exec(editor.text())?.[1] ?? "";
    if (!name) return note("The text needs a name: name: my-story", { bad: true });
    try {
      await put(`/scenarios/${part(name)}`, { yaml: editor.text() });
      drafts.delete(s.name);
      note(`Saved as ${name}.`);
      if (name === s.name) s.yaml = editor.text();
      else location.hash = `#/scenarios/${part(name)}`;
      await reload();
    } catch (error) {
      if (error.answer?.problems) editor.problems(error.answer.problems);
      note(error.status === 409 ? `${name} is built in: save yours under another name.` : error.message, { bad: true });
    }
  };
  const erase = async () => {
    if (!(await confirmed(`Delete ${s.name}`, "Delete the stored text? This cannot be undone.", "Delete"))) return;
    if ((await attempt(() => remove(`/scenarios/${part(s.name)}`))) !== undefined) location.hash = "#/scenarios";
  };

  workspace.append(
    el("div", { class: "bar-top" }, el("a", { class: "back", href: "#/scenarios", text: "‹ All" }), title), story,
    el("form", { class: "row run", onsubmit: (event) => { event.preventDefault(); run(); } },
      field("Speed", speed), field("Seed", seed), field("Versions", versions), field("Order", order), field("Count", count), params,
      el("button", { class: "primary", text: "Run" }), button("Save", save),
      s.origin === "stored" ? button("Delete…", erase, { class: "danger" }) : null),
    editor.node, el("h3", { text: "Preview (seed 1)" }), drawing);
  editor.onrun = run;
  editor.start();
}
