// tabs.js is a worker that reads the events for all tabs, and hands them on.

import { read } from "./stream.js";

const most = 500; // events that a tab may not have handled yet; it misses further ones
const tabs = new Set();
let connected; // undefined until that is known

function send(tab, message) {
  if (tab.asleep || tab.unread >= most) {
    tab.missed = true;
    return;
  }
  tab.unread++;
  tab.port.postMessage(message);
}

// handled has a tab catch up that has missed some: it loads everything anew.
function handled(tab) {
  tab.unread = Math.max(0, tab.unread - 1);
  if (!tab.missed || tab.asleep || tab.unread > 0) return;
  tab.missed = false;
  send(tab, { block: "event: missed" });
}

const says = {
  read: handled,
  asleep: (tab) => { tab.asleep = true; },
  awake: (tab) => { tab.asleep = false; handled(tab); },
  gone: (tab) => tabs.delete(tab),
};

addEventListener("connect", ({ ports: [port] }) => {
  const tab = { port, unread: 0, missed: false, asleep: false };
  tabs.add(tab);
  port.onmessage = ({ data }) => says[data]?.(tab);
  if (connected !== undefined) port.postMessage({ connected });
});

const tell = (now) => {
  connected = now;
  for (const tab of tabs) tab.port.postMessage({ connected });
};

read({
  opened: () => tell(true), lost: () => tell(false), signal: new AbortController().signal,
  take: (block) => {
    for (const tab of tabs) send(tab, { block });
  },
});
