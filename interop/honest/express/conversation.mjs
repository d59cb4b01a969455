// What happened in a conversation? Its channels, and its figures.
import { timeline } from "./timeline.mjs";

const TICKS = 10_000_000; // in a second
const FOREVER = 1n << 62n;

export function conversation(events) {
  const channels = new Map();
  for (const event of events) {
    const channel = channels.get(event.channel)
      ?? { id: event.channel, interaction: event.interaction, role: event.role, agent: event.agent, events: [] };
    channel.events.push(event);
    channels.set(channel.id, channel);
  }
  for (const channel of channels.values()) channel.stays = timeline(channel.events);
  const all = [...channels.values()];
  return { channels: all.map(tell), ...figures(all, events[0].at) };
}

function tell(channel) {
  const seconds = {};
  for (const { phase } of channel.stays) {
    if (phase !== "ended") seconds[phase] = inPhase([channel], phase);
  }
  return {
    channelId: channel.id,
    interactionId: channel.interaction,
    agentId: channel.agent,
    role: channel.role,
    phase: channel.stays.at(-1)?.phase,
    seconds,
    notifications: channel.events.length,
  };
}

// Seconds of channels in a phase: of all their stays that are over.
function inPhase(channels, phase) {
  let ticks = 0n;
  for (const stay of channels.flatMap((channel) => channel.stays)) {
    if (stay.phase === phase && stay.to !== null) ticks += stay.to - stay.from;
  }
  return Number(ticks) / TICKS;
}

function figures(channels, begin) {
  const agents = channels.filter((c) => c.role === "agent");
  const customers = channels.filter((c) => c.role === "external");
  const boxes = channels.filter((c) => c.role === "voicemail");

  const meetings = [];
  agents.forEach((agent, i) => {
    for (const other of [...customers, ...agents.slice(i + 1)]) meetings.push(...meets(agent, other));
  });
  const answer = meetings.reduce((first, at) => (first === null || at < first ? at : first), null);
  const recorded = boxes.some((box) => customers.some((customer) => meets(box, customer).length > 0));
  const talked = agents.filter(wasConnected);

  return {
    answered: answer !== null,
    abandoned: answer === null && !recorded && customers.some(wasConnected)
      && customers.every((c) => c.stays.at(-1)?.phase === "ended"),
    seconds_to_answer: answer === null ? null : Number(answer - begin) / TICKS,
    talk: inPhase(agents, "connected"),
    hold: inPhase(customers, "held"),
    wrap: inPhase(agents, "wrap"),
    agents: new Set(talked.map((c) => c.agent).filter((agent) => agent !== null)).size,
    transfers: talked.filter((c) => tookOver(c, talked)).length,
  };
}

const stretches = (channel) => channel.stays.filter((stay) => stay.phase === "connected");
const wasConnected = (channel) => stretches(channel).length > 0;
const leftAt = (channel) => channel.stays.find((stay) => stay.phase === "wrap" || stay.phase === "ended")?.from ?? FOREVER;

// The moments at which two channels begin to be connected at the same time, for longer than a moment.
function meets(a, b) {
  const found = [];
  for (const x of stretches(a)) {
    for (const y of stretches(b)) {
      const from = x.from > y.from ? x.from : y.from;
      const to = [x.to ?? FOREVER, y.to ?? FOREVER].reduce((p, q) => (p < q ? p : q));
      if (to > from) found.push(from);
    }
  }
  return found;
}

function tookOver(channel, talked) {
  const since = stretches(channel)[0].from;
  const before = talked.filter((other) => other !== channel
    && other.interaction.toLowerCase() === channel.interaction.toLowerCase()
    && stretches(other)[0].from < since);
  return before.length > 0 && before.every((other) => leftAt(other) < leftAt(channel));
}
