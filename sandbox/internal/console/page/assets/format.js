// format.js formats times, durations, numbers and names.

const hour = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
const clock = new Intl.DateTimeFormat(undefined, hour);
const dated = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", ...hour });
const number = new Intl.NumberFormat();

// count is a number with separators: 31,525.
export const count = (n) => number.format(n);

// time is the time of day of a moment, with the date unless it is today; "" if there is none.
export function time(moment) {
  const at = ms(moment);
  if (!at) return "";
  return (new Date(at).toDateString() === new Date().toDateString() ? clock : dated).format(at);
}

// ms is a moment in milliseconds, 0 if there is none.
export function ms(moment) {
  const at = moment ? Date.parse(moment) : 0;
  return at > 0 ? at : 0; // the year 1 stands for no moment
}

// span formats a duration in milliseconds: 7 s, 1:05, 2:00:07.
export function span(milliseconds) {
  const all = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  if (h) return `${h}:${two(m)}:${two(s)}`;
  return m ? `${m}:${two(s)}` : `${s} s`;
}

// latency formats microseconds: 0.9 ms, 250 ms, 10.0 s.
export function latency(us) {
  if (!us) return "";
  if (us >= 1e6) return `${(us / 1e6).toFixed(1)} s`;
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

// states are the states of deliveries with a sign, since not everybody sees the colours.
export const states = {
  waiting: ["◷", "waiting"],
  delivered: ["✓", "delivered"],
  failed: ["✕", "failed"],
  cancelled: ["–", "cancelled"],
};

// state is the state of a delivery; one that waits after a failed attempt is retrying.
export function state(delivery) {
  const [sign, word] = states[delivery.state] ?? ["?", delivery.state];
  if (delivery.state === "waiting" && delivery.attempts > 0) return "↻ retrying";
  return `${sign} ${word}`;
}

// outcome is the status of the last response, or why there was none.
export function outcome(delivery) {
  if (delivery.status) return String(delivery.status);
  return delivery.attempts ? delivery.failure || "no response" : "";
}
