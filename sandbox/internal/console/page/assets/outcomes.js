// outcomes.js knows what became of the events of conversations that can be seen: to whom they were sent, and how that went.

import { get, query } from "./api.js";
import { on } from "./live.js";
import { standing, worst } from "./format.js";

const most = 200; // conversations that are known
const mostEvents = 2000; // of each of them
const page = 1000; // notifications or deliveries that are asked for
const atOnce = 2; // conversations that are asked for at the same time
const calm = 150; // ms: what is only scrolled past is not asked for

export class Outcomes {
  // changed is called when more is known.
  constructor(changed, signal) {
    Object.assign(this, { changed, signal, known: new Map(), asking: 0, timer: 0 });
    on("notification", (n) => this.with(n.conversation_id, (c) => this.accepted(c, n, n.deliveries)), signal);
    on("delivery", (d) => this.with(d.notification_detail?.conversation_id, (c) => this.delivered(c, d)), signal);
    for (const kind of ["again", "reset"]) on(kind, () => { this.known.clear(); changed(); }, signal);
  }

  // of is what is known of a conversation. It is asked for if that is nothing yet.
  of(id) {
    let c = this.known.get(id);
    if (!c) {
      c = { events: new Map(), version: 0, asked: false };
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), calm);
    }
    this.known.delete(id); // what was wanted last is forgotten last
    this.known.set(id, c);
    if (this.known.size > most) this.known.delete(this.known.keys().next().value);
    return c;
  }

  // ask asks for the conversations that were wanted last.
  ask() {
    for (const [id, c] of [...this.known].reverse()) {
      if (this.asking >= atOnce || this.signal.aborted) return;
      if (!c.asked) this.load(id, c);
    }
  }

  // load asks for a conversation, unless that is being done.
  load(id, c) {
    c.asked = true;
    return c.loading ??= this.fetch(id, c);
  }

  async fetch(id, c) {
    this.asking++;
    const wanted = query({ conversation: id, limit: page });
    const answers = await Promise.all([get(`/notifications${wanted}`, this.signal), get(`/deliveries${wanted}`, this.signal)]).catch(() => null);
    this.asking--;
    if (!answers) return void setTimeout(() => { c.asked = false; c.loading = undefined; }, 5000); // the next look asks again
    const [{ notifications }, { deliveries, next }] = answers;
    const from = next ? 1 + Math.min(...deliveries.map((d) => d.notification)) : 0; // of earlier ones, deliveries may be missing
    for (const n of notifications) if (n.number >= from) this.accepted(c, n, 0);
    for (const d of deliveries.reverse()) this.delivered(c, d);
    c.version++;
    this.changed();
    this.ask();
  }

  // with hands news of a conversation on, if it is known.
  with(id, f) {
    const c = id && this.known.get(id);
    if (!c) return;
    f(c);
    c.version++;
    this.changed();
  }

  event(c, id) {
    let known = c.events.get(id);
    if (!known) {
      if (c.events.size >= mostEvents) c.events.delete(c.events.keys().next().value);
      c.events.set(id, known = { notification: 0, wanted: 0, to: new Map() });
    }
    return known;
  }

  // accepted notes a notification that so many subscriptions get.
  accepted(c, n, wanted) {
    const known = this.event(c, n.id);
    known.notification = n.number;
    known.type = n.type;
    known.wanted = Math.max(known.wanted, wanted);
    known.dropped = n.fault === "drop";
  }

  // delivered notes how a delivery stands. Of several of a notification to one subscription the newest counts; one with an expired token
  // says something only if it was accepted.
  delivered(c, d) {
    if (d.kind === "expired" && d.state !== "wrongly-accepted") return;
    const known = this.event(c, d.notification_detail.id);
    const key = `${d.notification} ${d.subscription_id}`;
    if ((known.to.get(key)?.number ?? 0) > d.number) return;
    known.notification ||= d.notification;
    known.to.set(key, { number: d.number, subscription: d.subscription_id, state: standing(d) });
  }

  // unheard are the notifications that nobody got, the oldest first.
  unheard(c) {
    return [...c.events.values()].filter((n) => n.type && !n.wanted && !n.to.size && !n.dropped).sort((a, b) => a.notification - b.notification);
  }

  // versions are what is known of the one or two notifications of an event.
  versions(c, event) {
    return [event.id, event.also].map((id) => c.events.get(id)).filter(Boolean);
  }

  // opens is what shows the deliveries of an event: the number of the worst one, or n and that of its notification if nobody got it;
  // undefined: it is not known.
  opens(c, event) {
    const versions = this.versions(c, event);
    const all = versions.flatMap((known) => [...known.to.values()]);
    if (!all.length) return versions[0]?.notification && !versions[0].wanted ? `n${versions[0].notification}` : undefined;
    const state = worst(all.map((d) => d.state));
    return String(all.find((d) => d.state === state).number);
  }

  // became is the worst state of the deliveries of an event; undefined: it is not known.
  became(c, event) {
    const all = this.versions(c, event).flatMap((known) => {
      const states = [...known.to.values()].map((d) => d.state);
      if (states.length < known.wanted) states.push("waiting");
      return states.length ? states : [known.dropped ? "dropped" : "nobody-got-this"];
    });
    return all.length ? worst(all) : undefined;
  }
}
