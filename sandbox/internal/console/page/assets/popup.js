// popup.js is the list of words that the editor suggests.

import { el } from "./dom.js";

const lineHeight = 20;

export class Popup {
  // take gets the word that was chosen.
  constructor(area, box, take) {
    this.area = area;
    this.take = take;
    this.words = [];
    this.list = el("ul", { class: "popup", role: "listbox", id: "words", "aria-label": "Words", hidden: true });
    this.status = el("span", { class: "sr", role: "status" });
    box.append(this.list, this.status);
    area.setAttribute("aria-autocomplete", "list");
    area.setAttribute("aria-controls", "words");
    // Before the text field loses the focus, which would close the list.
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const item = event.target.closest("li");
      if (item) this.choose([...this.list.children].indexOf(item));
    });
  }

  // open shows words below the end of before, the text up to where the word begins.
  open(words, before) {
    this.words = words;
    if (!words.length) return this.close();
    this.list.replaceChildren(...words.map((w, i) => el("li", { role: "option", id: `word-${i}` },
      el("strong", { text: w.word }), el("span", { class: "quiet", text: ` ${w.says ?? ""}` }))));
    const lines = before.split("\n");
    const left = this.area.offsetLeft + 8 + lines.at(-1).length * this.charWidth() - this.area.scrollLeft;
    this.list.style.top = `${8 + lines.length * lineHeight - this.area.scrollTop}px`;
    this.list.style.left = `${Math.min(left, Math.max(0, this.area.clientWidth - 200))}px`;
    this.list.hidden = false;
    this.status.textContent = `${words.length} words`;
    this.select(0);
  }

  // charWidth is the width of a character of the text field, measured once.
  charWidth() {
    if (!this.width) {
      const context = document.createElement("canvas").getContext("2d");
      context.font = getComputedStyle(this.area).font;
      this.width = context.measureText("0000000000").width / 10;
    }
    return this.width;
  }

  select(index) {
    this.index = (index + this.words.length) % this.words.length;
    [...this.list.children].forEach((li, i) => li.setAttribute("aria-selected", i === this.index));
    this.list.children[this.index].scrollIntoView({ block: "nearest" });
    this.area.setAttribute("aria-activedescendant", `word-${this.index}`);
  }

  close() {
    this.list.hidden = true;
    this.words = [];
    this.status.textContent = "";
    this.area.removeAttribute("aria-activedescendant");
  }

  choose(index) {
    const word = this.words[index];
    this.close();
    this.take(word);
  }

  // press reports whether the key was for the list.
  press(event) {
    if (this.list.hidden) return false;
    switch (event.key) {
      case "ArrowDown": this.select(this.index + 1); break;
      case "ArrowUp": this.select(this.index - 1); break;
      case "Enter": case "Tab": this.choose(this.index); break;
      case "Escape": this.close(); break;
      default: return false;
    }
    event.preventDefault();
    return true;
  }
}
