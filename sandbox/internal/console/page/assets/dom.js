// dom.js makes elements, notes and dialogs. Text never becomes markup, so a response of a consumer
// cannot run as code.

// visible is a text in which control characters, and those that change the direction of text, are escaped as in JSON. Line breaks
// and tabs stay.
export function visible(text) {
  return String(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufff9-\ufffb]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

// el makes an element. Properties with "on" are listeners, "class" and "data-…" and "aria-…" are
// attributes, true and false set or leave out an attribute, the rest are properties.
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (name === "text") node.textContent = visible(value);
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : name === "title" || name.startsWith("aria-") ? visible(value) : value);
  }
  node.append(...children.flat(2).filter((c) => c !== null && c !== undefined && c !== false).map((c) => c instanceof Node ? c : visible(c)));
  return node;
}

// svg makes an element of a drawing.
export function svg(tag, attributes = {}, text) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = visible(text);
  return node;
}

let named = 0;

// field is a label with its control.
export function field(label, control, hint) {
  control.id ||= `field-${++named}`;
  const parts = [el("label", { for: control.id, text: label }), control];
  if (hint) {
    control.setAttribute("aria-describedby", `${control.id}-hint`);
    parts.push(el("small", { id: `${control.id}-hint`, text: hint }));
  }
  return el("div", { class: "field" }, parts);
}

// choice is a select of [value, text] pairs or plain words.
export function choice(options, value, props = {}) {
  const node = el("select", props, options.map((o) => {
    const [v, text] = Array.isArray(o) ? o : [o, o];
    return el("option", { value: v, text });
  }));
  if (value !== undefined) node.value = value;
  return node;
}

// button makes a button.
export function button(text, onclick, props = {}) {
  return el("button", { type: "button", text, onclick, ...props });
}

// note shows a line for a while, also to screen readers; href makes it a link.
export function note(text, { href, bad } = {}) {
  const notes = document.getElementById("notes");
  const line = el("p", { class: bad ? "bad" : null }, bad ? "⚠ " : "", href ? el("a", { href, text }) : text);
  notes.append(line);
  while (notes.children.length > 4) notes.firstChild.remove();
  setTimeout(() => line.remove(), bad ? 12000 : 6000);
}

// attempt runs a request and shows its error, if any. One that was given up, since another view was opened for instance, is none.
export async function attempt(ask) {
  try {
    return await ask();
  } catch (error) {
    if (error.name !== "AbortError") note(error.message, { bad: true });
    return undefined;
  }
}

// dialog shows a modal with a heading; the browser keeps the focus inside and gives it back.
// It resolves to the value of the button that closed it, "" for Escape.
export function dialog(title, content, buttons = [["", "Close"]], valid = () => true) {
  return new Promise((resolve) => {
    const heading = el("h2", { id: `dialog-${++named}`, text: title });
    const form = el("form", { method: "dialog", novalidate: true }, heading, content,
      el("div", { class: "row end" }, buttons.map(([value, text], i) =>
        el("button", { value, text, class: value && i === buttons.length - 1 ? "primary" : null }))));
    const box = el("dialog", { "aria-labelledby": heading.id }, form);
    form.addEventListener("submit", async (event) => {
      const value = event.submitter?.value ?? "";
      event.preventDefault();
      if (value && !(await valid(value))) return;
      box.close(value);
    });
    box.addEventListener("close", () => {
      box.remove();
      resolve(box.returnValue);
    });
    document.body.append(box);
    box.showModal();
    // The default is the first button; the first thing to fill in is better.
    box.querySelector("input, select, textarea")?.focus();
  });
}

// confirmed asks before an action that cannot be undone.
export async function confirmed(title, text, yes) {
  return (await dialog(title, el("p", { text }), [["", "Cancel"], ["yes", yes]])) === "yes";
}

// copy copies text to the clipboard, or shows it where the browser does not allow that.
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    note("Copied.");
  } catch {
    const area = el("textarea", { rows: 8, readonly: true, "aria-label": "Text to copy", value: text });
    await dialog("Copy this", area);
  }
}
