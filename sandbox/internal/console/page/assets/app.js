// app.js switches views by the address, and handles the keyboard shortcuts.

import { el, button, dialog } from "./dom.js";
import * as live from "./live.js";
import { get } from "./api.js";
import { health } from "./health.js";
import { read, link } from "./address.js";

// Views are loaded when they are first shown; the conversations at once.
const views = {
  conversations: { title: "Conversations", load: () => import("./conversations.js"), keyed: "c" },
  deliveries: { title: "Deliveries", load: () => import("./deliveries.js"), keyed: "d" },
  scenarios: { title: "Scenarios", load: () => import("./scenarios.js"), keyed: "s" },
  runs: { title: "Runs", load: () => import("./runlist.js"), keyed: "n" },
  subscriptions: { title: "Subscriptions", load: () => import("./subscriptions.js"), keyed: "u" },
  reference: { title: "Reference", load: () => import("./reference.js"), keyed: "r" },
  tryit: { title: "Try it", load: () => import("./tryit.js"), keyed: "t" },
};

const main = document.getElementById("main");
let current = new AbortController();
let shown = "";
let follow; // what the view does when its address changes; undefined: it is shown anew

// route shows the view of the address.
async function route() {
  if (location.hash === "#main") return; // the skip link
  const at = read();
  const known = Object.hasOwn(views, at.view) ? at.view : "conversations";
  if (known === shown && follow) return follow(at);
  current.abort();
  current = new AbortController();
  const signal = current.signal;
  follow = undefined;
  const { hash } = location;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.view === known) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${views[known].title} · ringback`;
  const module = await views[known].load().catch(() => null);
  if (signal.aborted) return; // another view was opened meanwhile
  if (!module) return missing(known);
  main.replaceChildren();
  main.className = known;
  if (shown && shown !== known) main.focus({ preventScroll: true });
  shown = known;
  const mounted = await module.mount(main, { signal, at });
  if (signal.aborted) return;
  follow = mounted;
  if (location.hash !== hash) route(); // it has changed meanwhile
}

// missing says that a view could not be loaded. A browser does not try again by itself, so the page is loaded anew once the server is
// there: its address brings everything back.
function missing(name) {
  main.replaceChildren(el("div", { class: "empty" }, el("p", {}, el("strong", { text: `${views[name].title} could not be loaded.` })),
    el("p", { text: "It is shown as soon as the sandbox is back." }), button("Try again", () => location.reload())));
  shown = "";
  live.on("again", () => location.reload(), current.signal);
}

// The switch cycles through the system's theme, light and dark.
function themes() {
  const theme = document.getElementById("theme");
  const root = document.documentElement;
  const say = () => { theme.textContent = `Theme: ${root.dataset.theme ?? "auto"}`; };
  theme.addEventListener("click", () => {
    const next = { undefined: "light", light: "dark", dark: undefined }[root.dataset.theme];
    if (next) root.dataset.theme = next;
    else delete root.dataset.theme;
    try {
      if (next) localStorage.setItem("ringback.theme", next);
      else localStorage.removeItem("ringback.theme");
    } catch {
      // Then it lasts as long as the page.
    }
    say();
  });
  say();
}

const keys = [
  ["g then c", "Conversations"], ["g then d", "Deliveries"], ["g then s", "Scenarios"],
  ["g then n", "Runs"], ["g then u", "Subscriptions"], ["g then r", "Reference"], ["g then t", "Try it"], ["/", "go to the filter"],
  ["↑ ↓", "Conversations, Deliveries: previous or next row"],
  ["← →", "Conversations: previous or next button, or event of a lane"], ["Enter", "Deliveries: open the row; Conversations: open the event"],
  ["Escape", "close the dialog or pane"], ["Ctrl + Space", "Editor: suggest words"], ["Ctrl + Enter", "Editor: run"], ["?", "show this list"],
];

const off = () => {
  try {
    return localStorage.getItem("ringback.keys") === "off";
  } catch {
    return false;
  }
};

async function help() {
  if (document.querySelector("dialog[open]")) return;
  const box = el("input", { type: "checkbox", id: "keys-on" });
  box.checked = !off();
  box.addEventListener("change", () => {
    try {
      localStorage.setItem("ringback.keys", box.checked ? "on" : "off");
    } catch {
      // Then single keys stay on.
    }
  });
  await dialog("Keyboard", el("div", {},
    el("dl", { class: "keys" }, keys.map(([k, does]) => el("div", {}, el("dt", {}, el("kbd", { text: k })), el("dd", { text: does })))),
    el("label", { class: "check" }, box, " Enable single-key shortcuts")));
}

let prefix = 0; // when g was pressed
function press(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || off()) return;
  const target = event.target;
  if (target.closest("input, textarea, select, dialog, [contenteditable]")) return;
  const view = Object.entries(views).find(([, v]) => v.keyed === event.key);
  if (view && performance.now() - prefix < 1500) {
    location.hash = link(view[0]);
    event.preventDefault();
  } else if (event.key === "/") {
    main.querySelector("[data-filter]")?.focus();
    event.preventDefault();
  } else if (event.key === "?") {
    help();
    event.preventDefault();
  }
  prefix = event.key === "g" ? performance.now() : 0;
}

// The banner says what is wrong with the state of the sandbox.
function storage() {
  const banner = document.getElementById("storage");
  const say = ({ reason, paused }) => {
    banner.hidden = !reason;
    banner.textContent = reason ? `⚠ ${paused ? "Paused: " : ""}${reason}.` : "";
  };
  const load = () => get("/state").then((state) => say(state.storage ?? {}), () => {}); // without an answer, the other banner says so
  live.on("storage", say);
  live.on("again", load);
  load();
}

themes();
storage();
health(document.getElementById("health"), document.getElementById("health-said"));
document.getElementById("help").addEventListener("click", help);
document.addEventListener("keydown", press);
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
window.addEventListener("hashchange", route);
live.start(document.getElementById("gone"));
route();
