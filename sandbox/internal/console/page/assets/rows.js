// rows.js shows a long list: only visible rows have elements, so its length costs nothing.

import { el } from "./dom.js";

// Rows fills scroller, an element that scrolls. It needs: key(item), height(item) in pixels,
// make(item) → element, update(element, item). Items are given whole by set.
export class Rows {
  constructor(scroller, needs, signal) {
    this.scroller = scroller;
    this.needs = needs;
    this.items = [];
    this.tops = [0];
    this.nodes = new Map();
    this.sizer = el("div", { class: "sizer", ...(needs.role ? { role: needs.role } : {}) });
    scroller.append(this.sizer);
    let frame = 0;
    const later = () => { frame ||= requestAnimationFrame(() => { frame = 0; this.paint(); }); };
    scroller.addEventListener("scroll", later, { passive: true });
    const observer = new ResizeObserver(later);
    observer.observe(scroller);
    signal?.addEventListener("abort", () => observer.disconnect());
  }

  // set shows items. Visible rows keep their place.
  set(items) {
    const anchor = this.anchor();
    this.items = items;
    this.tops = [0];
    for (const item of items) this.tops.push(this.tops.at(-1) + this.needs.height(item));
    this.sizer.style.height = `${this.tops.at(-1)}px`;
    if (anchor) {
      const index = items.findIndex((item) => this.needs.key(item) === anchor.key);
      if (index >= 0) this.scroller.scrollTop = this.tops[index] - anchor.offset;
    }
    this.paint();
  }

  // anchor is the row with the focus, else the first that can be seen, unless the list is at its top.
  anchor() {
    const top = this.scroller.scrollTop;
    if (!this.items.length || top === 0) return null;
    const index = Math.max(0, this.at(top));
    const item = this.items[index];
    return item && { key: this.needs.key(item), offset: this.tops[index] - top };
  }

  // at is the index of the row that is y pixels below the beginning.
  at(y) {
    let [low, high] = [0, this.items.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.tops[middle + 1] <= y) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  paint() {
    const { key, make, update } = this.needs;
    const top = this.scroller.scrollTop;
    const first = Math.max(0, this.at(top) - 2);
    const last = Math.min(this.items.length, this.at(top + this.scroller.clientHeight) + 3);
    const wanted = [];
    for (let i = first; i < last; i++) wanted.push(i);
    // A row that has the focus stays, or the keyboard would be lost.
    const held = document.activeElement?.closest?.("[data-row]")?.dataset.row;
    const kept = held === undefined ? -1 : this.items.findIndex((item) => String(key(item)) === held);
    if (kept >= 0 && kept < first) wanted.unshift(kept);
    if (kept >= last) wanted.push(kept);

    const seen = new Set();
    wanted.forEach((i, place) => {
      const item = this.items[i];
      const id = String(key(item));
      seen.add(id);
      let node = this.nodes.get(id);
      if (!node) {
        node = make(item);
        node.dataset.row = id;
        this.nodes.set(id, node);
      }
      node.style.transform = `translateY(${this.tops[i]}px)`;
      node.style.height = `${this.needs.height(item)}px`;
      if (this.sizer.children[place] !== node) this.sizer.insertBefore(node, this.sizer.children[place] ?? null);
      update(node, item, i);
    });
    for (const [id, node] of this.nodes) {
      if (!seen.has(id)) {
        node.remove();
        this.nodes.delete(id);
      }
    }
  }

  // shown are the [item, element] pairs that exist now.
  *shown() {
    for (const item of this.items.slice(this.at(this.scroller.scrollTop), this.at(this.scroller.scrollTop + this.scroller.clientHeight) + 1)) {
      const node = this.nodes.get(String(this.needs.key(item)));
      if (node) yield [item, node];
    }
  }

  // reveal scrolls until row index can be seen, and returns its element.
  reveal(index) {
    if (index < 0 || index >= this.items.length) return null;
    const { scrollTop, clientHeight } = this.scroller;
    if (this.tops[index] < scrollTop) this.scroller.scrollTop = this.tops[index];
    else if (this.tops[index + 1] > scrollTop + clientHeight) this.scroller.scrollTop = this.tops[index + 1] - clientHeight;
    this.paint();
    return this.nodes.get(String(this.needs.key(this.items[index])));
  }
}
