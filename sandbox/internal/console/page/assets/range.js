// range.js chooses deliveries by their time: from when, until when, and the moment at which the list begins. In the address they are
// absolute, so that a link shows the same to everybody; the fields have the time of the browser.

import { el, button, field } from "./dom.js";
import { change, read } from "./address.js";
import { ms, time } from "./format.js";

const names = { from: "From", until: "Until", at: "Go to" };
const presets = [["Last 5 min", 5], ["Last 15 min", 15], ["Last hour", 60]];

// local is a moment as a field has it; "" for none.
function local(moment) {
  const at = ms(moment);
  return at ? new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 19) : "";
}

export class Range {
  constructor(changed) {
    this.values = {};
    this.fields = Object.fromEntries(Object.keys(names).map((name) => [name, el("input", {
      type: "datetime-local", step: "1",
      onchange: (event) => this.choose({ [name]: event.target.value && new Date(event.target.value).toISOString() }),
    })]));
    this.changed = changed;
    this.node = el("details", { class: "range" }, el("summary", { text: "Time" }), el("div", { class: "row" },
      Object.entries(this.fields).map(([name, input]) => field(names[name], input)),
      presets.map(([text, minutes]) => button(text, () => this.choose({ from: new Date(Date.now() - minutes * 60_000).toISOString(), until: "", at: "" })))));
    this.follow();
    this.node.open = Object.values(this.values).some(Boolean);
  }

  choose(values) {
    change(values);
    if (this.follow()) this.changed();
  }

  // follow takes the moments from the address, and reports whether they are others.
  follow() {
    let other = false;
    for (const [name, input] of Object.entries(this.fields)) {
      const value = read().values.get(name) ?? "";
      other ||= value !== (this.values[name] ?? "");
      this.values[name] = value;
      if (input.value !== local(value)) input.value = local(value);
    }
    return other;
  }

  // words are the moments that are chosen, by their names.
  words() {
    return Object.entries(this.values).filter(([, value]) => value).map(([name, value]) => [name, `${names[name]} ${time(value) || value}`]);
  }
}
