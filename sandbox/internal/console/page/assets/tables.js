// tables.js makes tables whose cells change in place, so that what is focused or read stays, and loads styles when they are needed.

import { el } from "./dom.js";

// Table has a heading and columns; numbers stand to the right.
export class Table {
  constructor(title, columns, { level = "h2", empty = "None." } = {}) {
    this.title = el(level, { text: title });
    this.head = el("tr", {}, columns.map((text) => el("th", { scope: "col", text })));
    this.body = el("tbody");
    this.box = el("div", { class: "table-box", tabindex: "0", role: "region", "aria-label": title }, el("table", { class: "figures" },
      el("thead", {}, this.head), this.body));
    this.empty = el("p", { class: "quiet", text: empty });
    this.node = el("section", { class: "part" }, this.title, this.box, this.empty);
    this.rows = new Map();
  }

  // set shows rows: each has a key and cells, which are texts, or { text, href, class, label }.
  set(rows) {
    this.box.hidden = rows.length === 0;
    this.empty.hidden = rows.length > 0;
    const known = this.rows;
    this.rows = new Map();
    for (const { key, cells } of rows) {
      const row = known.get(key) ?? el("tr", {}, cells.map((_, i) => el(i ? "td" : "th", i ? { class: "n" } : { scope: "row" })));
      cells.forEach((cell, i) => put(row.children[i], cell, i));
      this.rows.set(key, row);
    }
    const all = [...this.rows.values()];
    [...this.head.children].forEach((th, i) => { th.className = all[0]?.children[i].classList.contains("n") ? "n" : ""; }); // as the cells below it
    if (all.length !== this.body.children.length || all.some((row, i) => this.body.children[i] !== row)) this.body.replaceChildren(...all);
  }
}

// put changes a cell if it shows something else.
function put(node, cell, i) {
  const { text, href, look = "", label } = typeof cell === "object" ? cell : { text: String(cell) };
  node.className = `${i ? (/[^\d.,% /smµh–+-]/.test(text) ? "" : "n") : ""} ${look}`.trim();
  if (!href) {
    if (node.textContent !== text) node.replaceChildren(text);
    return;
  }
  const old = node.firstElementChild;
  if (!old) return node.replaceChildren(el("a", { href, text, "aria-label": label }));
  if (old.textContent !== text) old.textContent = text;
  if (old.getAttribute("href") !== href) old.setAttribute("href", href);
  if (label && old.getAttribute("aria-label") !== label) old.setAttribute("aria-label", label);
}

const loaded = new Map();

// styled resolves when a style of the page is there.
export function styled(href) {
  if (!loaded.has(href)) {
    loaded.set(href, new Promise((resolve) => {
      const sheet = el("link", { rel: "stylesheet", href, onload: resolve, onerror: resolve });
      document.head.append(sheet);
    }));
  }
  return loaded.get(href);
}
