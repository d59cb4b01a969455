// filter.js is which deliveries are wanted: what is chosen above the list, and what links choose, as the address has it.

import { el, choice, field } from "./dom.js";
import { bind, change, read } from "./address.js";
import { states, word, short } from "./format.js";
import { Search, terms } from "./search.js";
import { Range } from "./range.js";

export class Filter {
  // changed is called when somebody chooses something else.
  constructor(changed) {
    this.changed = () => { this.tag(); changed(); };
    this.search = new Search(this.changed);
    this.range = new Range(this.changed);
    const controls = {
      type: el("input", { type: "search", placeholder: "channel.held.*", size: 16 }),
      state: choice([["", "all"], ...states.map((s) => [s, word(s)])]),
      target: choice([["", "all"]]),
    };
    this.target = controls.target;
    this.bound = Object.fromEntries(Object.entries(controls).map(([name, control]) => [name, bind(name, control, this.changed)]));
    this.linked = Object.fromEntries(["conversation", "run"].map((name) => [name, read().values.get(name) ?? ""]));
    this.tags = el("div", { class: "tags", role: "group", "aria-label": "Filters in force", hidden: true });
    this.fields = [this.search.field, field("Type", controls.type), field("State", controls.state), field("Target", controls.target)];
    this.tag();
  }

  // setTargets offers the subscriptions, names by their IDs.
  setTargets(targets) {
    this.target.replaceChildren(el("option", { value: "", text: "all" }), ...[...targets].map(([id, name]) => el("option", { value: id, text: name })));
    this.bound.target.show();
    this.names = targets;
    this.tag();
  }

  // wanted is the filter as the API takes it.
  wanted() {
    const { from, until } = this.range.values;
    return { search: this.search.value, from, until, type: this.bound.type.value, state: this.bound.state.value, subscription: this.bound.target.value, ...this.linked };
  }

  // first is the filter for the first page, which may begin at a moment.
  first() {
    return { ...this.wanted(), at: this.range.values.at };
  }

  // isSearch reports whether only the server can tell what matches.
  isSearch() {
    return Object.values({ search: this.search.value, ...this.range.values }).some(Boolean);
  }

  // isSet reports whether anything is left out.
  isSet() {
    return Object.values(this.first()).some(Boolean);
  }

  // follow takes the filter from the address, and reports whether it is another one.
  follow() {
    let other = [this.search, this.range, ...Object.values(this.bound)].map((b) => b.follow()).some(Boolean);
    for (const name of Object.keys(this.linked)) {
      const value = read().values.get(name) ?? "";
      other ||= value !== this.linked[name];
      this.linked[name] = value;
    }
    if (other) this.tag();
    return other;
  }

  // inForce lists what is filtered by: the text of each part, and what takes it away.
  inForce() {
    const { type, state, target } = this.bound;
    const one = (name, value, text) => (value ? [[text, () => change({ [name]: "" })]] : []);
    return [
      ...terms(this.search.value).map((text, i) => [text, () => this.search.without(i)]),
      ...one("type", type.value, `type ${type.value}`), ...one("state", state.value, word(state.value)),
      ...one("target", target.value, `target ${this.names?.get(target.value) ?? short(target.value)}`),
      ...Object.entries(this.linked).flatMap(([name, id]) => one(name, id, `${name} ${short(id)}`)),
      ...this.range.words().flatMap(([name, text]) => one(name, text, text)),
    ];
  }

  // tag shows what is filtered by, each to be taken away by a click, or by Delete.
  tag() {
    const all = this.inForce();
    this.tags.hidden = !all.length;
    this.tags.replaceChildren(...all.map(([text, without], i) => {
      const take = () => {
        without();
        if (this.follow()) this.changed();
        (this.tags.children[Math.min(i, this.tags.children.length - 1)] ?? this.search.box).focus();
      };
      return el("button", {
        type: "button", class: "tag", text: `${text} ✕`, title: text, "aria-label": `Remove the filter ${text}`, onclick: take,
        onkeydown: (event) => { if (event.key === "Delete" || event.key === "Backspace") take(); },
      });
    }));
  }

  // clear takes all of it away.
  clear() {
    change(Object.fromEntries([...Object.keys(this.first()), "target", "subscription"].map((name) => [name, ""])));
    if (this.follow()) this.changed();
    this.search.box.focus();
  }

  // fits reports whether a delivery matches, as the server would, but for what isSearch is about.
  fits(d) {
    const w = this.wanted();
    const n = d.notification_detail ?? {};
    const pattern = new RegExp(`^${w.type.split("*").map((s) => s.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*")}$`);
    return (!w.type || pattern.test(n.type ?? "")) && (!w.state || d.state === w.state) &&
      (!w.subscription || d.subscription_id === w.subscription) && (!w.conversation || n.conversation_id === w.conversation) && (!w.run || n.run === w.run);
  }
}
