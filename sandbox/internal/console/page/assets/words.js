// words.js says moments, durations and names as people do.

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

// time is the hour of a moment; "" if there is none.
export function time(moment) {
  const at = ms(moment);
  return at ? clock.format(at) : "";
}

// ms is a moment in milliseconds, 0 if there is none.
export function ms(moment) {
  const at = moment ? Date.parse(moment) : 0;
  return at > 0 ? at : 0; // the year 1 stands for no moment
}

// span says a duration in milliseconds: 7 s, 1:05, 2:00:07.
export function span(milliseconds) {
  const all = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  if (h) return `${h}:${two(m)}:${two(s)}`;
  return m ? `${m}:${two(s)}` : `${s} s`;
}

// latency says microseconds.
export function latency(us) {
  if (!us) return "";
  return us < 10000 ? `${(us / 1000).toFixed(1)} ms` : `${Math.round(us / 1000)} ms`;
}

// short is the beginning of an identifier.
export function short(id) {
  return id ? id.slice(0, 8) : "";
}

// kind is a type without what all types have: held v0.
export function kind(type) {
  return type.replace(/^channel\./, "").replace(/\.(v\d+)$/, " $1");
}

// capital makes the first letter a capital.
export function capital(word) {
  return word ? word[0].toUpperCase() + word.slice(1) : "";
}

// states are the deliveries' states with a sign, since colour alone tells not everybody.
export const states = {
  waiting: ["◷", "waiting"],
  delivered: ["✓", "delivered"],
  failed: ["✕", "failed"],
  cancelled: ["–", "cancelled"],
};

// state says how a delivery stands; one that failed and waits is a retry.
export function state(delivery) {
  const [sign, word] = states[delivery.state] ?? ["?", delivery.state];
  if (delivery.state === "waiting" && delivery.attempts > 0) return `↻ retry`;
  return `${sign} ${word}`;
}

// outcome is the last answer in two or three words.
export function outcome(delivery) {
  if (delivery.status) return String(delivery.status);
  return delivery.attempts ? delivery.failure || "no answer" : "";
}
