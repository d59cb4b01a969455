// editor.js is a text field for scenarios with line numbers, problems marked at their lines, and
// completion.

import { el } from "./dom.js";
import { get, ask } from "./api.js";
import { Words } from "./completion.js";
import { Popup } from "./popup.js";

let schema; // asked for once

export class Editor {
  // changed gets each answer of a check, and the text that was checked.
  constructor(text, signal, changed) {
    this.signal = signal;
    this.changed = changed;
    this.onrun = () => {};
    this.set = () => undefined; // values of parameters
    this.gutter = el("pre", { class: "gutter", "aria-hidden": "true" });
    this.area = el("textarea", {
      id: "yaml", class: "yaml mono", spellcheck: "false", autocomplete: "off", autocapitalize: "off", wrap: "off",
      "aria-describedby": "yaml-help yaml-problems", value: text,
    });
    this.state = el("p", { class: "state", role: "status" });
    this.list = el("ul", { class: "problems", id: "yaml-problems" });
    this.box = el("div", { class: "editor" }, this.gutter, this.area);
    this.popup = new Popup(this.area, this.box, (word) => this.insert(word));
    this.node = el("div", { class: "editing" }, el("label", { for: "yaml", text: "Scenario (YAML)" }), this.box,
      el("p", { class: "quiet sr", id: "yaml-help", text: "Press Ctrl+Space to suggest words, Ctrl+Enter to run." }), this.state, this.list);
    this.marks = new Map();
    this.area.addEventListener("input", () => { this.typed(); this.suggest(false); });
    this.area.addEventListener("scroll", () => { this.gutter.scrollTop = this.area.scrollTop; this.popup.close(); });
    this.area.addEventListener("keydown", (event) => this.press(event));
    this.area.addEventListener("blur", () => this.popup.close());
    signal.addEventListener("abort", () => clearTimeout(this.timer));
  }

  text() {
    return this.area.value;
  }

  async start() {
    this.number();
    this.check();
    schema ??= await get("/schema").catch(() => undefined);
    if (schema) this.words = new Words(schema);
  }

  typed() {
    this.number();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), 250);
  }

  async check() {
    this.asked?.abort();
    const asked = this.asked = new AbortController();
    const text = this.text();
    try {
      const answer = await ask("/scenarios/check", { yaml: text, set: this.set() }, asked.signal);
      if (this.signal.aborted) return;
      this.problems(answer.problems ?? []);
      this.changed(answer, text);
    } catch (error) {
      if (error.name !== "AbortError") this.state.textContent = `⚠ not checked: ${error.message}`;
    }
  }

  // problems marks them at their lines and lists them, each a button that jumps there.
  problems(all) {
    this.marks = new Map(all.map((f) => [f.line, f.text]));
    this.area.setAttribute("aria-invalid", all.length > 0);
    const text = all.length ? `✕ ${all.length} ${all.length === 1 ? "problem" : "problems"}` : "✓ valid";
    if (this.state.textContent !== text) this.state.textContent = text;
    this.state.className = `state ${all.length ? "bad" : "good"}`;
    this.list.replaceChildren(...all.map((f) => el("li", {}, el("button", {
      type: "button", onclick: () => this.jump(f.line, f.column), text: `Line ${f.line}, column ${f.column}: ${f.text}${f.hint ? ` (${f.hint})` : ""}`,
    }))));
    this.number();
  }

  number() {
    const lines = this.text().split("\n").length;
    const parts = [];
    for (let i = 1; i <= lines; i++) {
      const bad = this.marks.get(i);
      parts.push(el("span", { class: bad ? "bad" : null, title: bad, text: `${bad ? "✕" : ""}${i}\n` }));
    }
    this.gutter.replaceChildren(...parts);
    this.box.style.setProperty("--lines", Math.min(30, Math.max(8, lines + 1)));
    this.gutter.scrollTop = this.area.scrollTop;
  }

  jump(line, column) {
    const lines = this.text().split("\n");
    const before = lines.slice(0, line - 1).reduce((sum, l) => sum + l.length + 1, 0);
    // Columns count characters, and the text field counts UTF-16 units.
    const at = before + [...(lines[line - 1] ?? "")].slice(0, column - 1).join("").length;
    const end = before + (lines[line - 1] ?? "").length;
    this.area.focus();
    this.area.setSelectionRange(at, Math.max(at, end));
    this.area.scrollTop = (line - 4) * 20;
  }

  suggest(asked) {
    const at = this.area.selectionStart;
    const found = this.words?.at(this.text().slice(0, at));
    if (!found || (!asked && found.typed === "")) return this.popup.close();
    const words = found.words.filter((w) => w.word.startsWith(found.typed) && w.word !== found.typed);
    this.typedLength = found.typed.length;
    this.popup.open(words.slice(0, 40), this.text().slice(0, at - found.typed.length));
  }

  insert(word) {
    const at = this.area.selectionStart;
    this.area.setRangeText(word.insert, at - this.typedLength, at, "end");
    this.typed();
  }

  press(event) {
    if (this.popup.press(event)) return;
    if (event.ctrlKey && event.key === " ") {
      event.preventDefault();
      this.suggest(true);
    } else if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      event.preventDefault();
      this.onrun();
    } else if (event.key === "Enter" && !event.isComposing) {
      const line = this.text().slice(0, this.area.selectionStart).split("\n").at(-1);
      const indent = /^ */.exec(line)[0] + (/:\s*$/.test(line) && !/^ *- /.test(line) ? "  " : "");
      if (!indent) return;
      event.preventDefault();
      this.area.setRangeText(`\n${indent}`, this.area.selectionStart, this.area.selectionEnd, "end");
      this.typed();
    }
  }
}
