// Works out what a conversation looks like.
import { life, seconds } from "./phases.mjs";
import { BEGINS } from "./reading.mjs";
import { conversations } from "./storing.mjs";
import { M } from "./settings.mjs";

const connectedIn = (c) => c.stays.filter((s) => s.phase === "connected");
const max = (a, b) => (a > b ? a : b);
function meetings(a, b) {
  const found = [];
  for (const x of connectedIn(a))
    for (const y of connectedIn(b)) {
      const at = max(x.begin, y.begin);
      if ([x.end, y.end].every((end) => end === undefined || end > at)) found.push(at);
    }
  return found;
}
const least = (all) => all.reduce((m, x) => (m === undefined || x < m ? x : m), undefined);
const FOREVER = 1n << 62n;
const leftAt = (c) => least(c.stays.filter((s) => s.phase === "wrap" || s.phase === "ended").map((s) => s.begin)) ?? FOREVER;

function figures(channels) {
  const agents = channels.filter((c) => c.role === "agent");
  const customers = channels.filter((c) => c.role === "external");
  const answered = least(agents.flatMap((a) => [...customers, ...agents].flatMap((c) => (a === c ? [] : meetings(a, c)))));
  const recorded = channels.some((v) => v.role === "voicemail" && customers.some((c) => meetings(v, c).length));
  const took = agents.filter((c) => connectedIn(c).length);
  const first = least(channels.filter((c) => c.stays.length).map((c) => c.stays[0].begin));
  const sum = (of, phase) => of.reduce((s, c) => s + seconds(c.stays, phase), 0);
  const ended = customers.every((c) => c.stays.at(-1)?.phase === "ended");
  const abandoned = M === "abandoned-unless-answered"
    ? answered === undefined && ended
    : answered === undefined && !recorded && customers.some((c) => connectedIn(c).length) && ended;
  return {
    answered: answered !== undefined,
    abandoned,
    seconds_to_answer: answered === undefined ? null : Number(answered - first) / 1e7,
    talk: sum(agents, "connected"),
    hold: sum(customers, "held"),
    wrap: sum(agents, "wrap"),
    agents: new Set(took.map((c) => c.agent)).size,
    transfers: took.filter((c) => {
      const before = took.filter((o) => o.interaction === c.interaction && connectedIn(o)[0].begin < connectedIn(c)[0].begin);
      return before.length > 0 && before.every((o) => leftAt(o) < leftAt(c));
    }).length,
  };
}

export function state(conversation) {
  const found = conversations.get(conversation.toLowerCase());
  if (!found) return null;
  const channels = [...found].map(([channel, events]) => {
    const { interaction, role, agent } = events[0];
    return { channel, interaction, role, agent, stays: life(events), events };
  });
  return {
    channels: channels.map((c) => {
      const phases = new Set(c.stays.map((s) => s.phase));
      phases.delete("ended");
      const lastCame = c.events.filter((e) => BEGINS[e.kind]).at(-1);
      return {
        channelId: c.channel, interactionId: c.interaction, role: c.role, agentId: c.agent,
        phase: (M === "last-writes-phase" ? lastCame && BEGINS[lastCame.kind] : c.stays.at(-1)?.phase) ?? null,
        seconds: Object.fromEntries([...phases].map((p) => [p, seconds(c.stays, p)])),
        notifications: c.events.length,
      };
    }),
    ...figures(channels),
  };
}
