// search.js is the box for words and phrases, which may each be in one field, and what is wrong with them.

import { el, field } from "./dom.js";
import { bind, change } from "./address.js";

// terms splits what was typed as the server does: words, phrases in quotes, and either behind the name of a field.
export function terms(text) {
  return text.match(/[a-z]+:"[^"]*"?|"[^"]*"?|\S+/gi) ?? [];
}

export class Search {
  constructor(changed) {
    this.box = el("input", {
      type: "search", "data-filter": true, size: 30, maxlength: 256, spellcheck: "false", autocomplete: "off",
      placeholder: "+4420 status:503 said:busy", title: "Words, all of which a delivery has: type, party, agent, id, target, status and said, each with a colon, choose the field",
    });
    this.bound = bind("search", this.box, changed);
    this.mistake = el("p", { class: "mistake bad", id: "search-mistake", role: "alert", hidden: true });
    this.field = field("Search", this.box);
  }

  get value() { return this.bound.value; }

  follow() { return this.bound.follow(); }

  // without takes a term away.
  without(index) {
    change({ search: terms(this.value).filter((_, i) => i !== index).join(" ") });
  }

  // wrong shows what is wrong with what was typed or chosen; "" for nothing.
  wrong(text) {
    this.mistake.hidden = !text;
    this.mistake.textContent = text ? `⚠ ${text.replace(/^search: /, "")}` : "";
    const mine = text.startsWith("search: ");
    for (const [name, value] of [["aria-invalid", "true"], ["aria-describedby", this.mistake.id]]) {
      if (mine) this.box.setAttribute(name, value);
      else this.box.removeAttribute(name);
    }
  }
}
