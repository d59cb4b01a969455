// filter.js is which deliveries are wanted: what is chosen above the list, and what links choose, as the address has it.

import { el, choice, field } from "./dom.js";
import { bind, change, read } from "./address.js";
import { states, word, short } from "./format.js";

export class Filter {
  // changed is called when somebody chooses something else.
  constructor(changed) {
    this.changed = changed;
    const controls = {
      type: el("input", { type: "search", "data-filter": true, placeholder: "channel.held.*", size: 16 }),
      state: choice([["", "all"], ...states.map((s) => [s, word(s)])]),
      target: choice([["", "all"]]),
    };
    this.target = controls.target;
    this.bound = Object.fromEntries(Object.entries(controls).map(([name, control]) => [name, bind(name, control, changed)]));
    this.linked = Object.fromEntries(["conversation", "run"].map((name) => [name, read().values.get(name) ?? ""]));
    this.tags = el("span", { class: "tags" });
    this.fields = [field("Type", controls.type), field("State", controls.state), field("Target", controls.target)];
    this.tag();
  }

  // setTargets offers the subscriptions, names by their IDs.
  setTargets(targets) {
    this.target.replaceChildren(el("option", { value: "", text: "all" }), ...[...targets].map(([id, name]) => el("option", { value: id, text: name })));
    this.bound.target.show();
  }

  // wanted is the filter as the API takes it.
  wanted() {
    return { type: this.bound.type.value, state: this.bound.state.value, subscription: this.bound.target.value, ...this.linked };
  }

  // isSet reports whether anything is left out.
  isSet() {
    return Object.values(this.wanted()).some(Boolean);
  }

  // follow takes the filter from the address, and reports whether it is another one.
  follow() {
    let other = Object.values(this.bound).map((b) => b.follow()).some(Boolean);
    for (const name of Object.keys(this.linked)) {
      const value = read().values.get(name) ?? "";
      other ||= value !== this.linked[name];
      this.linked[name] = value;
    }
    if (other) this.tag();
    return other;
  }

  // tag shows what links have chosen, to be given up.
  tag() {
    this.tags.replaceChildren(...Object.entries(this.linked).filter(([, id]) => id).map(([name, id]) => el("button", {
      type: "button", class: "tag", text: `${name} ${short(id)} ✕`, title: id, "aria-label": `Show all, not only of this ${name}`,
      onclick: () => {
        change({ [name]: "" });
        if (this.follow()) this.changed();
      },
    })));
  }

  // fits reports whether a delivery matches, as the server would.
  fits(d) {
    const w = this.wanted();
    const n = d.notification_detail ?? {};
    const pattern = new RegExp(`^${w.type.split("*").map((s) => s.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*")}$`);
    return (!w.type || pattern.test(n.type ?? "")) && (!w.state || d.state === w.state) &&
      (!w.subscription || d.subscription_id === w.subscription) && (!w.conversation || n.conversation_id === w.conversation) && (!w.run || n.run === w.run);
  }
}
