// nothing.js says what to do where there is no delivery to show.

import { el } from "./dom.js";

export function nothing(filtered) {
  if (filtered) return [el("p", { text: "No delivery matches the filter." })];
  return [el("p", {}, el("strong", { text: "Nothing sent yet." })),
    el("p", {}, "First ", el("a", { href: "#/subscriptions", text: "subscribe a consumer" }), ", then ",
      el("a", { href: "#/scenarios", text: "run a scenario" }), " or ", el("a", { href: "#/conversations", text: "start a conversation" }), ".")];
}
