// total.js shows how many deliveries there are that match, not only how many are loaded.

import { el } from "./dom.js";
import { get, query } from "./api.js";
import { every } from "./live.js";
import { count } from "./format.js";

export class Total {
  // wanted is the filter as the API takes it.
  constructor(wanted, signal) {
    this.wanted = wanted;
    this.signal = signal;
    this.node = el("span", { class: "count", role: "status" });
    this.later = every(1000, () => signal.aborted || this.load());
  }

  // load counts anew; what was asked for another filter is given up.
  async load() {
    this.asked?.abort();
    const asked = this.asked = new AbortController();
    this.signal.addEventListener("abort", () => asked.abort());
    try {
      const { total, complete } = await get(`/deliveries/count${query(this.wanted())}`, asked.signal);
      const text = `${complete ? "" : "over "}${count(total)} ${total === 1 ? "delivery" : "deliveries"}${complete ? "" : ", being indexed"}`;
      if (this.node.textContent !== text) this.node.textContent = text;
    } catch (error) {
      if (error.name !== "AbortError") this.node.textContent = ""; // the list tells what is wrong
    }
  }
}
