// tryit.js shows consumer code to copy, with the URL and secret of a subscription filled in.

import { el, button, choice, field, attempt, copy } from "./dom.js";
import { get } from "./api.js";
import { secretOf } from "./secrets.js";
import { languages } from "./snippets.js";
import { bind, change } from "./address.js";

export async function mount(root, { signal, at }) {
  const answer = await attempt(() => Promise.all([get("/subscriptions", signal), get("/state", signal)]));
  if (!answer || signal.aborted) return;
  const [{ subscriptions }, state] = answer;
  const target = choice(subscriptions.map((s) => [s.subscription_id, `${s.name} (${s.url})`]));
  const secret = el("input", { type: "text", autocomplete: "off", spellcheck: "false", class: "mono", size: 46 });
  const tabs = el("div", { role: "tablist", "aria-label": "Languages", class: "tabs" });
  const panel = el("div", { role: "tabpanel", id: "snippet", tabindex: "0", "aria-labelledby": "" });
  let chosen = languages.find((l) => l.id === at.values.get("code")) ?? languages[0];
  const choose = (language) => {
    chosen = language;
    change({ code: language === languages[0] ? "" : language.id });
    show();
  };

  const show = () => {
    const s = subscriptions.find((one) => one.subscription_id === target.value);
    const known = secret.value.trim();
    const url = s?.url ?? "http://127.0.0.1:8080/events";
    for (const tab of tabs.children) {
      const on = tab.id === `tab-${chosen.id}`;
      tab.setAttribute("aria-selected", on);
      tab.tabIndex = on ? 0 : -1;
    }
    panel.setAttribute("aria-labelledby", `tab-${chosen.id}`);
    const code = chosen.code(url, known || "PUT-THE-SECRET-HERE");
    panel.replaceChildren(
      el("p", {}, `${chosen.needs} Save it as `, el("code", { text: chosen.file }), ", then:"),
      el("pre", { text: chosen.run, tabindex: "0", "aria-label": "Commands" }),
      el("div", { class: "row end" }, button("Copy the code", () => copy(code))),
      el("pre", { class: "code", text: code, tabindex: "0", "aria-label": `Consumer in ${chosen.name}` }));
  };
  languages.forEach((language) => tabs.append(el("button", {
    type: "button", role: "tab", id: `tab-${language.id}`, "aria-controls": "snippet", text: language.name,
    onclick: () => choose(language),
  })));
  tabs.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    choose(languages[(languages.indexOf(chosen) + step + languages.length) % languages.length]);
    tabs.querySelector(`#tab-${chosen.id}`).focus();
  });
  const fill = () => { secret.value = secretOf(target.value); show(); };
  bind("subscription", target, fill, subscriptions[0]?.subscription_id);
  secret.addEventListener("input", show);

  root.append(el("div", { class: "page" }, el("h1", { text: "Try it" }),
    el("ol", { class: "steps" },
      el("li", {}, "Subscribe your consumer: ", el("a", { href: "#/subscriptions", text: "Subscriptions" }), ". Its secret is shown once."),
      el("li", { text: "Start one of the consumers below: it checks every signature." }),
      el("li", {}, "Start a ", el("a", { href: "#/conversations", text: "conversation" }), ", then ring an agent, answer, hold."),
      el("li", {}, "See requests and responses: ", el("a", { href: "#/deliveries", text: "Deliveries" }), ".")),
    subscriptions.length ? el("div", { class: "row" }, field("Subscription", target), field("Secret", secret, "Filled in until this page is closed; otherwise paste it. It stays in this page."))
      : el("div", { class: "empty" }, el("p", {}, "No subscription yet, so the code has a placeholder. ", el("a", { href: "#/subscriptions", text: "Create one" }), ".")),
    el("h2", { text: "A consumer" }), tabs, panel,
    el("h2", { text: "The management API" }),
    el("p", { text: "As with the real API: get a token, then manage subscriptions. The client secret was printed at the first start of the sandbox." }),
    el("pre", { tabindex: "0", "aria-label": "Commands for the management API", text: curl(state) })));
  fill();
}

function curl(state) {
  return [
    `TOKEN=$(curl -s ${state.token_url} \\`,
    `  -d grant_type=client_credentials -d client_id=${state.client_id} -d client_secret=YOUR-CLIENT-SECRET \\`,
    `  -d 'scope=admin:read admin:write' | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
    `curl -s ${state.api_base}/subscriptions -H "Authorization: Bearer $TOKEN" \\`,
    `  -H 'Accept: application/vnd.newvoicemedia.v1+json'`,
  ].join("\n");
}
